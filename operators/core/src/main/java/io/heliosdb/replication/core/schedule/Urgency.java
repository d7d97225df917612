package io.heliosdb.replication.core.schedule;

import io.heliosdb.replication.model.ReplicationSpec;
import java.time.Duration;

/**
 * How urgent the oldest waiting transaction of a replication is.
 *
 * @param deadlineMicros by when it should be applied, on the clock that its commit time is of;
 *     Long.MIN_VALUE if its commit time is not known
 */
public record Urgency(ServiceClass serviceClass, long deadlineMicros) {

    private static final int MOST_PRIORITY = 100;

    /**
     * Of ordinary work. The deadline lies within the limit of the tier, the earlier the higher
     * priority and heat are: at 0 both it is the limit, at most of both a third of it.
     *
     * @param committedMicros when the oldest waiting transaction was committed; 0 if unknown
     * @param heat 0 to 1, see {@link HeatScore}
     */
    public static Urgency of(
            ReplicationSpec spec, Duration lagLimit, double heat, long committedMicros) {
        return new Urgency(
                ServiceClass.of(spec.tier()), deadline(spec, lagLimit, heat, committedMicros));
    }

    /** Of a replication that is demoted while it brings very much. */
    public static Urgency bulk(
            ReplicationSpec spec, Duration lagLimit, double heat, long committedMicros) {
        return new Urgency(ServiceClass.BULK, deadline(spec, lagLimit, heat, committedMicros));
    }

    private static long deadline(
            ReplicationSpec spec, Duration lagLimit, double heat, long committedMicros) {
        if (!(heat >= 0 && heat <= 1)) {
            throw new IllegalArgumentException("heat " + heat + " is not between 0 and 1");
        }
        if (committedMicros == 0) {
            return Long.MIN_VALUE;
        }
        double haste = 1 + spec.priority() / (double) MOST_PRIORITY + heat;
        return committedMicros + (long) (lagLimit.toNanos() / 1000.0 / haste);
    }
}
