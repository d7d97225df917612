package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.control.ResyncOrders;
import io.heliosdb.replication.model.ErrorCode;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lanes whose backlog was dropped are ordered to be copied again, once that can begin: the target
 * is there and the lane is not paused. While the order is on its way the lane drops what comes; the
 * copy sees it. So are lanes whose changes do not fit into the target any more, because DDL has
 * gone ahead of them.
 */
final class ResyncRequests {

    private static final Logger LOG = LoggerFactory.getLogger(ResyncRequests.class);

    /** An order that got lost, or could not be sent, is sent again. */
    private static final Duration AGAIN = Duration.ofSeconds(30);

    private final ResyncOrders orders;
    private final LaneStates states;
    private final Executor owner;
    private final Timers timers;

    ResyncRequests(ResyncOrders orders, LaneStates states, Executor owner, Timers timers) {
        this.orders = orders;
        this.states = states;
        this.owner = owner;
        this.timers = timers;
    }

    /** The target of a broken lane is there. */
    void possible(Lane lane) {
        if (!isDue(lane) || lane.resyncOrdered) {
            return;
        }
        lane.resyncOrdered = true;
        LOG.warn("replication will be copied again replication={}", lane.id());
        orders.order(
                lane.id(), lane.broken.reason(), why -> owner.execute(() -> failed(lane, why)));
        timers.after(
                AGAIN,
                () -> {
                    lane.resyncOrdered = false;
                    possible(lane);
                });
    }

    /**
     * DDL that others have come past has left no place for what the lane brings: it is copied
     * again, which brings it to where they are. Nothing is applied until the order has come.
     */
    void outdated(Lane lane, ApplyException cause) {
        LOG.warn(
                "replication has fallen behind DDL and will be copied again replication={} cause={}",
                lane.id(),
                cause.getMessage());
        lane.outdated = cause;
        lane.phase = Lane.Phase.SYNCING;
        lane.errorCode = cause.code();
        lane.errorReason =
                "is about to be copied again, for DDL has altered the target meanwhile: "
                        + cause.getMessage();
        states.report(lane);
        order(lane, cause);
    }

    private void order(Lane lane, ApplyException cause) {
        orders.order(
                lane.id(),
                "DDL has altered the target meanwhile: " + cause.getMessage(),
                why -> owner.execute(() -> notOrdered(lane, cause, why)));
        timers.after(
                AGAIN,
                () -> {
                    if (isWaiting(lane, cause)) {
                        order(lane, cause);
                    }
                });
    }

    private static boolean isWaiting(Lane lane, ApplyException cause) {
        return !lane.removed && lane.outdated == cause && lane.phase == Lane.Phase.SYNCING;
    }

    private void notOrdered(Lane lane, ApplyException cause, String why) {
        if (isWaiting(lane, cause)) {
            LOG.warn("resync not ordered replication={} cause={}", lane.id(), why);
            lane.outdated = null;
            states.fail(
                    lane,
                    cause.code(),
                    cause.getMessage()
                            + "; DDL has altered the target meanwhile, and a copy could not be"
                            + " ordered at the source, run `heliosdb-cli resync`: "
                            + why);
        }
    }

    private static boolean isDue(Lane lane) {
        return !lane.removed
                && lane.broken != null
                && lane.broken.code() == ErrorCode.BACKLOG_LIMIT
                && !lane.spec.paused();
    }

    private void failed(Lane lane, String why) {
        if (isDue(lane)) {
            LOG.warn("resync not ordered replication={} cause={}", lane.id(), why);
            lane.errorReason =
                    lane.broken.reason()
                            + "; that could not be ordered at the source, run `heliosdb-cli"
                            + " resync`: "
                            + why;
            states.report(lane);
        }
    }
}
