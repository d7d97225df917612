package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.config.BacklogConfig;
import io.heliosdb.replication.model.config.WhenFull;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks again and again at what the lanes keep: whether that is beyond their limits, and whether
 * their keys are still there. The source's slot moves on whatever comes of it.
 *
 * <p>A lane whose backlog is dropped is broken until a resync: it drops what comes until then, for
 * the copy brings it. It is never dropped while a first copy runs, which would begin again and
 * never end.
 */
final class LaneLimits {

    private static final Logger LOG = LoggerFactory.getLogger(LaneLimits.class);

    private final Lanes lanes;
    private final LaneStates states;
    private final LaneOpening opening;
    private final BacklogMemory memory;
    private final LaneFigures figures;
    private final SourceClock clock;

    LaneLimits(
            Lanes lanes,
            LaneStates states,
            LaneOpening opening,
            BacklogMemory memory,
            LaneFigures figures,
            SourceClock clock) {
        this.lanes = lanes;
        this.states = states;
        this.opening = opening;
        this.memory = memory;
        this.figures = figures;
        this.clock = clock;
    }

    /**
     * @param heard whether the source has told where it is since the last time: what is dropped can
     *     be copied again only from there
     */
    void look(boolean heard) {
        long now = clock.nowMicros();
        long alarms = 0;
        for (Lane lane : List.copyOf(lanes.all())) {
            if (lane.cipher != null && !lane.cipher.settle()) {
                keyDestroyed(lane);
            }
            String beyond = lane.isDropping() ? null : beyond(lane, now);
            alarms += beyond == null ? 0 : 1;
            if (beyond != null && heard && mayDrop(lane)) {
                drop(lane, beyond);
            } else {
                tell(lane, beyond);
            }
        }
        figures.backlogs(lanes.all(), alarms);
    }

    /** Which limit the backlog is beyond; null for none. The same text as long as it is. */
    private static @Nullable String beyond(Lane lane, long nowMicros) {
        BacklogConfig limits = lane.spec.backlog();
        if (limits.maxBytes() > 0 && lane.backlog.size() > limits.maxBytes()) {
            return "the backlog is larger than max-size (" + limits.maxBytes() + " bytes)";
        }
        long oldest = lane.backlog.oldestMicros();
        Duration most = limits.maxAge();
        if (!most.isZero() && oldest > 0 && nowMicros - oldest > most.toMillis() * 1000) {
            return "the backlog is older than max-age (" + most.toSeconds() + " s)";
        }
        return null;
    }

    private static boolean mayDrop(Lane lane) {
        boolean copying = lane.phase == Lane.Phase.SYNCING && !lane.spec.paused();
        return lane.spec.backlog().whenFull() == WhenFull.DROP_AND_RESYNC
                && !copying
                && lane.broken == null;
    }

    private void drop(Lane lane, String why) {
        LOG.error(
                "backlog dropped replication={} transactions={} bytes={} reason={}",
                lane.id(),
                lane.backlog.transactions(),
                lane.backlog.size(),
                why);
        figures.drop();
        breakOff(lane, ErrorCode.BACKLOG_LIMIT, why + " and was dropped: it is copied again");
        if (!lane.spec.paused()) {
            opening.anew(lane);
        }
    }

    /** What was encrypted with it is gone; so is what was not yet. */
    void keyDestroyed(Lane lane) {
        if (lane.isDropping()) {
            return;
        }
        breakOff(
                lane,
                ErrorCode.KEY_DESTROYED,
                "the data key of tenant '"
                        + lane.spec.tenant()
                        + "' was destroyed, and with it what waited: `heliosdb-cli tenant-keys"
                        + " renew` and then `resync` begin anew");
    }

    private void breakOff(Lane lane, ErrorCode code, String reason) {
        memory.changed(-lane.backlog.memoryBytes());
        lane.backlog.clear();
        lane.broken = new LaneMeta.Broken(code, reason);
        lane.alarm = null;
        opening.endCopy(lane);
        states.fail(lane, code, reason);
    }

    private void tell(Lane lane, @Nullable String beyond) {
        if ((beyond == null) == (lane.alarm == null)) {
            return;
        }
        lane.alarm = beyond;
        if (beyond == null) {
            LOG.info("backlog within its limits again replication={}", lane.id());
        } else {
            LOG.warn("backlog beyond its limit replication={} reason={}", lane.id(), beyond);
        }
        states.report(lane);
    }
}
