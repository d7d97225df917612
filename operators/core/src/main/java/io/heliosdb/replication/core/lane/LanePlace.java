package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.schedule.HeatScore;
import io.heliosdb.replication.core.schedule.ServiceClass;
import io.heliosdb.replication.core.schedule.TokenBucket;
import io.heliosdb.replication.core.schedule.Urgency;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.Tier;
import java.time.Duration;

/** Where one lane stands among those that are ready for its target. On the engine's thread. */
final class LanePlace {

    /** A share of a group is 1 MiB: this is many of them. */
    private static final long BULK_BEGINS_BYTES = 8 << 20;

    private static final long BULK_ENDS_BYTES = 1 << 20;

    private static final int HASTE_OF_WHO_IS_LATE = 4;

    /** Late at once, see {@link ReadyLanes}, and yet earlier for who has priority. */
    private static final Duration AT_ONCE = Duration.ofNanos(ReadyLanes.SLACK_MICROS * 1000);

    /** As what the lane was queued last. */
    Urgency urgency = new Urgency(ServiceClass.BEST_EFFORT, Long.MIN_VALUE);

    /** It goes in a session of its own at its target. */
    boolean kept;

    /** It has that because it is late, see {@link KeptSessions}. */
    boolean keptBecauseLate;

    /** Waits until it may send something again. */
    boolean throttled;

    private boolean bulk;
    private TokenBucket rate = new TokenBucket(0, 0);

    /** Whether the lane has so much to do that it is demoted until most of it is done. */
    boolean isBulk() {
        return bulk;
    }

    /** What the lane may send to its target. */
    TokenBucket rate(ReplicationSpec spec, long nowNanos) {
        if (rate.bytesPerSecond() != spec.service().bytesPerSecond()) {
            rate = new TokenBucket(spec.service().bytesPerSecond(), nowNanos);
        }
        return rate;
    }

    /** Looks at what there is to do, before the lane is queued; only if it is runnable. */
    void weigh(Lane lane) {
        long committed = lane.backlog.oldestCommitMicros();
        if (Discipline.CURRENT == Discipline.FIFO) {
            urgency = new Urgency(ServiceClass.STANDARD, committed);
            return;
        }
        bulk = lane.backlog.bytes() > (bulk ? BULK_ENDS_BYTES : BULK_BEGINS_BYTES);
        Duration limit = servedWithin(lane);
        double heat = HeatScore.NONE.of(lane.id());
        urgency =
                bulk
                        ? Urgency.bulk(lane.spec, limit, heat, committed)
                        : Urgency.of(lane.spec, limit, heat, committed);
    }

    /** Whoever is synchronous is late at once; who was late is served early until it is not. */
    private static Duration servedWithin(Lane lane) {
        ReplicationSpec spec = lane.spec;
        if (spec.tier() == Tier.SYNCHRONOUS && spec.service().ownLag() == null) {
            return AT_ONCE;
        }
        Duration limit = spec.maxLag();
        return lane.service.isLate() && spec.tier() == Tier.STANDARD
                ? limit.dividedBy(HASTE_OF_WHO_IS_LATE)
                : limit;
    }
}
