package io.heliosdb.replication.core.snapshot.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The copy brings exactly the rows of the transactions that its snapshot sees, and says which those
 * are: what it does not see, the stream applies; nothing is lost, nothing comes twice.
 *
 * <p>Every writer leaves its transaction id in each row it writes, so the rows of the copy tell
 * which transactions it saw.
 */
class SnapshotHandOverTest {

    private CopyStand stand;

    @BeforeEach
    void open() throws Exception {
        stand = new CopyStand();
        stand.onSource("CREATE TABLE t (tenant_id text, xid bigint, id bigserial PRIMARY KEY)");
        stand.publishAll();
    }

    @AfterEach
    void close() throws Exception {
        stand.close();
    }

    @Test
    void r2CopyAndStreamTogetherAreExactWhileLongAndShortTransactionsInterleave() throws Exception {
        Map<Long, Long> committed = new ConcurrentHashMap<>();
        AtomicBoolean stop = new AtomicBoolean();
        ExecutorService writers = Executors.newFixedThreadPool(3);
        List<Future<?>> running = new ArrayList<>();
        try (Writer before = new Writer();
                Writer across = new Writer()) {
            before.insert(3);
            across.insert(3);
            for (int i = 0; i < 3; i++) {
                int rows = i + 1;
                running.add(writers.submit(() -> writeShort(rows, stop, committed)));
            }
            CopyStand.await("some commits", () -> committed.size() > 100);
            committed.put(before.xid(), before.commit());
            long atStart = committed.size();

            stand.start(stand.request("a", before.xid()));
            stand.awaitEnd("a");

            CopyStand.await("commits after the copy", () -> committed.size() > atStart + 100);
            across.insert(2);
            committed.put(across.xid(), across.commit());
            stop.set(true);
            for (Future<?> writer : running) {
                writer.get();
            }
        } finally {
            stop.set(true);
            writers.shutdownNow();
        }

        Claim.SyncedTable table = stand.heard.finished.get(CopyStand.id("a")).get(0);
        Set<Long> seen =
                committed.keySet().stream()
                        .filter(xid -> table.snapshot().sees(xid & 0xFFFF_FFFFL))
                        .collect(Collectors.toSet());
        assertThat(seen).isNotEmpty().hasSizeLessThan(committed.size());
        assertThat(copiedXids()).isEqualTo(seen);
        seen.forEach(xid -> assertThat(committed.get(xid)).isLessThan(table.upperLsn()));
        // The stream's part on top of the copy is the source.
        String streamed =
                stand.sourceRows("SELECT xid || ',' || id FROM t").stream()
                        .filter(row -> !seen.contains(Long.parseLong(row.split(",")[0])))
                        .map(row -> "('a', " + row + ")")
                        .collect(Collectors.joining(", "));
        stand.onTarget("INSERT INTO t VALUES " + streamed);
        stand.assertSame("t", null);
    }

    @Test
    void r4ATransactionThatWasOpenDuringTheCopyIsLeftToTheStream() throws Exception {
        try (Writer open = new Writer()) {
            open.insert(1);
            long finished = new Writer().insertAndCommit();

            stand.start(stand.request("a", finished));
            stand.awaitEnd("a");
            open.commit();

            Claim.SyncedTable table = stand.heard.finished.get(CopyStand.id("a")).get(0);
            assertThat(table.snapshot().sees(finished)).isTrue();
            assertThat(table.snapshot().sees(open.xid())).isFalse();
            assertThat(copiedXids()).containsExactly(finished);
            assertThat(stand.heard.waits).isEmpty();
        }
    }

    @Test
    void r3ACommitThatWaitsForAStandbyIsWaitedForIfTheStreamDroppedIt() throws Exception {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (Writer waiting = new Writer()) {
            AtomicBoolean stop = new AtomicBoolean();
            alterSource("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
            // The setting takes effect some time after the reload: commits until one has to wait.
            Future<Void> commit =
                    threads.submit(
                            () -> {
                                while (!stop.get()) {
                                    waiting.insert(1);
                                    waiting.commit();
                                }
                                return null;
                            });
            CopyStand.await(
                    "the commit to wait",
                    () ->
                            !stand.sourceRows(
                                            "SELECT 1 FROM pg_stat_activity"
                                                    + " WHERE wait_event = 'SyncRep'"
                                                    + " AND datname = current_database()")
                                    .isEmpty());
            stop.set(true);

            stand.start(stand.request("a", waiting.xid()));
            CopyStand.await("a word about it", () -> !stand.heard.waits.isEmpty());
            assertThat(stand.heard.waits.get(0)).contains(Long.toString(waiting.xid()));
            assertThat(
                            stand.targetRows(
                                    "SELECT reason FROM heliosdb.replication_progress"
                                            + " WHERE reason LIKE '%"
                                            + waiting.xid()
                                            + "%'"))
                    .hasSize(1);
            assertThat(stand.heard.ended("a")).isFalse();
            // Whoever did not drop it need not wait: it will come in the stream.
            stand.start(stand.request("b"));
            stand.awaitEnd("b");
            assertThat(
                            stand.heard
                                    .finished
                                    .get(CopyStand.id("b"))
                                    .get(0)
                                    .snapshot()
                                    .sees(waiting.xid()))
                    .isFalse();

            alterSource("ALTER SYSTEM RESET synchronous_standby_names");
            commit.get();
            stand.awaitEnd("a");
        } finally {
            alterSource("ALTER SYSTEM RESET synchronous_standby_names");
            threads.shutdownNow();
        }
        assertThat(stand.heard.failed).isEmpty();
        stand.assertSame("t", null);
        assertThat(stand.targetRows("SELECT reason FROM heliosdb.replication_progress"))
                .containsOnly("null");
    }

    @Test
    void closingEndsTheWait() throws Exception {
        try (Writer open = new Writer()) {
            open.insert(1);
            stand.start(stand.request("a", open.xid()));
            CopyStand.await("a word about it", () -> !stand.heard.waits.isEmpty());

            stand.closeEngines();

            assertThat(stand.heard.failed).isEmpty();
            assertThat(stand.heard.finished).isEmpty();
        }
    }

    private Set<Long> copiedXids() throws SQLException {
        return stand.targetRows("SELECT DISTINCT xid FROM t").stream()
                .map(Long::parseLong)
                .collect(Collectors.toCollection(HashSet::new));
    }

    private void alterSource(String sql) {
        try (Connection connection = stand.sourceServer.connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
            statement.execute("SELECT pg_reload_conf()");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private Void writeShort(int rows, AtomicBoolean stop, Map<Long, Long> committed)
            throws SQLException {
        try (Writer writer = new Writer()) {
            while (!stop.get()) {
                writer.insert(rows);
                long xid = writer.xid();
                committed.put(xid, writer.commit());
            }
        }
        return null;
    }

    /** A session that writes rows with its transaction's id. */
    private final class Writer implements AutoCloseable {

        private final Connection connection;
        private volatile long xid;

        Writer() throws SQLException {
            PostgresServer server = stand.sourceServer;
            connection = server.connect(stand.source);
            connection.setAutoCommit(false);
        }

        void insert(int rows) throws SQLException {
            xid = number("SELECT pg_current_xact_id()::text::bigint");
            try (Statement statement = connection.createStatement()) {
                statement.execute(
                        "INSERT INTO t SELECT 'a', "
                                + xid
                                + " FROM generate_series(1, "
                                + rows
                                + ")");
            }
        }

        long xid() {
            return xid;
        }

        /** Commits; returns an LSN just before the commit record. */
        long commit() throws SQLException {
            long lsn;
            try (Statement statement = connection.createStatement();
                    ResultSet row =
                            statement.executeQuery("SELECT pg_current_wal_insert_lsn()::text")) {
                row.next();
                lsn = Lsn.parse(row.getString(1)).value();
            }
            connection.commit();
            return lsn;
        }

        long insertAndCommit() throws SQLException {
            try (connection) {
                insert(1);
                commit();
                return xid;
            }
        }

        private long number(String sql) throws SQLException {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(sql)) {
                row.next();
                return row.getLong(1);
            }
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }
}
