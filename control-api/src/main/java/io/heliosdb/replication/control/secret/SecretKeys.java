package io.heliosdb.replication.control.secret;

import io.heliosdb.replication.control.problem.ControlError;
import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.core.secret.AeadKeys;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Map;

/**
 * The keys that secrets in the store are encrypted with, see {@link AeadKeys}. Immutable; {@link
 * #toString} shows no key.
 */
public final class SecretKeys {

    private final AeadKeys keys;

    private SecretKeys(AeadKeys keys) {
        this.keys = keys;
    }

    /** A set with one new key. */
    public static SecretKeys generate() {
        return new SecretKeys(AeadKeys.generate());
    }

    /** The keys of this text, as {@link #writeNew} writes it. */
    public static SecretKeys parse(String json) {
        return new SecretKeys(AeadKeys.parse(json));
    }

    public static SecretKeys read(Path file) {
        return new SecretKeys(AeadKeys.read(file));
    }

    /** The keys with a new one before them, which encrypts from now on. */
    public SecretKeys rotated() {
        return new SecretKeys(keys.rotated());
    }

    /** Only the key that encrypts: once everything is encrypted with it. */
    public SecretKeys newestOnly() {
        return new SecretKeys(keys.newestOnly());
    }

    public int size() {
        return keys.size();
    }

    /** Writes a new file that only its owner may read; never over an existing one. */
    public void writeNew(Path file) throws FileAlreadyExistsException {
        keys.writeNew(file);
    }

    /** Replaces the file, whole or not at all. */
    public void replace(Path file) {
        keys.replace(file);
    }

    /** Encrypts a secret of the owner of this id; elsewhere it cannot be decrypted. */
    public byte[] encrypt(String secret, String owner) {
        return keys.encrypt(
                secret.getBytes(StandardCharsets.UTF_8), owner.getBytes(StandardCharsets.UTF_8));
    }

    public String decrypt(byte[] secret, String owner) {
        try {
            return new String(
                    keys.decrypt(secret, owner.getBytes(StandardCharsets.UTF_8)),
                    StandardCharsets.UTF_8);
        } catch (GeneralSecurityException e) {
            throw new ControlException(
                    ControlError.SERVICE_UNAVAILABLE,
                    "the secret of "
                            + owner
                            + " cannot be decrypted: the secret keys are not those that it was"
                            + " encrypted with",
                    Map.of(),
                    e);
        }
    }

    @Override
    public String toString() {
        return "SecretKeys[" + keys.size() + "]";
    }
}
