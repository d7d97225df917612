package io.heliosdb.replication.core.secret;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.TinkProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;

/**
 * A set of AES-256-GCM keys, as a Tink keyset. The newest key encrypts, all of them decrypt.
 * Immutable and thread-safe; {@link #toString} shows no key.
 */
public final class AeadKeys {

    private final KeysetHandle keyset;
    private final Aead aead;

    private AeadKeys(KeysetHandle keyset) throws GeneralSecurityException {
        this.keyset = keyset;
        this.aead = keyset.getPrimitive(RegistryConfiguration.get(), Aead.class);
    }

    /** A set with one new key. */
    public static AeadKeys generate() {
        try {
            AeadConfig.register();
            return new AeadKeys(
                    KeysetHandle.generateNew(
                            PredefinedAeadParameters.AES256_GCM, RegistryConfiguration.get()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no AES-256-GCM", e);
        }
    }

    /** The keys of this text, as {@link #writeNew} writes it. */
    public static AeadKeys parse(String json) {
        try {
            AeadConfig.register();
            return new AeadKeys(
                    TinkJsonProtoKeysetFormat.parseKeyset(
                            json, RegistryConfiguration.get(), InsecureSecretKeyAccess.get()));
        } catch (GeneralSecurityException e) {
            // Without the cause, which could quote the text.
            throw new IllegalArgumentException(
                    "the secret keys are not a Tink keyset in JSON with AEAD keys");
        }
    }

    public static AeadKeys read(Path file) {
        try {
            return parse(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException("secret keys not readable: " + file, e);
        }
    }

    /**
     * The keys that {@link #wrappedBy} encrypted.
     *
     * @throws GeneralSecurityException if it was with another master key, or for somebody else
     */
    static AeadKeys unwrap(byte[] wrapped, AeadKeys master, byte[] owner)
            throws GeneralSecurityException {
        return new AeadKeys(
                TinkProtoKeysetFormat.parseEncryptedKeyset(
                        wrapped, master.aead, owner, RegistryConfiguration.get()));
    }

    /** These keys, encrypted with the newest of those for this owner. */
    byte[] wrappedBy(AeadKeys master, byte[] owner) {
        try {
            return TinkProtoKeysetFormat.serializeEncryptedKeyset(
                    keyset, master.aead, owner, RegistryConfiguration.get());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("keys not encrypted", e);
        }
    }

    /** The keys with a new one before them, which encrypts from now on. */
    public AeadKeys rotated() {
        try {
            return new AeadKeys(
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
    public AeadKeys newestOnly() {
        try {
            return new AeadKeys(
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

    /** What Tink tells the keys apart by; no secret. */
    List<Integer> ids() {
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < keyset.size(); i++) {
            ids.add(keyset.getAt(i).getId());
        }
        return ids;
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

    /**
     * Encrypts with the newest key.
     *
     * @param binding what must be the same to decrypt it; not in the result
     */
    public byte[] encrypt(byte[] plain, byte[] binding) {
        try {
            return aead.encrypt(plain, binding);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("not encrypted", e);
        }
    }

    /**
     * @throws GeneralSecurityException if it was changed, bound to something else, or encrypted
     *     with another key
     */
    public byte[] decrypt(byte[] encrypted, byte[] binding) throws GeneralSecurityException {
        return aead.decrypt(encrypted, binding);
    }

    @Override
    public String toString() {
        return "AeadKeys[" + keyset.size() + "]";
    }
}
