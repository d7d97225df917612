package io.heliosdb.replication.cli.serve;

import io.heliosdb.replication.control.launch.LaunchOptions;
import io.heliosdb.replication.control.secret.SecretKeys;
import io.heliosdb.replication.control.server.ControlOptions;
import io.heliosdb.replication.control.server.ControlServer;
import io.heliosdb.replication.control.server.ControlServer.Launch;
import io.heliosdb.replication.control.server.ListenOptions;
import io.heliosdb.replication.model.config.EncryptionConfig;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;

/**
 * What a control plane needs that brings everything with it, in one directory that stays: a store,
 * secret keys, and jobs in this process. One process at a time has it. Close what serves first.
 */
public final class EmbeddedControl implements AutoCloseable {

    private final HomeLock lock;
    private final EmbeddedStore store;
    private final LocalJobs jobs;
    private final String passwordReference;
    private final ControlOptions options;
    private final Launch launch;

    private EmbeddedControl(
            HomeLock lock,
            EmbeddedStore store,
            LocalJobs jobs,
            String passwordReference,
            ControlOptions options,
            Launch launch) {
        this.lock = lock;
        this.store = store;
        this.jobs = jobs;
        this.passwordReference = passwordReference;
        this.options = options;
        this.launch = launch;
    }

    /**
     * Takes the directory and starts the store.
     *
     * @param port where the API shall listen; 0 for any
     * @param parallelism of each job
     * @param webPorts of Flink's web UI, a port or a range; 0 for any
     */
    public static EmbeddedControl open(Path directory, int port, int parallelism, String webPorts) {
        Path password = directory.resolve("store-password");
        Path keys = directory.resolve("secret-keys.json");
        EncryptionConfig encryption = encryption(directory);
        HomeLock lock = HomeLock.take(directory);
        EmbeddedStore store = null;
        try {
            present(Path.of(encryption.masterKeys()));
            store = EmbeddedStore.open(directory.resolve("postgres"), password);
            JobDirectories directories =
                    new JobDirectories(directory.resolve("jobs").toUri().toString());
            JobArguments arguments =
                    new JobArguments(
                            directories,
                            parallelism,
                            store.database().url(),
                            store.database().user(),
                            reference(password),
                            reference(keys),
                            encryption);
            LocalJobs jobs = new LocalJobs(directories, JobProgram.OF_THE_JAR, webPorts);
            return new EmbeddedControl(
                    lock,
                    store,
                    jobs,
                    reference(password),
                    new ControlOptions(
                            store.database(),
                            ControlOptions.DEFAULT_STORE_SESSIONS,
                            present(keys),
                            new ListenOptions(ListenOptions.LOOPBACK, port, null),
                            false,
                            null),
                    // The lock on the directory sees to it that there is no other.
                    new Launch(
                            jobs,
                            LaunchOptions.of(arguments::of, parallelism)
                                    .encrypting(true)
                                    .heldBy("embedded")));
        } catch (RuntimeException e) {
            if (store != null) {
                store.close();
            }
            lock.close();
            throw e;
        }
    }

    private static String reference(Path file) {
        return "${file:" + file + "}";
    }

    /** Where the keys are that what waits is encrypted with. */
    public static EncryptionConfig encryption(Path directory) {
        return new EncryptionConfig(
                directory.resolve("master-keys.json").toString(),
                directory.resolve("keys").toString());
    }

    private static SecretKeys present(Path file) {
        try {
            if (!Files.exists(file)) {
                SecretKeys.generate().writeNew(file);
            }
        } catch (FileAlreadyExistsException e) {
            // Another process was faster; its keys are as good.
        }
        return SecretKeys.read(file);
    }

    ControlOptions options() {
        return options;
    }

    Launch launch() {
        return launch;
    }

    /** Makes the first job that is ordered start faster, while this serves. */
    Rehearsal rehearse(Duration delay) {
        return Rehearsal.begin(store.database(), passwordReference, delay);
    }

    /** Begins to serve. */
    public ControlServer serve() {
        return ControlServer.start(options, InstantSource.system(), launch);
    }

    /** Flink's web UI of the job of this source; empty while none runs. */
    public Optional<String> webUrl(UUID connection) {
        return jobs.webUrl(connection);
    }

    @Override
    public void close() {
        try {
            store.close();
        } finally {
            lock.close();
        }
    }
}
