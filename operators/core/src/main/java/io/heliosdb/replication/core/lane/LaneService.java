package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.model.ReplicationSpec;
import java.util.Locale;

/**
 * How one lane is served: how far it was behind, and how often beyond its limit. On the engine's
 * thread.
 */
final class LaneService {

    /** So long its limit must have been kept until a violation is over. */
    static final long CALM_MILLIS = 30_000;

    /** The worst lag of what was applied since the last look; -1 if nothing was. */
    private long worstMicros = -1;

    private boolean late;
    private long lateSinceMillis;
    private long beyondMillis;
    private long worstOfViolation;
    private long violations;

    /** Whether it is beyond its limit, or was until a moment ago. */
    boolean isLate() {
        return late;
    }

    long violations() {
        return violations;
    }

    /** The worst of this violation, or the last. */
    long worstOfViolationMicros() {
        return worstOfViolation;
    }

    long lateForMillis(long nowMillis) {
        return nowMillis - lateSinceMillis;
    }

    /** Something was applied that long after its commit. */
    void applied(long lagMicros) {
        worstMicros = Math.max(worstMicros, lagMicros);
    }

    /** The worst lag since this was asked last; -1 if nothing was applied. */
    long takeWorst() {
        long worst = worstMicros;
        worstMicros = -1;
        return worst;
    }

    /** It is beyond its limit; whether that is a new violation. */
    boolean beyond(long lagMicros, long nowMillis) {
        beyondMillis = nowMillis;
        if (late) {
            worstOfViolation = Math.max(worstOfViolation, lagMicros);
            return false;
        }
        late = true;
        lateSinceMillis = nowMillis;
        worstOfViolation = lagMicros;
        violations++;
        return true;
    }

    /** It is within its limit; whether a violation is over with that. */
    boolean within(long nowMillis) {
        if (!late || nowMillis - beyondMillis < CALM_MILLIS) {
            return false;
        }
        late = false;
        return true;
    }

    /**
     * What holds, as JSON: {@code {"tier": …, "priority": …, "maxLagMs": …, "violations": …,
     * "late": …}}.
     */
    String text(ReplicationSpec spec) {
        return "{\"tier\": \""
                + spec.tier().name().toLowerCase(Locale.ROOT).replace('_', '-')
                + "\", \"priority\": "
                + spec.priority()
                + ", \"maxLagMs\": "
                + spec.maxLag().toMillis()
                + ", \"violations\": "
                + violations
                + ", \"late\": "
                + late
                + "}";
    }
}
