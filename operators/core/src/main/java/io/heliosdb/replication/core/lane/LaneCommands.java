package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.Resync;
import io.heliosdb.replication.core.apply.SkipOrder;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.Lsn;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What people order of a lane while it runs. Orders come in the stream, so each comes again after a
 * crash; whether it was carried out before is for the target to tell (a resync by its position, a
 * skip by the progress), and a retry may come twice.
 */
final class LaneCommands {

    private static final Logger LOG = LoggerFactory.getLogger(LaneCommands.class);

    private final Lanes lanes;
    private final TargetPools pools;
    private final LaneStates states;
    private final LaneOpening opening;
    private final BacklogMemory memory;

    LaneCommands(
            Lanes lanes,
            TargetPools pools,
            LaneStates states,
            LaneOpening opening,
            BacklogMemory memory) {
        this.lanes = lanes;
        this.pools = pools;
        this.states = states;
        this.opening = opening;
        this.memory = memory;
    }

    void accept(LaneInput input) {
        if (input instanceof LaneInput.Resync resync) {
            resync(resync);
        } else if (input instanceof LaneInput.Retry retry) {
            retry(retry);
        } else if (input instanceof LaneInput.Skip skip) {
            skip(skip);
        }
    }

    private void resync(LaneInput.Resync command) {
        Lane lane = lanes.get(command.replication());
        if (lane == null) {
            return;
        }
        if (lane.cipher != null && !lane.cipher.settle()) {
            LOG.warn("not copied again, its key is destroyed replication={}", lane.id());
            return;
        }
        Resync wish = new Resync(command.tables(), command.startLsn(), command.why());
        Resync before = lane.growth == null ? null : lane.growth.resync();
        if (before != null) {
            if (Long.compareUnsigned(before.commandLsn(), wish.commandLsn()) >= 0) {
                // The target has told of it already.
                return;
            }
            wish = before.and(wish);
        }
        LOG.warn(
                "replication is copied again replication={} tables={} lsn={} reason={}",
                lane.id(),
                wish.isWhole() ? "all" : wish.tables(),
                Lsn.format(wish.commandLsn()),
                wish.why());
        lane.growth = LaneGrowth.after(lane.growth, wish, command);
        lane.broken = null;
        lane.resyncOrdered = false;
        lane.finished = null;
        if (wish.isWhole()) {
            // All of it is in the copy, also what was refused.
            lane.refusedLsn = 0;
        }
        if (wish.isWhole() && !lane.running) {
            memory.changed(-lane.backlog.memoryBytes());
            lane.backlog.clear();
        }
        goOn(lane);
    }

    private void retry(LaneInput.Retry command) {
        Lane lane = lanes.get(command.replication());
        if (lane == null) {
            return;
        }
        LOG.info("replication is tried again replication={} state={}", lane.id(), lane.state());
        lane.backoff.succeeded();
        lane.taken.free();
        TargetPool pool = pools.of(lane);
        if (pool != null) {
            pool.tryNow();
        }
        if (lane.phase == Lane.Phase.ERROR) {
            goOn(lane);
        } else if (lane.resting) {
            lane.resting = false;
            pools.offer(lane);
        } else if (lane.copyStuck) {
            opening.anew(lane);
        }
    }

    private void skip(LaneInput.Skip command) {
        Lane lane = lanes.get(command.replication());
        if (lane == null) {
            return;
        }
        if (Long.compareUnsigned(command.commitLsn(), lane.acknowledgedLsn) <= 0) {
            LOG.info(
                    "nothing to skip, it is past replication={} lsn={}",
                    lane.id(),
                    Lsn.format(command.commitLsn()));
            return;
        }
        LOG.warn(
                "transaction will be skipped replication={} lsn={} ddl={} who={} reason={}",
                lane.id(),
                Lsn.format(command.commitLsn()),
                command.ddl() ? "alone" : "too",
                command.who(),
                command.reason());
        lane.skips.add(
                new SkipOrder(command.commitLsn(), command.ddl(), command.who(), command.reason()));
        lanes.changed(lane);
        if (lane.phase == Lane.Phase.ERROR) {
            goOn(lane);
        } else if (lane.resting) {
            lane.resting = false;
            pools.offer(lane);
        }
    }

    /** Out of whatever state it is in, unless only a resync can help. */
    private void goOn(Lane lane) {
        lanes.changed(lane);
        if (lane.broken != null) {
            states.fail(lane, lane.broken.code(), lane.broken.reason());
            return;
        }
        lane.triesAgain();
        lane.taken.free();
        opening.anew(lane);
    }
}
