package io.heliosdb.replication.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.cli.HeliosCli;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import io.heliosdb.replication.testkit.PostgresVersion;
import io.heliosdb.replication.testkit.bank.Auditor;
import io.heliosdb.replication.testkit.bank.Bank;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real standalone cluster, its processes killed with -9 at random moments, and the target too,
 * while an auditor looks whether a part of a transaction shows (R1, R21).
 */
class ClusterITCase {

    private static final int BRANCHES = 5;
    private static final int ROUNDS = Boolean.getBoolean("heliosdb.soak") ? 10 : 2;
    private static final Duration LIMIT = Duration.ofMinutes(3);

    @TempDir Path directory;
    private PostgresServer source;
    private PostgresServer target;
    private StandaloneCluster cluster;
    private String homeBefore;
    private Path config;

    @BeforeEach
    void start() throws IOException {
        homeBefore = System.getProperty("heliosdb.home");
        System.setProperty("heliosdb.home", Path.of("..").toRealPath().toString());
        cluster = new StandaloneCluster(directory.resolve("cluster"));
        source = PostgresServer.start(PostgresVersion.source());
        target = PostgresServer.start(PostgresVersion.target());
        source.execute("postgres", "CREATE DATABASE bank");
        target.execute("postgres", "CREATE DATABASE bank");
        config =
                Files.writeString(
                        directory.resolve("pipeline.yaml"),
                        """
                        source: {url: "%s", user: postgres, slot: cluster_it, publication: helios, heartbeat: 200ms}
                        tenancy: {column: bid}
                        targets: [{name: t, url: "%s", user: postgres}]
                        replications: [{name: all, tenant: "*", target: t}]
                        job: {checkpoint-directory: state, checkpoint-interval: 500ms, parallelism: 2}
                        """
                                .formatted(source.url("bank"), target.url("bank")));
    }

    @AfterEach
    void stop() throws Exception {
        try {
            cluster.stop();
        } finally {
            source.close();
            target.close();
            if (homeBefore == null) {
                System.clearProperty("heliosdb.home");
            } else {
                System.setProperty("heliosdb.home", homeBefore);
            }
        }
    }

    @Test
    void neverShowsPartOfATransactionWhateverIsKilled_R1() throws Exception {
        try (Bank bank = new Bank(source, "bank", BRANCHES)) {
            cluster("start", "--task-managers", "2", "--rest-port", "0");
            submit();
            Await.until("all branches to stream", LIMIT, () -> streaming() == BRANCHES);
            bank.open(2);
            try (Auditor auditor = Auditor.start(target, "bank")) {
                Random random = new Random(3);
                for (int round = 0; round < ROUNDS; round++) {
                    letSomeBeApplied(random);
                    kill(cluster.taskManagers().get(random.nextInt(2)));
                    cluster("start", "--task-managers", "2");
                    letSomeBeApplied(random);
                    crashTarget();
                }
                letSomeBeApplied(random);
                kill(cluster.jobManager());
                cluster("start", "--task-managers", "2", "--rest-port", "0");
                submit();
                letSomeBeApplied(random);

                bank.stop();
                for (String table : Bank.TABLES) {
                    String rows =
                            "SELECT count(*) || ':' || coalesce(sum(hashtext(t::text)::bigint), 0)"
                                    + " FROM public."
                                    + table
                                    + " t";
                    Await.until(
                            "equal " + table,
                            LIMIT,
                            () -> value(target, rows).equals(value(source, rows)));
                }
                auditor.stop();
                System.out.printf(
                        "cluster: %d TaskManagers and %d times the target killed; %,d transactions;"
                                + " %s%n",
                        ROUNDS, ROUNDS, bank.transactions(), auditor.report());
                assertThat(auditor.disagreement()).isNull();
                assertThat(auditor.looks()).isGreaterThan(100);
                assertThat(auditor.absences()).as("the target was away").isPositive();
            }
        }
    }

    private void cluster(String command, String... more) {
        List<String> all = new ArrayList<>(List.of("cluster", command));
        all.addAll(List.of("--dir", directory.resolve("cluster").toString()));
        all.addAll(List.of(more));
        assertThat(HeliosCli.run(all.toArray(String[]::new))).isEqualTo(ExitCode.OK);
    }

    private void submit() throws IOException {
        assertThat(
                        HeliosCli.run(
                                "submit",
                                "--config",
                                config.toString(),
                                "--rest",
                                "http://localhost:" + cluster.restPort()))
                .isEqualTo(ExitCode.OK);
    }

    private void letSomeBeApplied(Random random) {
        long before = Await.until(() -> "the target", LIMIT, this::applied, applied -> true);
        long enough = before + 50 + random.nextInt(1000);
        Await.until("progress to " + enough, LIMIT, () -> applied() > enough);
    }

    private static void kill(Daemon daemon) {
        ProcessHandle process = daemon.process().orElseThrow();
        process.destroyForcibly();
        process.onExit().join();
    }

    /** With a backend of ours: the server ends all others and recovers. */
    private void crashTarget() throws SQLException {
        long backend =
                Long.parseLong(
                        value(
                                target,
                                "SELECT min(pid) FROM pg_stat_activity"
                                        + " WHERE application_name LIKE 'heliosdb%'"));
        ProcessHandle.of(backend).orElseThrow().destroyForcibly();
    }

    private int streaming() throws SQLException {
        return Integer.parseInt(
                value(
                        target,
                        "SELECT count(*) FROM heliosdb.replication_progress"
                                + " WHERE state = 'STREAMING'"));
    }

    private long applied() throws SQLException {
        return Long.parseLong(
                value(target, "SELECT sum(transactions) FROM heliosdb.replication_progress"));
    }

    private static String value(PostgresServer server, String sql) throws SQLException {
        try (Connection connection = server.connect("bank");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
