package io.heliosdb.replication.control.secret;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import io.heliosdb.replication.control.problem.ControlError;
import io.heliosdb.replication.control.problem.ControlException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.Map;

/**
 * The keys that secrets in the store are encrypted with: AES-256-GCM, a Tink keyset as JSON. The
 * newest key encrypts, all of them decrypt. Immutable; {@link #toString} shows no key.
 */
public final class SecretKeys {

    private final KeysetHandle keyset;
    private final Aead aead;

    private SecretKeys(KeysetHandle keyset) throws GeneralSecurityException {
        this.keyset = keyset;
        this.aead = keyset.getPrimitive(RegistryConfiguration.get(), Aead.class);
    }

    /** A keyset with one new key. */
    public static SecretKeys generate() {
        try {
            AeadConfig.register();
            return new SecretKeys(
                    KeysetHandle.generateNew(
                            PredefinedAeadParameters.AES256_GCM, RegistryConfiguration.get()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no AES-256-GCM", e);
        }
    }

    /** The keyset of this text, as {@link #write} writes it. */
    public static SecretKeys parse(String json) {
        try {
            AeadConfig.register();
            return new SecretKeys(
                    TinkJsonProtoKeysetFormat.parseKeyset(
                            json, RegistryConfiguration.get(), InsecureSecretKeyAccess.get()));
        } catch (GeneralSecurityException e) {
            // Without the cause, which could quote the text.
            throw new IllegalArgumentException(
                    "the secret keys are not a Tink keyset in JSON with AEAD keys");
        }
    }

    public static SecretKeys read(Path file) {
        try {
            return parse(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException("secret keys not readable: " + file, e);
        }
    }

    /** The keys with a new one before them, which encrypts from now on. */
    public SecretKeys rotated() {
        try {
            return new SecretKeys(
                    KeysetHandle.newBuilder(keyset)
                            .setConfiguration(RegistryConfiguration.get())
                            .addEntry(
                                    KeysetHandle.generateEntryFromParameters(
                                                    PredefinedAeadParameters.AES256_GCM)
                                            .withRandomId()
                                            .makePrimary())
                            .build());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no new key", e);
        }
    }

    /** Only the key that encrypts: once everything is encrypted with it. */
    public SecretKeys newestOnly() {
        try {
            return new SecretKeys(
                    KeysetHandle.newBuilder()
                            .setConfiguration(RegistryConfiguration.get())
                            .addEntry(
                                    KeysetHandle.importKey(keyset.getPrimary().getKey())
                                            .withFixedId(keyset.getPrimary().getId())
                                            .makePrimary())
                            .build());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no newest key", e);
        }
    }

    public int size() {
        return keyset.size();
    }

    /** Writes a new file that only its owner may read; never over an existing one. */
    public void writeNew(Path file) throws FileAlreadyExistsException {
        try {
            if (file.toAbsolutePath().getParent() != null) {
                Files.createDirectories(file.toAbsolutePath().getParent());
            }
            Files.createFile(
                    file,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, text(), StandardOpenOption.TRUNCATE_EXISTING);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException("secret keys not written: " + file, e);
        }
    }

    /** Replaces the file, whole or not at all. */
    public void replace(Path file) {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.deleteIfExists(next);
            writeNew(next);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("secret keys not written: " + file, e);
        }
    }

    private String text() {
        try {
            return TinkJsonProtoKeysetFormat.serializeKeyset(
                    keyset, RegistryConfiguration.get(), InsecureSecretKeyAccess.get());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("keyset not writable", e);
        }
    }

    /** Encrypts a secret of the owner of this id; elsewhere it cannot be decrypted. */
    public byte[] encrypt(String secret, String owner) {
        try {
            return aead.encrypt(
                    secret.getBytes(StandardCharsets.UTF_8),
                    owner.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("not encrypted", e);
        }
    }

    public String decrypt(byte[] secret, String owner) {
        try {
            return new String(
                    aead.decrypt(secret, owner.getBytes(StandardCharsets.UTF_8)),
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
        return "SecretKeys[" + keyset.size() + "]";
    }
}
