package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.Position;
import java.util.List;

/** What a tick of the source moves: its clock as known here, and the progress of idle lanes. */
final class Ticks {

    private final Lanes lanes;
    private final TargetPools pools;
    private final LaneStates states;
    private final LaneFigures figures;
    private final SourceClock clock;
    private final Advances advances = new Advances();
    private long lastLsn;

    Ticks(
            Lanes lanes,
            TargetPools pools,
            LaneStates states,
            LaneFigures figures,
            SourceClock clock) {
        this.lanes = lanes;
        this.pools = pools;
        this.states = states;
        this.figures = figures;
        this.clock = clock;
    }

    /** The newest position of the stream that was heard of; 0 for none. */
    long lastLsn() {
        return lastLsn;
    }

    /** Whether it is a new one. */
    boolean accept(LaneInput.Tick tick) {
        if (Long.compareUnsigned(tick.lsn(), lastLsn) <= 0) {
            return false;
        }
        lastLsn = tick.lsn();
        clock.ticked(tick.sourceEpochMicros());
        figures.lags(lanes.all().stream().mapToLong(lane -> LaneView.lag(lane, clock)));
        Position position = Position.after(new Lsn(tick.lsn()));
        for (TargetPool pool : pools.all()) {
            List<TargetSession.Advance> due =
                    advances.due(pool.target().name(), lanes.all(), position, tick);
            if (!due.isEmpty() && pool.beginAdvance()) {
                pool.chore(new AdvanceWork(due, pool, this::advanced));
            }
        }
        return true;
    }

    private void advanced(TargetSession.Advance advance) {
        Lane lane = lanes.get(advance.replication());
        if (lane != null && advance.position().isAfter(lane.progress)) {
            lane.progress = advance.position();
            lane.appliedEpochMicros = advance.sourceEpochMicros();
            states.report(lane);
        }
    }
}
