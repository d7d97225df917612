package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationState;
import org.jspecify.annotations.Nullable;

/**
 * A lane at a moment.
 *
 * @param backlogBytes before compression
 * @param backlogStoredBytes in state, and on the heap what is not there yet
 * @param lagMicros how far the target is behind the source, by the source's clock; -1 if unknown
 */
public record LaneView(
        ReplicationId replication,
        ReplicationState state,
        @Nullable String reason,
        Position progress,
        long backlogTransactions,
        long backlogBytes,
        long backlogRows,
        long backlogStoredBytes,
        long lagMicros) {

    static LaneView of(Lane lane, SourceClock clock) {
        return new LaneView(
                lane.id(),
                lane.state(),
                lane.errorReason,
                lane.progress,
                lane.backlog.transactions(),
                lane.backlog.bytes(),
                lane.backlog.rows(),
                lane.backlog.size(),
                lag(lane, clock));
    }

    /**
     * Never too small: it counts from the oldest that waits, for everything before that is applied;
     * where that is not known, from the last that was applied.
     */
    static long lag(Lane lane, SourceClock clock) {
        if (!clock.known()
                || lane.phase == Lane.Phase.CLAIMING
                || lane.phase == Lane.Phase.SYNCING) {
            return -1;
        }
        if (lane.phase == Lane.Phase.OPEN && lane.backlog.isEmpty()) {
            return clock.sinceLastTickMicros();
        }
        long oldest = lane.broken == null ? lane.backlog.oldestMicros() : 0;
        if (oldest > 0) {
            return Math.max(0, clock.nowMicros() - oldest);
        }
        return lane.appliedEpochMicros == 0 ? -1 : clock.nowMicros() - lane.appliedEpochMicros;
    }
}
