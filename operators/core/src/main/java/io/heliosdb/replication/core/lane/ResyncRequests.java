package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.control.ResyncOrders;
import io.heliosdb.replication.model.ErrorCode;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lanes whose backlog was dropped are ordered to be copied again, once that can begin: the target
 * is there and the lane is not paused. While the order is on its way the lane drops what comes; the
 * copy sees it.
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
