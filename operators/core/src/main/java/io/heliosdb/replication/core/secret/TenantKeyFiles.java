package io.heliosdb.replication.core.secret;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.config.EncryptionConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Data keys in a directory, one file per tenant, and the master keys in a file of its own. Several
 * may use one directory, on several machines: who is first makes a tenant's key.
 *
 * <p>A thread of its own looks at one small file once a second; if {@link TenantKeyAdmin} has
 * changed anything, it reads the keys anew. {@link #of} may be called by one other thread.
 */
public final class TenantKeyFiles implements TenantKeys {

    /** Holds another text after each change. */
    static final String CHANGED = "changed";

    private static final Logger LOG = LoggerFactory.getLogger(TenantKeyFiles.class);
    private static final Duration LOOKS = Duration.ofSeconds(1);

    private final Path masterFile;
    private final Path directory;
    private final Map<TenantId, TenantCipher> ciphers = new ConcurrentHashMap<>();
    private final ScheduledExecutorService watcher;
    private volatile AeadKeys master;
    private String seen;

    private TenantKeyFiles(Path masterFile, Path directory, AeadKeys master) {
        this.masterFile = masterFile;
        this.directory = directory;
        this.master = master;
        this.seen = changes();
        this.watcher =
                Executors.newSingleThreadScheduledExecutor(
                        task -> {
                            Thread thread = new Thread(task, "tenant-keys");
                            thread.setDaemon(true);
                            return thread;
                        });
    }

    /**
     * @throws ReplicationException CONFIG_INVALID if the master keys are none
     */
    public static TenantKeyFiles open(EncryptionConfig config) {
        Path masterFile = Path.of(config.masterKeys());
        TenantKeyFiles keys =
                new TenantKeyFiles(masterFile, Path.of(config.dataKeys()), readMaster(masterFile));
        keys.watcher.scheduleWithFixedDelay(
                keys::look, LOOKS.toMillis(), LOOKS.toMillis(), TimeUnit.MILLISECONDS);
        return keys;
    }

    static AeadKeys readMaster(Path file) {
        try {
            return AeadKeys.read(file);
        } catch (UncheckedIOException | IllegalArgumentException e) {
            throw new ReplicationException(
                    ErrorCode.CONFIG_INVALID,
                    "master keys: "
                            + e.getMessage()
                            + "; `heliosdb-cli secret-keys new` makes such a file",
                    e);
        }
    }

    @Override
    public TenantCipher of(TenantId tenant) {
        return ciphers.computeIfAbsent(tenant, it -> new TenantCipher(it, load(it)));
    }

    private @Nullable AeadKeys load(TenantId tenant) {
        Path file = TenantKeyFile.path(directory, tenant);
        TenantKeyFile found = TenantKeyFile.read(file);
        if (found == null) {
            AeadKeys made = AeadKeys.generate();
            if (TenantKeyFile.of(tenant, made, master).writeNew(file)) {
                LOG.info("data key made tenant={}", tenant);
                return made;
            }
            found = TenantKeyFile.read(file);
        }
        if (found == null || !found.tenant().equals(tenant)) {
            throw TenantKeyFile.unreadable(
                    file + " is not that of tenant '" + tenant + "'", new IOException());
        }
        return found.keys(master);
    }

    private void look() {
        try {
            String now = changes();
            if (!now.equals(seen)) {
                master = readMaster(masterFile);
                ciphers.forEach((tenant, cipher) -> cipher.becomes(load(tenant)));
                seen = now;
                LOG.info("data keys read anew tenants={}", ciphers.size());
            }
        } catch (RuntimeException e) {
            // What is known goes on; the next look tries again.
            LOG.warn("data keys not read anew cause={}", e.getMessage());
        }
    }

    private String changes() {
        Path file = directory.resolve(CHANGED);
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw TenantKeyFile.unreadable(file + " is not readable: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        watcher.shutdownNow();
    }
}
