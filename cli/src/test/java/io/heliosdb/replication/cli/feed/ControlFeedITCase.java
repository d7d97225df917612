package io.heliosdb.replication.cli.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.control.replication.Command;
import io.heliosdb.replication.testkit.Await;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From an order at the API's code to its effect in the target, through store, feed and job. */
class ControlFeedITCase extends FeedCase {

    private static final Logger LOG = LoggerFactory.getLogger(ControlFeedITCase.class);

    private void awaitSourceIsRead() {
        Await.until(
                () -> "the source to be read" + stand.failure(),
                StoreStand.PATIENCE,
                () ->
                        server.rows(
                                stand.source,
                                "SELECT active FROM pg_replication_slots WHERE slot_name = 'slot_"
                                        + stand.source
                                        + "'"),
                List.of("t")::equals);
    }

    @Test
    void anOrderTakesEffectAtOnce_R17() {
        stand.start();
        awaitSourceIsRead();
        stand.write("warm", 1, 10);
        UUID warm = stand.replicate("warm");
        stand.awaitTold(warm, "Streaming");

        long slowest = 0;
        for (String tenant : List.of("a", "b", "c")) {
            stand.write(tenant, 1, 100);
            long began = System.nanoTime();
            UUID made = stand.replicate(tenant);
            Await.until(
                    () -> "the first row of " + tenant + stand.failure(),
                    StoreStand.PATIENCE,
                    () -> stand.arrived(tenant),
                    rows -> rows > 0);
            long took = millisSince(began);
            slowest = Math.max(slowest, took);
            LOG.warn("from the order to the first copied row: {} ms", took);
            stand.awaitArrived(tenant, 100);
            stand.awaitTold(made, "Streaming");
        }
        assertThat(slowest).as("ms to the first copied row").isLessThan(2_000);

        // Pause: within a second, keeps what comes, loses nothing of it.
        long began = System.nanoTime();
        stand.order(warm, Command.PAUSE);
        stand.awaitTold(warm, "Paused");
        long paused = millisSince(began);
        LOG.warn("from the order to pause to the told pause: {} ms", paused);
        assertThat(paused).isLessThan(1_000);
        stand.write("warm", 11, 1_000);
        stand.write("a", 101, 1_000);
        stand.awaitArrived("a", 1_000);
        assertThat(stand.arrived("warm")).isEqualTo(10);
        stand.order(warm, Command.START);
        stand.awaitArrived("warm", 1_000);
        stand.awaitTold(warm, "Streaming");

        // Delete: with its rows, and nobody else's.
        stand.replications.delete(warm, true, StoreStand.USER);
        stand.awaitArrived("warm", 0);
        stand.awaitTold(warm, "Stopped");
        assertThat(stand.arrived("a")).isEqualTo(1_000);
        assertThat(
                        stand.inStore(
                                "SELECT event_type, details->>'rows'"
                                        + " FROM heliosdb_control.replication_events"
                                        + " WHERE event_type LIKE 'Target%'"))
                .containsExactly("TargetCleaned|1000");
        stand.write("warm", 1_001, 1_010);
        UUID again = stand.replicate("warm");
        stand.awaitArrived("warm", 1_010);
        stand.awaitTold(again, "Streaming");
        stand.replications.delete(again, false, StoreStand.USER);
        stand.awaitTold(again, "Stopped");
        assertThat(stand.arrived("warm")).as("rows stay without cleanup").isEqualTo(1_010);
        stand.write("warm", 2_000, 2_010);
        stand.write("a", 2_000, 2_010);
        stand.awaitArrived("a", 1_011);
        assertThat(stand.arrived("warm")).isEqualTo(1_010);
    }

    @Test
    void goesOnWithoutItsStoreAndCatchesUp_R21() {
        UUID steady = stand.replicate("steady");
        UUID paused = stand.replicate("paused");
        stand.write("steady", 1, 10);
        stand.write("paused", 1, 10);
        stand.start();
        stand.awaitTold(steady, "Streaming");
        stand.awaitTold(paused, "Streaming");
        stand.job().triggerCheckpoint(StoreStand.PATIENCE);

        stand.stopStore();
        stand.write("steady", 11, 500);
        stand.awaitArrived("steady", 500);
        // The job restarts by itself, and knows from its checkpoint what it shall do.
        stand.breakStream();
        stand.write("steady", 501, 1_000);
        stand.awaitArrived("steady", 1_000);

        stand.startStore();
        stand.order(paused, Command.PAUSE);
        stand.awaitTold(paused, "Paused");
        UUID late = stand.replicate("late");
        stand.write("late", 1, 10);
        stand.awaitArrived("late", 10);
        stand.awaitTold(late, "Streaming");
        stand.awaitTold(steady, "Streaming");
        stand.awaitFollowed();
    }

    @Test
    void aKilledJobForgetsAndRepeatsNothing_R1() {
        UUID stays = stand.replicate("stays");
        UUID leaves = stand.replicate("leaves");
        UUID sleeps = stand.replicate("sleeps");
        for (String tenant : List.of("stays", "leaves", "sleeps")) {
            stand.write(tenant, 1, 100);
        }
        stand.start();
        stand.awaitTold(stays, "Streaming");
        stand.awaitTold(leaves, "Streaming");
        stand.awaitTold(sleeps, "Streaming");
        stand.order(sleeps, Command.PAUSE);
        stand.awaitTold(sleeps, "Paused");
        stand.write("sleeps", 101, 200);
        stand.job().triggerCheckpoint(StoreStand.PATIENCE);
        stand.crash();

        stand.replications.delete(leaves, true, StoreStand.USER);
        UUID comes = stand.replicate("comes");
        for (String tenant : List.of("stays", "leaves", "sleeps", "comes")) {
            stand.write(tenant, 1_001, 1_100);
        }
        stand.start();
        stand.awaitArrived("stays", 200);
        stand.awaitArrived("comes", 100);
        stand.awaitArrived("leaves", 0);
        stand.awaitTold(leaves, "Stopped");
        stand.awaitTold(comes, "Streaming");
        stand.awaitTold(sleeps, "Paused");
        assertThat(stand.arrived("sleeps")).isEqualTo(100);
        stand.order(sleeps, Command.START);
        stand.awaitArrived("sleeps", 300);
        assertThat(
                        stand.inStore(
                                "SELECT count(*) FROM heliosdb_control.replication_events"
                                        + " WHERE event_type = 'StateChange' AND actor = 'job'"
                                        + " AND message = 'Streaming to Paused'"))
                .as("the pause is told once")
                .containsExactly("1");
    }

    @Test
    void routesNothingBeforeItKnowsWhatIsWanted_R1() {
        stand.takeNoCheckpoints();
        UUID begun = stand.replicate("begun");
        stand.write("begun", 1, 100);
        stand.start();
        stand.awaitTold(begun, "Streaming");
        stand.write("begun", 101, 200);
        stand.awaitArrived("begun", 200);
        List<String> confirmed = confirmed();

        // It dies before its first checkpoint, and begins anew without anybody to ask.
        stand.stopStore();
        stand.breakStream();
        for (int i = 201; i <= 210; i++) {
            stand.write("begun", i, i);
        }
        Await.until(
                () -> "it to say what it waits for",
                StoreStand.PATIENCE,
                log::lines,
                lines -> lines.stream().anyMatch(it -> it.startsWith("nothing is routed until")));
        assertThat(confirmed()).isEqualTo(confirmed);
        stand.startStore();
        stand.awaitArrived("begun", 210);
        stand.awaitTold(begun, "Streaming");

        // So it is with one that was made after the last checkpoint.
        stand.job().triggerCheckpoint(StoreStand.PATIENCE);
        UUID late = stand.replicate("late");
        stand.write("late", 1, 10);
        stand.awaitTold(late, "Streaming");
        stand.write("late", 11, 20);
        stand.awaitArrived("late", 20);
        stand.breakStream();
        stand.write("late", 21, 30);
        stand.write("begun", 211, 220);
        stand.awaitArrived("late", 30);
        stand.awaitArrived("begun", 220);
        stand.awaitTold(late, "Streaming");
        stand.awaitTold(begun, "Streaming");
    }

    private List<String> confirmed() {
        return server.rows(
                stand.source,
                "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = 'slot_"
                        + stand.source
                        + "'");
    }

    @Test
    void tellsPositionsAndFigures_R30() {
        UUID replication = stand.replicate("acme");
        stand.write("acme", 1, 100);
        stand.start();
        stand.awaitTold(replication, "Streaming");
        for (long i = 101; i <= 400; i++) {
            stand.write("acme", i, i);
        }
        stand.awaitArrived("acme", 400);
        Await.until(
                () -> "positions of completed checkpoints",
                StoreStand.PATIENCE,
                () ->
                        stand.inStore(
                                "SELECT count(*) > 0 AND max(rows_replicated) = 300"
                                        + " FROM heliosdb_control.replication_checkpoints"
                                        + " WHERE lsn > 0 AND flink_checkpoint > 0"),
                List.of("t")::equals);
        server.execute(stand.target, "DELETE FROM orders WHERE id = 7");
        server.execute(stand.source, "UPDATE orders SET note = 'late' WHERE id = 7");
        Await.until(
                () -> "the conflict",
                StoreStand.PATIENCE,
                () ->
                        stand.inStore(
                                "SELECT table_name, conflict_type, resolution, source_row->>'note'"
                                        + " FROM heliosdb_control.replication_conflicts"),
                List.of("public.orders|update_missing|skipped|late")::equals);
        Await.until(
                () -> "figures",
                StoreStand.PATIENCE,
                () ->
                        stand.inStore(
                                "SELECT s.total_rows, s.replication_lag_seconds < 5,"
                                        + " (SELECT max(m.rows_per_second) > 0"
                                        + " FROM heliosdb_control.replication_metrics m)"
                                        + " FROM heliosdb_control.replication_status s"),
                // All that was copied or written, and the update that found no row.
                List.of("401|t|t")::equals);
        assertThat(
                        stand.inStore(
                                "SELECT count(*) FROM heliosdb_control.replication_metrics"
                                        + " WHERE replication_lag_seconds > 100000"
                                        + " OR rows_per_second > 1e8 OR compression_ratio > 900"))
                .as("what is not known is absent")
                .containsExactly("0");
    }
}
