package io.heliosdb.replication.core.secret;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.config.EncryptionConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What people do with the keys of {@link TenantKeyFiles}. Running jobs notice within seconds. One
 * at a time for each directory, held by a lock on a file in it.
 */
public final class TenantKeyAdmin {

    private static final String RECEIPTS = "receipts.jsonl";
    private static final String LOCK = "lock";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path masterFile;
    private final Path directory;

    public TenantKeyAdmin(EncryptionConfig config) {
        this.masterFile = Path.of(config.masterKeys());
        this.directory = Path.of(config.dataKeys());
    }

    /**
     * One tenant's keys.
     *
     * @param keys how many there are: the newest encrypts; 0 if they were destroyed
     */
    public record Entry(TenantId tenant, int keys) {}

    public List<Entry> list() {
        AeadKeys master = TenantKeyFiles.readMaster(masterFile);
        List<Entry> entries = new ArrayList<>();
        for (TenantKeyFile file : all()) {
            AeadKeys keys = file.keys(master);
            entries.add(new Entry(file.tenant(), keys == null ? 0 : keys.size()));
        }
        return entries;
    }

    /** A new data key for the tenant; what the older ones encrypted stays readable. */
    public void rotate(TenantId tenant) {
        locked(
                () -> {
                    AeadKeys master = TenantKeyFiles.readMaster(masterFile);
                    TenantKeyFile.of(tenant, present(tenant, master).rotated(), master)
                            .replace(TenantKeyFile.path(directory, tenant));
                    return tenant;
                });
    }

    /**
     * Encrypts all data keys with the newest master key, and drops the others from its file: the
     * second step of a rotation, after {@code secret-keys add}. Idempotent.
     *
     * @return how many tenants there are
     */
    public int rewrap() {
        return locked(
                () -> {
                    AeadKeys master = TenantKeyFiles.readMaster(masterFile);
                    AeadKeys newest = master.newestOnly();
                    int count = 0;
                    for (TenantKeyFile file : all()) {
                        AeadKeys keys = file.keys(master);
                        if (keys != null) {
                            TenantKeyFile.of(file.tenant(), keys, newest)
                                    .replace(TenantKeyFile.path(directory, file.tenant()));
                            count++;
                        }
                    }
                    newest.replace(masterFile);
                    return count;
                });
    }

    /**
     * Destroys the tenant's data keys for ever; backups of the directory are not ours. Idempotent:
     * what a crash has left is finished, with the receipt of the first time.
     */
    public DestructionReceipt destroy(TenantId tenant, String who, String reason, Instant now) {
        return locked(
                () -> {
                    Path path = TenantKeyFile.path(directory, tenant);
                    Path gone = path.resolveSibling(path.getFileName() + ".gone");
                    TenantKeyFile file = TenantKeyFile.read(path);
                    if (file != null && file.destroyed() != null) {
                        wipe(gone);
                        return file.destroyed();
                    }
                    AeadKeys keys = present(tenant, TenantKeyFiles.readMaster(masterFile));
                    DestructionReceipt receipt =
                            new DestructionReceipt(
                                    tenant.value(),
                                    keys.ids(),
                                    TenantKeyFile.hash(file.wrapped()),
                                    now.toString(),
                                    who,
                                    reason);
                    keep(path, gone);
                    TenantKeyFile.destroyed(receipt).replace(path);
                    append(receipt);
                    wipe(gone);
                    return receipt;
                });
    }

    /** A key for a tenant whose keys were destroyed, so that it can be replicated again. */
    public void renew(TenantId tenant) {
        locked(
                () -> {
                    Path path = TenantKeyFile.path(directory, tenant);
                    TenantKeyFile file = TenantKeyFile.read(path);
                    if (file == null || file.destroyed() == null) {
                        throw refused("the keys of tenant '" + tenant + "' were not destroyed");
                    }
                    AeadKeys master = TenantKeyFiles.readMaster(masterFile);
                    TenantKeyFile.of(tenant, AeadKeys.generate(), master).replace(path);
                    return tenant;
                });
    }

    private AeadKeys present(TenantId tenant, AeadKeys master) {
        TenantKeyFile file = TenantKeyFile.read(TenantKeyFile.path(directory, tenant));
        AeadKeys keys = file == null ? null : file.keys(master);
        if (keys == null) {
            throw refused(
                    file == null
                            ? "tenant '" + tenant + "' has no data key"
                            : "the data keys of tenant '" + tenant + "' were destroyed");
        }
        return keys;
    }

    private static ReplicationException refused(String why) {
        return new ReplicationException(ErrorCode.CONFIG_INVALID, why);
    }

    private List<TenantKeyFile> all() {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(TenantKeyFile.SUFFIX))
                    .sorted()
                    .map(TenantKeyFile::read)
                    .toList();
        } catch (IOException e) {
            throw TenantKeyFile.unreadable(directory + " is not readable: " + e.getMessage(), e);
        }
    }

    /** A second name, under which the content can be overwritten once the first is replaced. */
    private static void keep(Path file, Path gone) {
        try {
            Files.deleteIfExists(gone);
            Files.createLink(gone, file);
        } catch (IOException e) {
            throw TenantKeyFile.unreadable(gone + " cannot be made: " + e.getMessage(), e);
        }
    }

    /** Overwrites before it deletes: some disks would keep the content. */
    private static void wipe(Path file) {
        if (!Files.exists(file)) {
            return;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate((int) channel.size()), 0);
            channel.force(true);
            Files.delete(file);
        } catch (IOException e) {
            throw TenantKeyFile.unreadable(file + " cannot be overwritten: " + e.getMessage(), e);
        }
    }

    private void append(DestructionReceipt receipt) {
        try {
            Files.write(
                    directory.resolve(RECEIPTS),
                    (text(receipt) + "\n").getBytes(UTF_8),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND,
                    StandardOpenOption.SYNC);
        } catch (IOException e) {
            throw TenantKeyFile.unreadable("receipt not written: " + e.getMessage(), e);
        }
    }

    /** A receipt as a line of JSON. */
    public static String text(DestructionReceipt receipt) {
        try {
            return MAPPER.writeValueAsString(receipt);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private <T> T locked(Supplier<T> change) {
        try {
            Files.createDirectories(directory);
            try (FileChannel channel =
                    FileChannel.open(
                            directory.resolve(LOCK),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE)) {
                channel.lock();
                T changed = change.get();
                Files.writeString(
                        directory.resolve(TenantKeyFiles.CHANGED), UUID.randomUUID().toString());
                return changed;
            }
        } catch (IOException e) {
            throw TenantKeyFile.unreadable(directory + ": " + e.getMessage(), e);
        }
    }
}
