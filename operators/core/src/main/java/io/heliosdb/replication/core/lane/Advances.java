package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.Position;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Chooses the lanes whose progress moves with a tick: those of a target in turn, at most {@link
 * #PER_TICK} a time, so that ten thousand idle lanes cost the target a thousand row updates a
 * second and not ten thousand.
 */
final class Advances {

    static final int PER_TICK = 1_000;

    private final Map<String, Integer> turns = new HashMap<>();

    List<TargetSession.Advance> due(
            String target, Collection<Lane> lanes, Position position, LaneInput.Tick tick) {
        List<Lane> open = new ArrayList<>();
        for (Lane lane : lanes) {
            if ((lane.phase == Lane.Phase.OPEN || lane.phase == Lane.Phase.ERROR)
                    && lane.claimed
                    && lane.spec.target().equals(target)) {
                open.add(lane);
            }
        }
        int turn = open.isEmpty() ? 0 : turns.getOrDefault(target, 0) % open.size();
        int count = Math.min(PER_TICK, open.size());
        List<TargetSession.Advance> due = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            due.add(advance(open.get((turn + i) % open.size()), position, tick));
        }
        turns.put(target, turn + count);
        return due;
    }

    /** A lane that has nothing waiting stands where the tick stands; any other where it stood. */
    private static TargetSession.Advance advance(
            Lane lane, Position position, LaneInput.Tick tick) {
        boolean idle = lane.phase == Lane.Phase.OPEN && lane.backlog.isEmpty();
        return new TargetSession.Advance(
                lane.id(),
                lane.epoch,
                idle ? position : lane.progress,
                idle ? tick.sourceEpochMicros() : lane.appliedEpochMicros,
                new TargetSession.Waiting(
                        lane.backlog.transactions(),
                        lane.backlog.bytes(),
                        lane.backlog.rows(),
                        lane.backlog.size(),
                        lane.backlog.oldestMicros(),
                        lane.compression.newText(lane.relations),
                        lane.service.text(lane.spec)),
                lane.acknowledgedLsn);
    }
}
