package io.heliosdb.replication.core.secret;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TenantId;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The data keys of one tenant as a file: encrypted with a master key and bound to the tenant, or
 * what is left once they were destroyed. Files are named by a hash of the tenant's id, which may
 * have any characters.
 *
 * <pre>
 *   {"tenant": "acme", "keys": base64 of a Tink keyset encrypted with the master key}
 *   {"tenant": "acme", "destroyed": a {@link DestructionReceipt}}
 * </pre>
 *
 * @param wrapped null if they were destroyed
 */
record TenantKeyFile(
        TenantId tenant, byte @Nullable [] wrapped, @Nullable DestructionReceipt destroyed) {

    static final String SUFFIX = ".key";

    private static final ObjectMapper MAPPER = new ObjectMapper();

    static TenantKeyFile of(TenantId tenant, AeadKeys keys, AeadKeys master) {
        return new TenantKeyFile(tenant, keys.wrappedBy(master, owner(tenant)), null);
    }

    static TenantKeyFile destroyed(DestructionReceipt receipt) {
        return new TenantKeyFile(new TenantId(receipt.tenant()), null, receipt);
    }

    static Path path(Path directory, TenantId tenant) {
        return directory.resolve(hash(tenant.value().getBytes(UTF_8)).substring(0, 40) + SUFFIX);
    }

    static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] owner(TenantId tenant) {
        return ("heliosdb tenant key\n" + tenant.value()).getBytes(UTF_8);
    }

    /** Null if there is none. */
    static @Nullable TenantKeyFile read(Path file) {
        try {
            JsonNode json = MAPPER.readTree(Files.readString(file));
            return new TenantKeyFile(
                    new TenantId(json.path("tenant").asText()),
                    json.hasNonNull("keys") ? json.get("keys").binaryValue() : null,
                    json.hasNonNull("destroyed")
                            ? MAPPER.treeToValue(json.get("destroyed"), DestructionReceipt.class)
                            : null);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException | IllegalArgumentException e) {
            throw unreadable(file + " is not readable: " + e.getMessage(), e);
        }
    }

    /** Null if they were destroyed. */
    @Nullable AeadKeys keys(AeadKeys master) {
        byte[] some = wrapped;
        if (some == null) {
            return null;
        }
        try {
            return AeadKeys.unwrap(some, master, owner(tenant));
        } catch (GeneralSecurityException e) {
            throw unreadable(
                    "the data keys of tenant '"
                            + tenant
                            + "' cannot be decrypted: the master keys are not those that they were"
                            + " encrypted with, or the file was damaged",
                    e);
        }
    }

    /** Makes the file; false if somebody else has done so just now. Whole or not at all. */
    boolean writeNew(Path file) {
        Path next = written(file);
        try {
            Files.createLink(file, next);
            Files.delete(next);
            return true;
        } catch (FileAlreadyExistsException e) {
            next.toFile().delete();
            return false;
        } catch (IOException e) {
            throw unreadable(file + " cannot be written: " + e.getMessage(), e);
        }
    }

    /** Replaces the file, whole or not at all. */
    void replace(Path file) {
        Path next = written(file);
        try {
            Files.move(
                    next,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw unreadable(file + " cannot be written: " + e.getMessage(), e);
        }
    }

    private Path written(Path file) {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("tenant", tenant.value());
        if (wrapped != null) {
            json.put("keys", wrapped);
        }
        if (destroyed != null) {
            json.set("destroyed", MAPPER.valueToTree(destroyed));
        }
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Path next = file.resolveSibling("." + UUID.randomUUID());
            Files.createFile(
                    next,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
            Files.writeString(next, json.toString(), StandardOpenOption.SYNC);
            return next;
        } catch (IOException e) {
            throw unreadable(file + " cannot be written: " + e.getMessage(), e);
        }
    }

    static ReplicationException unreadable(String how, Exception cause) {
        return new ReplicationException(ErrorCode.KEYS_UNREADABLE, how, cause);
    }
}
