package io.heliosdb.replication.job;

import io.heliosdb.replication.core.config.ConfigFile;
import io.heliosdb.replication.core.ingest.postgres.SourceAdmin;
import io.heliosdb.replication.job.local.CheckpointDirectory;
import io.heliosdb.replication.job.local.LocalCluster;
import io.heliosdb.replication.job.local.LocalClusterOptions;
import io.heliosdb.replication.job.local.LocalJob;
import io.heliosdb.replication.job.local.RestorePoint;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.testkit.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A source database, target databases, a configuration file and a job that can be started, killed
 * and continued. Servers are given; the databases are its own.
 */
final class Stand implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(60);

    final PostgresServer sourceServer;
    final String source;
    final Path directory;
    final Path file;
    private final List<String> targetLines = new ArrayList<>();
    private final List<String> replicationLines = new ArrayList<>();
    private String tenantColumn = "tenant_id";
    private int parallelism = 1;
    private String backlogMemory = "16MiB";
    private LocalCluster cluster;
    private LocalJob job;
    private JobProcess process;

    Stand(PostgresServer sourceServer, Path directory) {
        this.sourceServer = sourceServer;
        this.source = sourceServer.createDatabase("src");
        this.directory = directory;
        this.file = directory.resolve("pipeline.yaml");
    }

    /** Adds an empty target database of that name and returns the database. */
    String target(String name, PostgresServer server) {
        String database = server.createDatabase("tgt");
        target(name, server, database);
        return database;
    }

    void target(String name, PostgresServer server, String database) {
        targetLines.add(
                """
                  - {name: %s, url: '%s', user: postgres, lanes: 2}
                """
                        .formatted(name, server.url(database)));
    }

    Stand replicate(String name, String tenant, String target, String... more) {
        replicationLines.removeIf(line -> line.contains("{name: " + name + ","));
        replicationLines.add(
                "  - {name: %s, tenant: '%s', target: %s%s}\n"
                        .formatted(
                                name,
                                tenant,
                                target,
                                more.length == 0 ? "" : ", " + String.join(", ", more)));
        return this;
    }

    Stand tenantColumn(String value) {
        tenantColumn = value;
        return this;
    }

    Stand parallelism(int value) {
        parallelism = value;
        return this;
    }

    Stand backlogMemory(String value) {
        backlogMemory = value;
        return this;
    }

    /** Writes the file; a running job sees it. */
    Stand write() {
        String text =
                """
                source:
                  url: '%s'
                  user: postgres
                  slot: slot_%s
                  publication: helios
                  heartbeat: 200ms
                tenancy:
                  column: %s
                targets:
                %sreplications:
                %sjob:
                  checkpoint-directory: checkpoints
                  checkpoint-interval: 500ms
                  parallelism: %d
                  backlog-memory: %s
                """
                        .formatted(
                                sourceServer.url(source),
                                source,
                                tenantColumn,
                                String.join("", targetLines),
                                replicationLines.isEmpty()
                                        ? "  []\n"
                                        : String.join("", replicationLines),
                                parallelism,
                                backlogMemory);
        try {
            Path next = directory.resolve("pipeline.next");
            Files.writeString(next, text);
            Files.move(
                    next,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    PipelineConfig config() {
        return ConfigFile.read(file);
    }

    /** Starts the job from the newest checkpoint or savepoint, or anew. */
    void start() {
        PipelineConfig config = config();
        CheckpointDirectory checkpoints =
                CheckpointDirectory.open(config.job().checkpointDirectory());
        cluster =
                LocalCluster.start(
                        LocalClusterOptions.in(checkpoints).withSlots(config.job().parallelism()));
        Optional<RestorePoint> restore = checkpoints.newest();
        job = cluster.submit(env -> ReplicationJob.build(env, config, file), restore);
    }

    LocalJob job() {
        return job;
    }

    /** Starts the job in a process of its own, from the newest checkpoint. */
    void startProcess(String... jvmOptions) {
        process = JobProcess.start(file, directory.resolve("job.log"), jvmOptions);
    }

    /** kill -9. */
    void killProcess() {
        process.kill();
        process = null;
    }

    /** Ends the job like a crash: what counts is the last completed checkpoint. */
    void crash() {
        cluster.close();
        cluster = null;
    }

    void stopCleanly() {
        job.stopWithSavepoint(PATIENCE);
        crash();
    }

    void onSource(String... statements) {
        sourceServer.execute(source, statements);
    }

    /** Waits until the query gives the same on both sides. */
    void awaitSame(PostgresServer targetServer, String target, String query) {
        awaitTrue(
                () -> rows(sourceServer, source, query).equals(rows(targetServer, target, query)),
                () -> query + difference(targetServer, target, query) + failure());
    }

    private String difference(PostgresServer targetServer, String target, String query) {
        List<String> wanted = rows(sourceServer, source, query);
        List<String> found = rows(targetServer, target, query);
        List<String> missing = new ArrayList<>(wanted);
        missing.removeAll(found);
        List<String> extra = new ArrayList<>(found);
        extra.removeAll(wanted);
        return "\nmissing " + missing + "\nextra " + extra;
    }

    private String failure() {
        if (process != null) {
            return "\njob: " + process.lastLines();
        }
        return job == null || cluster == null
                ? ""
                : "\njob: " + job.lastFailure().orElse("no failure");
    }

    interface Condition {
        boolean holds() throws SQLException;
    }

    interface Description {
        String text();
    }

    static void awaitTrue(Condition condition, Description description) {
        awaitTrue(PATIENCE, condition, description);
    }

    static void awaitTrue(Duration patience, Condition condition, Description description) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                if (condition.holds()) {
                    return;
                }
            } catch (SQLException | RuntimeException e) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("waited too long for " + textOf(description), e);
                }
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited too long for " + textOf(description));
            }
            pause();
        }
    }

    private static String textOf(Description description) {
        try {
            return description.text();
        } catch (RuntimeException e) {
            return e.getMessage();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static List<String> rows(PostgresServer server, String database, String query) {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> found = new ArrayList<>();
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                StringBuilder row = new StringBuilder();
                for (int i = 1; i <= columns; i++) {
                    row.append(i == 1 ? "" : "|").append(rows.getString(i));
                }
                found.add(row.toString());
            }
            return found;
        } catch (SQLException e) {
            throw new IllegalStateException(query + ": " + e.getMessage(), e);
        }
    }

    static String state(PostgresServer server, String target, String replication) {
        List<String> rows =
                rows(
                        server,
                        target,
                        "SELECT state FROM heliosdb.replication_progress WHERE replication_id = '"
                                + replication
                                + "'");
        return rows.isEmpty() ? "" : rows.get(0);
    }

    static void awaitState(PostgresServer server, String target, String replication, String state) {
        awaitTrue(
                () -> state(server, target, replication).equals(state),
                () -> replication + " to be " + state);
    }

    @Override
    public void close() {
        if (process != null) {
            killProcess();
        }
        if (cluster != null) {
            crash();
        }
        PipelineConfig config = config();
        awaitTrue(
                () -> SourceAdmin.slot(config.source()).map(slot -> !slot.active()).orElse(true),
                () -> "slot to be released");
        if (SourceAdmin.slot(config.source()).isPresent()) {
            SourceAdmin.dropSlot(config.source());
        }
        awaitTrue(
                () -> rows(sourceServer, "postgres", openSessions()).isEmpty(),
                () -> "sessions to end: " + rows(sourceServer, "postgres", openSessions()));
    }

    private String openSessions() {
        return "SELECT application_name FROM pg_stat_activity WHERE datname = '"
                + source
                + "' AND application_name LIKE 'heliosdb%'";
    }
}
