package io.heliosdb.replication.core.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationState;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is told, and what of it waits for the store. */
class ReportBufferTest {

    private final ReportBuffer buffer = new ReportBuffer();
    private final DueReports due = new DueReports();

    private static ReplicationReport report(
            String id, long version, ReplicationState state, long rows, long atMillis) {
        return new ReplicationReport(
                new ReplicationId(id),
                version,
                state,
                null,
                null,
                0,
                List.of(),
                16,
                1_000,
                0,
                ReplicationReport.Waiting.NONE,
                rows,
                rows,
                rows * 10,
                0,
                0,
                0,
                0,
                0,
                null,
                atMillis);
    }

    private static ReplicationReport streaming(long rows, long atMillis) {
        return report("a", 1, ReplicationState.STREAMING, rows, atMillis);
    }

    @Test
    void tellsAChangeOfStateAtOnce_whatMovesSeldom_andTheRestNowAndThen() {
        assertThat(due.due(List.of(streaming(0, 0)))).hasSize(1);
        assertThat(due.due(List.of(streaming(5, 4_999)))).as("moves").isEmpty();
        assertThat(due.due(List.of(streaming(5, 5_000)))).hasSize(1);
        assertThat(due.due(List.of(streaming(5, 34_999)))).as("idle").isEmpty();
        assertThat(due.due(List.of(streaming(5, 35_000)))).as("sign of life").hasSize(1);
        assertThat(due.due(List.of(report("a", 1, ReplicationState.PAUSED, 5, 35_001)))).hasSize(1);
        assertThat(due.due(List.of(report("a", 2, ReplicationState.PAUSED, 5, 35_002))))
                .as("another version")
                .hasSize(1);
    }

    @Test
    void aPositionIsWorthARowIfSomethingWasApplied() {
        LaneReport.Covered first = covered(1, 10, 0);
        assertThat(due.dueOf(List.of(first))).hasSize(1);
        assertThat(due.dueOf(List.of(covered(2, 10, 10_000)))).as("only the position").isEmpty();
        assertThat(due.dueOf(List.of(covered(2, 11, 4_999)))).as("too soon").isEmpty();
        assertThat(due.dueOf(List.of(covered(3, 11, 20_000)))).hasSize(1);
        assertThat(due.dueOf(List.of(covered(4, 11, 320_000)))).as("after minutes").hasSize(1);
    }

    private static LaneReport.Covered covered(long checkpoint, long rows, long atMillis) {
        return new LaneReport.Covered(
                new ReplicationId("a"), checkpoint, checkpoint, rows, 0, 0, atMillis);
    }

    private void add(ReplicationReport report) {
        buffer.add(new LaneReport.Status(report));
    }

    @Test
    void theNewestOfAStateStaysAndEveryChangeOfStateComesInOrder() {
        add(streaming(1, 0));
        add(streaming(2, 100));
        add(report("a", 1, ReplicationState.ERROR, 2, 200));
        add(report("a", 1, ReplicationState.ERROR, 2, 300));
        add(streaming(3, 400));

        assertThat(buffer.poll().statuses()).singleElement().matches(it -> it.report().rows() == 2);
        assertThat(buffer.poll().statuses())
                .singleElement()
                .matches(it -> it.report().atEpochMillis() == 300);
        assertThat(buffer.poll().statuses()).singleElement().matches(it -> it.report().rows() == 3);
        assertThat(buffer.poll().isEmpty()).isTrue();
    }

    @Test
    void aBatchThatWasNotWrittenComesAgainAndIsBounded() {
        for (int i = 0; i < 100; i++) {
            add(report("a", i, ReplicationState.STREAMING, i, i * 1_000L));
            buffer.putBack(buffer.poll());
        }
        int batches = 0;
        long last = -1;
        for (ReportBuffer.Batch batch = buffer.poll(); !batch.isEmpty(); batch = buffer.poll()) {
            batches++;
            if (!batch.statuses().isEmpty()) {
                long version = batch.statuses().get(0).report().version();
                assertThat(version).as("in order").isGreaterThan(last);
                last = version;
            }
        }
        assertThat(batches).isLessThanOrEqualTo(ReportBuffer.LAYERS + 1);
        assertThat(last).as("the newest is told").isEqualTo(99);
    }

    @Test
    void ratesAreOfWhatWasDoneBetween_andUnknownAtFirst() {
        add(streaming(100, 0));
        assertThat(buffer.poll().statuses().get(0).rowsPerSecond()).isNull();
        add(streaming(600, 5_000));
        ReportBuffer.Status second = buffer.poll().statuses().get(0);
        assertThat(second.rowsPerSecond()).isEqualTo(100.0);
        assertThat(second.bytesPerSecond()).isEqualTo(1_000.0);
        add(streaming(10, 10_000));
        assertThat(buffer.poll().statuses().get(0).rowsPerSecond())
                .as("counted anew after a restart")
                .isNull();
    }

    @Test
    void anIdleReplicationGetsAPointAMinute() {
        int points = 0;
        for (int second = 0; second <= 600; second += 30) {
            add(streaming(1, second * 1_000L));
            points += buffer.poll().samples().size();
        }
        assertThat(points).isEqualTo(11);
    }
}
