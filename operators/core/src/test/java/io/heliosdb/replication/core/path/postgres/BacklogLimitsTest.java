package io.heliosdb.replication.core.path.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.lane.LaneView;
import io.heliosdb.replication.core.secret.AeadKeys;
import io.heliosdb.replication.core.segment.SegmentHeader;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.config.BacklogConfig;
import io.heliosdb.replication.model.config.EncryptionConfig;
import io.heliosdb.replication.model.config.WhenFull;
import io.heliosdb.replication.testkit.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backlogs that grow too large, or wait encrypted, between real databases. */
class BacklogLimitsTest {

    private static final String ALL = "SELECT * FROM item WHERE tenant_id = '%s' ORDER BY id";
    private static final String PROGRESS =
            "SELECT coalesce(error_code, '-'), resync_lsn IS NOT NULL, backlog_rows"
                    + " FROM heliosdb.replication_progress WHERE replication_id = 'r_a'";

    private static PathStand stand() {
        return new PathStand(
                "CREATE TABLE item (tenant_id text, id int, v text, PRIMARY KEY (tenant_id, id))",
                "INSERT INTO item SELECT t, g, md5(g::text) FROM generate_series(1, 500) g,"
                        + " unnest(ARRAY['a', 'b']) t");
    }

    private static BacklogConfig limit(WhenFull whenFull) {
        return new BacklogConfig(null, 1 << 20, 64 << 10, Duration.ZERO, whenFull);
    }

    private static void write(PathStand stand) {
        for (int i = 0; i < 20; i++) {
            stand.onSource(
                    "INSERT INTO item SELECT t, g, md5(random()::text) FROM generate_series(%d, %d) g, unnest(ARRAY['a', 'b']) t"
                            .formatted(1000 + i * 500, 1499 + i * 500),
                    "UPDATE item SET v = v || 'x' WHERE id %% 50 = %d".formatted(i));
        }
        stand.onSource("DELETE FROM item WHERE id BETWEEN 100 AND 200");
    }

    private static LaneView await(PathStand stand, Predicate<LaneView> condition) {
        return Await.until(
                () -> "a to come there: " + stand.lanes(),
                BothEnds.PATIENCE,
                () -> stand.lane("a"),
                condition);
    }

    private static void pause(PathStand stand, BacklogConfig backlog) {
        stand.replicate("a", true, backlog);
        await(stand, lane -> lane.state() == ReplicationState.PAUSED);
    }

    @Test
    void whatWasDroppedIsComparedAndMendedWhenItGoesOn_R21() {
        try (PathStand stand = stand()) {
            BacklogConfig backlog = limit(WhenFull.DROP_AND_RESYNC);
            stand.replicate("a", false, backlog).start("b");
            stand.assertSame(ALL.formatted("a"));
            pause(stand, backlog);

            write(stand);

            LaneView dropped = await(stand, lane -> lane.state() == ReplicationState.ERROR);
            assertThat(dropped.reason()).contains("larger than max-size").contains("dropped");
            stand.onSource("UPDATE item SET v = 'last' WHERE id BETWEEN 300 AND 400");
            Await.until(
                    "b to go on",
                    () ->
                            stand.onTargetRows(ALL.formatted("b"))
                                    .equals(stand.onSourceRows(ALL.formatted("b"))));
            assertThat(stand.lane("a").backlogTransactions()).isZero();
            assertThat(stand.onTargetRows(PROGRESS)).containsExactly("BACKLOG_LIMIT|f|0");

            stand.replicate("a", false, backlog);
            await(stand, lane -> lane.state() == ReplicationState.STREAMING);
            stand.assertSame(ALL.formatted("a"));
            stand.onSource("INSERT INTO item VALUES ('a', 100000, 'after')");
            stand.assertSame(ALL.formatted("a"));
            assertThat(stand.onTargetRows(PROGRESS)).containsExactly("-|t|0");
            assertThat(stand.onTargetRows("SELECT sum(rows_extra) > 0 FROM heliosdb.mended"))
                    .containsExactly("t");
        }
    }

    @Test
    void anAlarmIsToldAndNothingIsLost_R21() {
        try (PathStand stand = stand()) {
            BacklogConfig backlog = limit(WhenFull.ALARM);
            stand.replicate("a", false, backlog).start("b");
            stand.assertSame(ALL.formatted("a"));
            pause(stand, backlog);

            write(stand);

            Await.until(
                    "the alarm",
                    () ->
                            stand.onTargetRows(PROGRESS).get(0).startsWith("BACKLOG_LIMIT|f|")
                                    && stand.lane("a").backlogRows() > 10_000);
            LaneView waiting = stand.lane("a");
            assertThat(waiting.state()).isEqualTo(ReplicationState.PAUSED);
            assertThat(waiting.backlogStoredBytes()).isBetween(64L << 10, waiting.backlogBytes());

            stand.replicate("a", false, backlog);
            stand.assertSame(ALL.formatted("a"));
            Await.until(
                    "the alarm to end", () -> stand.onTargetRows(PROGRESS).get(0).equals("-|f|0"));
        }
    }

    @Test
    void whatWaitsIsEncryptedAndComesThrough_R21(@TempDir Path directory) throws IOException {
        Path master = directory.resolve("master.json");
        AeadKeys.generate().writeNew(master);
        try (PathStand stand = stand()) {
            stand.encryption(
                    new EncryptionConfig(master.toString(), directory.resolve("keys").toString()));
            BacklogConfig backlog =
                    new BacklogConfig(null, 1 << 20, 0, Duration.ZERO, WhenFull.ALARM);
            stand.replicate("a", false, backlog).start("b");
            pause(stand, backlog);
            write(stand);
            stand.onSource("DELETE FROM item WHERE id >= 1000");
            write(stand);
            LaneView waiting = await(stand, lane -> lane.backlogRows() > 20_000);
            Collection<byte[]> segments =
                    stand.path.store().segments(waiting.replication()).values();
            assertThat(segments).isNotEmpty();
            assertThat(segments).allMatch(segment -> SegmentHeader.read(segment).sealed());

            stand.replicate("a", false, backlog);
            stand.assertSame(ALL.formatted("a"));
        }
    }
}
