package io.heliosdb.replication.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import io.heliosdb.replication.testkit.PostgresVersion;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tier Synchronous: what the source has told its client to be committed is in the target. */
class SynchronousITCase {

    private static final int WRITERS = 4;

    @TempDir private Path directory;

    @TempDir static Path sourceData;

    private static PostgresServer sourceServer;
    private static PostgresServer targetServer;

    private final AtomicInteger ids = new AtomicInteger();
    private final Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
    private Stand stand;
    private String target;

    @BeforeAll
    static void startServers() {
        startSource(0);
        targetServer = PostgresServer.start(PostgresVersion.target());
    }

    private static void startSource(int port) {
        sourceServer =
                PostgresServer.start(
                        PostgresVersion.source(),
                        Map.of("synchronous_standby_names", "*", "synchronous_commit", "local"),
                        port,
                        sourceData.resolve("source"));
    }

    @AfterAll
    static void stopServers() {
        sourceServer.close();
        targetServer.close();
    }

    @BeforeEach
    void begin() {
        stand = new Stand(sourceServer, directory);
        target = stand.target("main", targetServer);
        stand.onSource(
                "CREATE TABLE doc (id int PRIMARY KEY, tenant_id text NOT NULL, v text)",
                "CREATE TABLE unpublished (id int)",
                "CREATE PUBLICATION helios FOR TABLE doc");
    }

    @AfterEach
    void end() {
        stand.close();
    }

    private void startStreaming(String timeout) {
        stand.source("synchronous-timeout: " + timeout)
                .replicate("a", "a", "main", "tier: synchronous")
                .replicate("b", "b", "main")
                .parallelism(2)
                .write();
        stand.start();
        Stand.awaitState(targetServer, target, "a", "STREAMING");
        Stand.awaitState(targetServer, target, "b", "STREAMING");
        awaitCode("null");
    }

    private void awaitCode(String code) {
        Await.until(
                () -> "code " + code + stand.failure(),
                Stand.PATIENCE,
                () ->
                        targetServer
                                .rows(
                                        target,
                                        "SELECT error_code FROM heliosdb.replication_progress"
                                                + " WHERE replication_id = 'a'")
                                .get(0),
                code::equals);
    }

    private Set<Integer> inTarget() {
        Set<Integer> found = new HashSet<>();
        targetServer
                .rows(target, "SELECT id FROM doc WHERE tenant_id = 'a'")
                .forEach(id -> found.add(Integer.valueOf(id)));
        return found;
    }

    private Connection session(String commit) throws SQLException {
        Connection session = sourceServer.connect(stand.source);
        try (Statement statement = session.createStatement()) {
            statement.execute("SET synchronous_commit = '" + commit + "'");
        }
        return session;
    }

    private int insert(Connection session, String tenant) throws SQLException {
        int id = ids.incrementAndGet();
        try (Statement statement = session.createStatement()) {
            statement.execute("INSERT INTO doc VALUES (" + id + ", '" + tenant + "', 'v')");
        }
        return id;
    }

    /** Commits until it is stopped; connects again when the source was killed. */
    private void write(Thread self) {
        while (!self.isInterrupted()) {
            try (Connection session = session("remote_apply")) {
                while (!self.isInterrupted()) {
                    acknowledged.add(insert(session, "a"));
                }
            } catch (SQLException e) {
                // It was killed. What was on its way may be committed or not: nobody was told.
                Thread.onSpinWait();
            }
        }
    }

    /** Also for commits that were on their way while the source came back, or the job did. */
    @Test
    void whatWasAcknowledgedIsInTheTargetWhateverIsKilled_R1() throws Exception {
        startStreaming("60s");
        Random random = new Random(7);
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            Thread writer = new Thread(() -> write(Thread.currentThread()), "writer-" + i);
            writer.setDaemon(true);
            writer.start();
            writers.add(writer);
        }
        int looks = 0;
        try {
            for (int kills = 0; kills < Soak.times(4, 300); kills++) {
                int enough = acknowledged.size() + 20 + random.nextInt(300);
                Await.until(
                        () -> enough + " acknowledged commits" + stand.failure(),
                        Stand.PATIENCE,
                        acknowledged::size,
                        count -> count >= enough);
                switch (kills % 4) {
                    case 1 -> {
                        int port = sourceServer.port();
                        sourceServer.kill();
                        assertNothingIsLacking();
                        startSource(port);
                    }
                    case 3 -> {
                        stand.crash();
                        assertNothingIsLacking();
                        stand.start();
                    }
                    default -> {
                        killABackend(random);
                        assertNothingIsLacking();
                    }
                }
                looks++;
            }
        } finally {
            writers.forEach(Thread::interrupt);
            // Whoever waits for the job is let go by it.
            for (Thread writer : writers) {
                writer.join(Stand.PATIENCE.toMillis());
            }
        }
        assertNothingIsLacking();
        stand.awaitSame(
                targetServer, target, "SELECT id FROM doc WHERE tenant_id = 'a' ORDER BY 1");
        System.out.printf(
                "synchronous: source, a session of it, or the job killed %d times under %,d acknowledged commits%n",
                looks, acknowledged.size());
    }

    /** Without waiting for anything. */
    private void assertNothingIsLacking() {
        Set<Integer> told = new HashSet<>(acknowledged);
        told.removeAll(inTarget());
        assertThat(told).as("acknowledged to a client and not in the target").isEmpty();
    }

    /** A writer's or the WAL sender: the server ends all others and recovers. */
    private void killABackend(Random random) {
        List<String> backends =
                sourceServer.rows(
                        stand.source,
                        "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                                + " AND backend_type IN ('client backend', 'walsender')"
                                + " AND datname = current_database() ORDER BY pid");
        String one = backends.get(random.nextInt(backends.size()));
        ProcessHandle.of(Long.parseLong(one)).orElseThrow().destroyForcibly();
    }

    /** A target that does not take it holds commits up for the timeout, and then no more. */
    @Test
    void aTargetThatHangsDegradesLoudlyAndComesBack() throws Exception {
        startStreaming("500ms");
        try (Connection session = session("remote_apply");
                Connection blocker = targetServer.connect(target);
                Statement lock = blocker.createStatement()) {
            insert(session, "a");
            blocker.setAutoCommit(false);
            lock.execute("LOCK TABLE doc IN SHARE MODE");
            long begin = System.nanoTime();
            int late = insert(session, "a");
            Duration waited = Duration.ofNanos(System.nanoTime() - begin);
            assertThat(waited).isGreaterThanOrEqualTo(Duration.ofMillis(450));
            assertThat(inTarget()).doesNotContain(late);
            awaitCode("SYNCHRONOUS_DEGRADED");
            insert(session, "a");
            blocker.rollback();
            awaitCode("null");
            for (int i = 0; i < 20; i++) {
                int id = insert(session, "a");
                assertThat(inTarget()).as("waited for again").contains(id);
            }
        }
    }

    /** They wait for us as well, for nothing of theirs. */
    @Test
    void commitsOfOthersAndOfWhatIsNotPublishedGoOn() throws Exception {
        startStreaming("60s");
        try (Connection session = session("remote_apply");
                Statement statement = session.createStatement()) {
            for (int i = 0; i < 10; i++) {
                insert(session, "b");
                insert(session, "nobody");
                statement.execute("INSERT INTO unpublished VALUES (" + i + ")");
            }
        }
        stand.replicate("a", "a", "main", "tier: premium").replicate("c", "c", "main").write();
        Stand.awaitState(targetServer, target, "c", "STREAMING");
        try (Connection session = session("remote_apply")) {
            insert(session, "a");
        }
    }

    /** Prints what waiting costs; it is no measurement on a machine that does other things. */
    @Test
    void commitLatency() throws Exception {
        startStreaming("60s");
        try (Connection waiting = session("remote_apply");
                Connection local = session("local")) {
            latency(waiting, 50);
            long[] with = latency(waiting, Soak.times(100, 2000));
            long[] without = latency(local, Soak.times(100, 2000));
            assertThat(inTarget()).isNotEmpty();
            System.out.printf(
                    "synchronous: commit p50 %.2f ms, p99 %.2f ms; local p50 %.2f ms, p99 %.2f ms%n",
                    with[with.length / 2] / 1e6,
                    with[with.length * 99 / 100] / 1e6,
                    without[without.length / 2] / 1e6,
                    without[without.length * 99 / 100] / 1e6);
        }
    }

    private long[] latency(Connection session, int commits) throws SQLException {
        long[] nanos = new long[commits];
        for (int i = 0; i < commits; i++) {
            long begin = System.nanoTime();
            insert(session, "a");
            nanos[i] = System.nanoTime() - begin;
        }
        Arrays.sort(nanos);
        return nanos;
    }
}
