package io.heliosdb.replication.core.signed;

/**
 * A secret that messages are signed with.
 *
 * @param id names it in the messages; 16 hexadecimal digits, not secret
 * @param secret 64 bytes, the block size of SHA-256; nobody may write to it
 */
public record SigningKey(String id, byte[] secret) {

    static final int BYTES = 64;

    public SigningKey {
        if (!id.matches("[0-9a-f]{16}") || secret.length != BYTES) {
            throw new IllegalArgumentException(
                    "signing key '" + id + "' of " + secret.length + " bytes");
        }
    }

    @Override
    public String toString() {
        return "SigningKey[" + id + "]";
    }
}
