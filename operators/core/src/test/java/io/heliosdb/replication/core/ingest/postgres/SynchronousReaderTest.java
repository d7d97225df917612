package io.heliosdb.replication.core.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.core.synchronous.StandbyPosition;
import io.heliosdb.replication.core.synchronous.StandbyPosition.Standing;
import io.heliosdb.replication.model.config.SourceConfig;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import io.heliosdb.replication.testkit.PostgresVersion;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Commits that wait for the stream's standby replies. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SynchronousReaderTest extends SourceStand {

    private static final String SYNC_WAIT =
            "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'";

    private final StandbyPosition standby = new StandbyPosition();
    private volatile long lastReadEnd;
    private final AtomicInteger rows = new AtomicInteger();

    @BeforeAll
    static void startServerThatWaitsForUs() {
        server.close();
        server =
                PostgresServer.start(
                        PostgresVersion.source(),
                        Map.of("synchronous_standby_names", "*", "synchronous_commit", "local"));
    }

    private interface Body {
        void run() throws Exception;
    }

    /** Heartbeats and status replies would hide what nobody tells. */
    private void withoutHeartbeats() {
        config =
                new SourceConfig(
                        config.database(),
                        config.slot(),
                        config.publication(),
                        Duration.ofMinutes(1),
                        Duration.ofMinutes(1));
    }

    private void whileRead(Body body) throws Exception {
        PostgresWalReader reader = PostgresWalReader.open(config, source, begin(), 0, standby);
        CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> readAll(reader));
        try {
            body.run();
        } finally {
            reader.close();
            reading.get(20, TimeUnit.SECONDS);
        }
    }

    private void readAll(PostgresWalReader reader) {
        for (WalChunk chunk = reader.read(); chunk != null; chunk = reader.read()) {
            if (chunk.last()) {
                lastReadEnd = chunk.commitEndLsn();
            }
            rows.addAndGet(changes(chunk).size());
        }
    }

    private CompletableFuture<Void> commit(String sql) {
        return CompletableFuture.runAsync(
                () -> {
                    try (Connection session = server.connect(database);
                            Statement statement = session.createStatement()) {
                        statement.execute("SET synchronous_commit = 'remote_apply'");
                        statement.execute(sql);
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    private Standing idleAt(long lsn) {
        return new Standing(true, false, true, lsn, lsn);
    }

    /** Routed is everything but the last one, as always when that has just come. */
    @Test
    void aCommitWaitsUntilItIsSaidToBeAppliedThoughItsStreamIsRead() throws Exception {
        whileRead(
                () -> {
                    for (int id = 1; id <= 20; id++) {
                        int before = rows.get();
                        // Everything read so far is routed, and nothing lacks.
                        Await.until(
                                "an idle moment",
                                () -> {
                                    standby.set(idleAt(lastReadEnd));
                                    return rows.get() == before;
                                });
                        CompletableFuture<Void> commit =
                                commit("INSERT INTO t VALUES (" + id + ", 'a', 'x')");
                        Await.until("the row to be read", () -> rows.get() == before + 1);
                        await(SYNC_WAIT);
                        assertThat(commit).isNotDone();
                        standby.set(idleAt(lastReadEnd));
                        commit.get(20, TimeUnit.SECONDS);
                    }
                });
    }

    /** Nothing of it comes in the stream; the source tells only that it is past it. */
    @Test
    void aCommitOfWhatIsNotPublishedWaitsForNothing() throws Exception {
        withoutHeartbeats();
        whileRead(
                () -> {
                    CompletableFuture<Void> commit = commit("INSERT INTO unpublished VALUES (1)");
                    Await.until(
                            "the commit to go on",
                            () -> {
                                standby.set(idleAt(lastReadEnd));
                                return commit.isDone();
                            });
                });
    }

    @Test
    void nothingIsToldBeforeAnythingIsKnownAndAllIfNobodyIsWaitedFor() throws Exception {
        whileRead(
                () -> {
                    CompletableFuture<Void> commit = commit("INSERT INTO t VALUES (1, 'a', 'x')");
                    Await.until("the row to be read", () -> rows.get() == 1);
                    await(SYNC_WAIT);
                    assertThat(commit).isNotDone();
                    standby.set(new Standing(true, true, true, lastReadEnd, 0));
                    commit.get(20, TimeUnit.SECONDS);
                });
    }

    /** Somebody has named the stream a standby and forgotten it. */
    @Test
    void withoutSynchronousReplicationsNobodyWaitsForEver() throws Exception {
        whileRead(
                () -> {
                    CompletableFuture<Void> commit = commit("INSERT INTO t VALUES (1, 'a', 'x')");
                    Await.until(
                            "the commit to go on",
                            () -> {
                                standby.set(
                                        new Standing(false, true, true, lastReadEnd, lastReadEnd));
                                return commit.isDone();
                            });
                });
    }

    /** Our own sessions have nothing to wait for. */
    @Test
    void theHeartbeatDoesNotWait() throws Exception {
        whileRead(
                () -> {
                    long first = standby.seen();
                    Await.until(
                            "two heartbeats", () -> standby.seen() > first && lastReadEnd > first);
                });
    }
}
