package io.heliosdb.replication.cli.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.core.config.ConfigFile;
import io.heliosdb.replication.core.ddl.postgres.DdlCapture;
import io.heliosdb.replication.core.ingest.postgres.SourceAdmin;
import io.heliosdb.replication.job.ReplicationJob;
import io.heliosdb.replication.job.local.CheckpointDirectory;
import io.heliosdb.replication.job.local.LocalCluster;
import io.heliosdb.replication.job.local.LocalClusterOptions;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import io.heliosdb.replication.testkit.PostgresVersion;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Orders to a job that runs, and to one that cannot run any more. */
class ControlITCase {

    private static PostgresServer sourceServer;
    private static PostgresServer targetServer;

    @TempDir Path directory;
    private final StringWriter out = new StringWriter();
    private String source;
    private String target;
    private Path file;
    private @Nullable LocalCluster cluster;

    @BeforeAll
    static void startServers() {
        sourceServer = PostgresServer.start(PostgresVersion.source());
        targetServer = PostgresServer.start(PostgresVersion.target());
    }

    @AfterAll
    static void stopServers() {
        sourceServer.close();
        targetServer.close();
    }

    @BeforeEach
    void start() throws IOException {
        source = sourceServer.createDatabase("control_source");
        target = targetServer.createDatabase("control_target");
        sourceServer.execute(
                source,
                "CREATE TABLE t (tenant_id text, id int PRIMARY KEY, v text)",
                "ALTER TABLE t REPLICA IDENTITY FULL",
                "INSERT INTO t SELECT 'acme', g, 'v' || g FROM generate_series(1, 500) g",
                "INSERT INTO t SELECT 'bolt', g, 'v' || g FROM generate_series(1001, 1100) g",
                "CREATE PUBLICATION p FOR ALL TABLES");
        file =
                Files.writeString(
                        directory.resolve("c.yaml"),
                        """
                        source: {url: '%s', user: postgres, slot: '%s', publication: p,
                                 heartbeat: 200ms}
                        tenancy: {column: tenant_id}
                        targets: [{name: eu, url: '%s', user: postgres}]
                        replications:
                          - {name: acme, tenant: acme, target: eu}
                          - {name: others, tenant: 'b*', target: eu}
                        job: {checkpoint-directory: state, checkpoint-interval: 500ms}
                        """
                                .formatted(
                                        sourceServer.url(source),
                                        source,
                                        targetServer.url(target)));
        startJob();
        awaitState("acme", "STREAMING");
        awaitState("others/bolt", "STREAMING");
    }

    private void startJob() {
        PipelineConfig config = ConfigFile.read(file);
        CheckpointDirectory checkpoints =
                CheckpointDirectory.open(config.job().checkpointDirectory());
        cluster = LocalCluster.start(LocalClusterOptions.in(checkpoints));
        cluster.submit(env -> ReplicationJob.build(env, config, file), checkpoints.newest());
    }

    private void endJob() {
        cluster.close();
        cluster = null;
        Await.until(
                "the slot to be free",
                () ->
                        rows(
                                source,
                                "SELECT slot_name FROM pg_replication_slots WHERE active AND"
                                        + " database = '"
                                        + source
                                        + "'"),
                List::isEmpty);
    }

    @AfterEach
    void end() {
        if (cluster != null) {
            endJob();
        }
        PipelineConfig config = ConfigFile.read(file);
        if (SourceAdmin.slot(config.source()).isPresent()) {
            SourceAdmin.dropSlot(config.source());
        }
    }

    private int run(Object command, String... more) {
        out.getBuffer().setLength(0);
        return new CommandLine(command)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(out, true))
                .execute(
                        Stream.concat(Stream.of("--config", file.toString()), Stream.of(more))
                                .toArray(String[]::new));
    }

    private List<String> rows(String database, String query) {
        return (database.equals(source) ? sourceServer : targetServer).rows(database, query);
    }

    private void awaitState(String replication, String state) {
        Await.until(
                replication + " to be " + state,
                () ->
                        rows(target, "SELECT to_regclass('heliosdb.replication_progress')")
                                        .equals(List.of("null"))
                                ? List.of()
                                : rows(
                                        target,
                                        "SELECT state FROM heliosdb.replication_progress WHERE"
                                                + " replication_id = '"
                                                + replication
                                                + "'"),
                List.of(state)::equals);
    }

    private void awaitSame(String where) {
        String query = "SELECT t::text FROM t WHERE " + where + " ORDER BY id";
        Await.until("the same rows", () -> rows(target, query), rows(source, query)::equals);
    }

    @Test
    void resyncMendsWhileTheJobRunsAndTellsWhat_R18() {
        targetServer.execute(
                target,
                "DELETE FROM t WHERE id IN (1, 2, 1001)",
                "UPDATE t SET v = 'wrong' WHERE id = 3",
                "INSERT INTO t VALUES ('acme', 9999, 'extra')");

        assertThat(run(new ResyncCommand(), "--replication", "acme", "--wait", "60s"))
                .as(out.toString())
                .isEqualTo(ExitCode.OK);
        assertThat(out.toString())
                .contains("acme public.t: 500 rows compared, 2 missing, 1 extra, 1 differing");
        awaitSame("tenant_id = 'acme'");
        assertThat(rows(target, "SELECT id FROM t WHERE id = 1001")).as("another's").isEmpty();

        assertThat(run(new ResyncCommand(), "--all", "--wait", "60s")).isEqualTo(ExitCode.OK);
        sourceServer.execute(source, "UPDATE t SET v = 'next'");
        awaitSame("true");
    }

    @Test
    void resyncMendsATargetThatWasSetBack_R18() {
        sourceServer.execute(source, "UPDATE t SET v = 'before' WHERE id = 1");
        awaitSame("true");
        targetServer.execute(
                target,
                "DELETE FROM t WHERE id > 400 AND tenant_id = 'acme'",
                "UPDATE heliosdb.replication_progress SET commit_lsn = '0/10' WHERE replication_id"
                        + " = 'acme'");
        sourceServer.execute(source, "INSERT INTO t VALUES ('acme', 5000, 'new')");
        awaitState("acme", "ERROR");
        assertThat(rows(target, "SELECT error_code FROM heliosdb.replication_progress ORDER BY 1"))
                .contains("STREAM_GAP");
        assertThat(run(new ResyncCommand(), "--replication", "acme", "--wait", "60s"))
                .as(out.toString())
                .isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("101 missing", "0 extra");
        awaitState("acme", "STREAMING");
        awaitSame("true");
    }

    /** What was mended before the crash does not meet changes of before, and nothing is doubled. */
    @Test
    void resyncGoesOnAfterCrashesWhileUsersAreAtWork_R1() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        Thread users =
                new Thread(
                        () -> {
                            for (int id = 10_000; !over.get(); id++) {
                                sourceServer.execute(
                                        source,
                                        "INSERT INTO t VALUES ('acme', " + id + ", 'new')",
                                        "UPDATE t SET v = v || '.' WHERE id = " + (1 + id % 500),
                                        "DELETE FROM t WHERE id = " + (id - 50));
                            }
                        });
        users.start();
        try {
            for (int round = 0; round < 3; round++) {
                targetServer.execute(
                        target,
                        "DELETE FROM t WHERE id % 5 = " + round,
                        "UPDATE t SET v = 'wrong' WHERE id % 7 = " + round);
                assertThat(run(new ResyncCommand(), "--all")).isEqualTo(ExitCode.OK);
                if (round == 1) {
                    // In the midst of it.
                    Await.until(
                            "the resync to be taken up",
                            () ->
                                    rows(
                                            target,
                                            "SELECT replication_id FROM"
                                                    + " heliosdb.replication_progress WHERE"
                                                    + " resync_spared IS NOT NULL"),
                            found -> !found.isEmpty());
                }
                endJob();
                startJob();
            }
            assertThat(run(new ResyncCommand(), "--all", "--wait", "60s"))
                    .as(out.toString())
                    .isEqualTo(ExitCode.OK);
        } finally {
            over.set(true);
            users.join();
        }
        awaitState("acme", "STREAMING");
        awaitSame("true");
    }

    @Test
    void skipLeavesOutWhatTheTargetRefusesAndRetryTriesAgain_R22() {
        targetServer.execute(target, "ALTER TABLE t ADD CONSTRAINT c CHECK (v <> 'refused')");
        sourceServer.execute(
                source,
                "INSERT INTO t VALUES ('acme', 2000, 'refused')",
                "INSERT INTO t VALUES ('acme', 2001, 'behind it')");
        awaitState("acme", "ERROR");

        assertThat(run(new SkipCommand(), "--replication", "acme", "--reason", "in the way"))
                .as(out.toString())
                .isEqualTo(ExitCode.OK);
        awaitState("acme", "STREAMING");
        Await.until(
                "what comes behind it",
                () -> rows(target, "SELECT v FROM t WHERE id = 2001"),
                List.of("behind it")::equals);
        assertThat(
                        rows(
                                target,
                                "SELECT concat_ws(' ', row_data->>'v', reason) FROM"
                                        + " heliosdb.skipped WHERE ordinal >= 0"))
                .containsExactly("refused in the way");
        assertThat(run(new SkipCommand(), "--replication", "acme"))
                .as("there is nothing to skip")
                .isNotEqualTo(ExitCode.OK);

        sourceServer.execute(source, "INSERT INTO t VALUES ('acme', 3000, 'refused')");
        awaitState("acme", "ERROR");
        targetServer.execute(target, "ALTER TABLE t DROP CONSTRAINT c");
        assertThat(run(new RetryCommand(), "--replication", "acme")).isEqualTo(ExitCode.OK);
        Await.until(
                "what was refused",
                () -> rows(target, "SELECT v FROM t WHERE id = 3000"),
                List.of("refused")::equals);
        awaitState("acme", "STREAMING");
    }

    @Test
    void ddlThatATargetRefusesIsSkippedOrTriedAgain_R15() {
        sourceServer.execute(
                source, DdlCapture.install(PostgresServer.USER).toArray(String[]::new));
        targetServer.execute(target, "CREATE VIEW needs AS SELECT v FROM t");
        sourceServer.execute(
                source,
                "ALTER TABLE t ALTER COLUMN v TYPE varchar(40)",
                "INSERT INTO t VALUES ('acme', 2000, 'skipped'), ('bolt', 2001, 'skipped')");
        awaitState("acme", "ERROR");
        awaitState("others/bolt", "ERROR");

        assertThat(run(new SkipCommand(), "--replication", "acme", "--reason", "not here"))
                .as(out.toString())
                .isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("leaves out the DDL");
        // It streams as soon as it tries again; the other must not before that has come to its end.
        Await.until(
                "the DDL to be left out",
                () -> rows(target, "SELECT state FROM heliosdb.ddl").equals(List.of("SKIPPED")));
        awaitState("acme", "STREAMING");
        assertThat(run(new RetryCommand(), "--replication", "others/bolt")).isEqualTo(ExitCode.OK);
        awaitState("others/bolt", "STREAMING");
        awaitSame("id >= 2000");
        assertThat(rows(target, "SELECT state || ' ' || reason FROM heliosdb.ddl"))
                .singleElement()
                .asString()
                .startsWith("SKIPPED ")
                .contains("not here");
        assertThat(rows(target, "SELECT ordinal FROM heliosdb.skipped")).isEmpty();

        sourceServer.execute(
                source,
                "ALTER TABLE t DROP COLUMN v",
                "INSERT INTO t VALUES ('acme', 3000), ('bolt', 3001)");
        awaitState("acme", "ERROR");
        awaitState("others/bolt", "ERROR");
        targetServer.execute(target, "DROP VIEW needs");
        assertThat(run(new RetryCommand(), "--all")).isEqualTo(ExitCode.OK);
        awaitState("acme", "STREAMING");
        awaitState("others/bolt", "STREAMING");
        awaitSame("true");
    }

    @Test
    void aLostSlotIsReplacedByOrderAndEverythingCompared_R18() {
        endJob();
        SourceAdmin.dropSlot(ConfigFile.read(file).source());
        sourceServer.execute(
                source,
                "DELETE FROM t WHERE id = 1",
                "UPDATE t SET v = 'unseen' WHERE id = 2",
                "INSERT INTO t VALUES ('acme', 4000, 'unseen'), ('bolt', 4001, 'unseen')");

        assertThat(run(new ResyncCommand(), "--replication", "acme")).isNotEqualTo(ExitCode.OK);
        assertThat(rows(target, "SELECT id FROM t WHERE id = 1")).as("nothing changed").hasSize(1);
        assertThat(run(new ResyncCommand(), "--all")).as(out.toString()).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("2 replications marked", "set aside", "made at");
        assertThat(run(new ResyncCommand(), "--all", "--new-slot"))
                .as("may be done again")
                .isEqualTo(ExitCode.OK);

        startJob();
        awaitState("acme", "STREAMING");
        awaitState("others/bolt", "STREAMING");
        awaitSame("true");
        sourceServer.execute(source, "UPDATE t SET v = 'next' WHERE id % 7 = 0");
        awaitSame("true");
    }

    @Test
    void aSlotThatIsReadIsNotTakenAway_R18() {
        assertThat(run(new ResyncCommand(), "--all", "--new-slot")).isNotEqualTo(ExitCode.OK);
        sourceServer.execute(source, "UPDATE t SET v = 'next'");
        awaitSame("true");
    }
}
