package io.heliosdb.replication.control.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;

/**
 * A made-up secret with a public part: {@code hk_<id>_<256 random bits>}. Only a hash of the secret
 * part is ever stored; with that much randomness a slow hash would add nothing.
 */
public record Credential(String id, String secret) {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String PREFIX = "hk_";
    private static final int ID_BYTES = 6;
    private static final int SECRET_BYTES = 32;

    public static Credential generate() {
        return new Credential(hex(ID_BYTES), base64(SECRET_BYTES));
    }

    /** The parts of a key, if it looks like one. */
    public static Optional<Credential> parse(String key) {
        if (key.length() > 200 || !key.startsWith(PREFIX)) {
            return Optional.empty();
        }
        int end = key.indexOf('_', PREFIX.length());
        if (end < 0 || !key.substring(PREFIX.length(), end).matches("[0-9a-f]{12}")) {
            return Optional.empty();
        }
        return Optional.of(
                new Credential(key.substring(PREFIX.length(), end), key.substring(end + 1)));
    }

    /** What is shown once. */
    public String text() {
        return PREFIX + id + "_" + secret;
    }

    public byte[] hash() {
        return hash(secret);
    }

    public static byte[] hash(String secret) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(secret.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** In constant time. */
    public boolean matches(byte[] hash) {
        return MessageDigest.isEqual(hash(), hash);
    }

    private static String hex(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        StringBuilder text = new StringBuilder();
        for (byte b : random) {
            text.append(String.format("%02x", b));
        }
        return text.toString();
    }

    private static String base64(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    @Override
    public String toString() {
        return PREFIX + id + "_***";
    }
}
