package io.heliosdb.replication.job;

import io.heliosdb.replication.core.config.ConfigFile;
import io.heliosdb.replication.core.ingest.postgres.SourceAdmin;
import io.heliosdb.replication.job.local.CheckpointDirectory;
import io.heliosdb.replication.job.local.LocalCluster;
import io.heliosdb.replication.job.local.LocalClusterOptions;
import io.heliosdb.replication.job.local.LocalJob;
import io.heliosdb.replication.job.local.RestorePoint;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A source database, target databases, a configuration file and a job that can be started, killed
 * and continued. Servers are given; the databases are its own.
 */
final class Stand implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofMinutes(Soak.times(2, 10));

    /** Sessions to each target. */
    static final int LANES = 2;

    final PostgresServer sourceServer;
    final String source;
    final Path directory;
    final Path file;
    private final List<String> targetLines = new ArrayList<>();
    private final List<String> replicationLines = new ArrayList<>();
    private String tenantColumn = "tenant_id";
    private String checkpointInterval = "500ms";
    private int parallelism = 1;
    private String backlogMemory = "16MiB";
    private String jobLines = "";
    private String sourceLines = "";
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
                  - {name: %s, url: '%s', user: postgres, lanes: %d}
                """
                        .formatted(name, server.url(database), LANES));
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

    /** The default tenant key column, and further lines of {@code tenancy}. */
    Stand tenantColumn(String value, String... more) {
        tenantColumn = value;
        for (String line : more) {
            tenantColumn += "\n  " + line;
        }
        return this;
    }

    Stand checkpointInterval(String value) {
        checkpointInterval = value;
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

    /** Further lines of {@code source}. */
    Stand source(String... lines) {
        sourceLines = "  " + String.join("\n  ", lines) + "\n";
        return this;
    }

    /** Further lines of {@code job}. */
    Stand job(String... lines) {
        jobLines = "  " + String.join("\n  ", lines) + "\n";
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
                %stenancy:
                  column: %s
                targets:
                %sreplications:
                %sjob:
                  checkpoint-directory: checkpoints
                  checkpoint-interval: %s
                  parallelism: %d
                  backlog-memory: %s
                %s"""
                        .formatted(
                                sourceServer.url(source),
                                source,
                                sourceLines,
                                tenantColumn,
                                String.join("", targetLines),
                                replicationLines.isEmpty()
                                        ? "  []\n"
                                        : String.join("", replicationLines),
                                checkpointInterval,
                                parallelism,
                                backlogMemory,
                                jobLines);
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

    boolean processLives() {
        return process.isAlive();
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
        awaitSame(PATIENCE, targetServer, target, query);
    }

    void awaitSame(Duration patience, PostgresServer targetServer, String target, String query) {
        Await.until(
                () -> "the same rows of " + query + failure(),
                patience,
                () -> difference(targetServer, target, query),
                String::isEmpty);
    }

    /** Empty if both sides give the same, in the same order. */
    private String difference(PostgresServer targetServer, String target, String query) {
        List<String> wanted = sourceServer.rows(source, query);
        List<String> found = targetServer.rows(target, query);
        if (wanted.equals(found)) {
            return "";
        }
        Set<String> missing = new LinkedHashSet<>(wanted);
        found.forEach(missing::remove);
        Set<String> extra = new LinkedHashSet<>(found);
        wanted.forEach(extra::remove);
        return "missing %d: %s, extra %d: %s"
                .formatted(missing.size(), some(missing), extra.size(), some(extra));
    }

    private static List<String> some(Set<String> rows) {
        return rows.stream().limit(20).toList();
    }

    /** What the job says when it fails, with a line break before it. */
    String failure() {
        if (process != null) {
            return "\njob: " + process.lastLines();
        }
        return job == null || cluster == null
                ? ""
                : "\njob: " + job.lastFailure().orElse("no failure");
    }

    /** Tenant transactions applied by all replications; 0 before the first. */
    static long applied(PostgresServer server, String target) {
        String exists = "SELECT to_regclass('heliosdb.replication_progress') IS NOT NULL";
        return server.rows(target, exists).equals(List.of("f"))
                ? 0
                : Long.parseLong(
                        server.rows(
                                        target,
                                        "SELECT coalesce(sum(transactions), 0)"
                                                + " FROM heliosdb.replication_progress")
                                .get(0));
    }

    static String state(PostgresServer server, String target, String replication) {
        List<String> rows =
                server.rows(
                        target,
                        "SELECT state FROM heliosdb.replication_progress WHERE replication_id = '"
                                + replication
                                + "'");
        return rows.isEmpty() ? "" : rows.get(0);
    }

    static void awaitState(PostgresServer server, String target, String replication, String state) {
        Await.until(
                replication + " to be " + state,
                () -> state(server, target, replication),
                state::equals);
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
        Await.until(
                "slot to be released",
                () -> SourceAdmin.slot(config.source()).map(slot -> !slot.active()).orElse(true));
        if (SourceAdmin.slot(config.source()).isPresent()) {
            SourceAdmin.dropSlot(config.source());
        }
        Await.until(
                "sessions to end",
                () -> sourceServer.rows("postgres", openSessions()),
                List::isEmpty);
    }

    private String openSessions() {
        return "SELECT application_name FROM pg_stat_activity WHERE datname = '"
                + source
                + "' AND application_name LIKE 'heliosdb%'";
    }
}
