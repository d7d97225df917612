package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.model.Tier;

/**
 * How the replications of one tier are served.
 *
 * <p>Each second each replication that has something to apply, or had, counts once, with its worst
 * lag in that second; those that are paused, claimed or copied do not count. Of that are the share
 * and the percentiles, over the last five minutes.
 *
 * @param replications in all
 * @param late beyond their limits now, or not yet for half a minute within them again
 * @param violations so many times a replication went beyond its limit, since the job began
 * @param complianceRatio share of the seconds within the limit; 1 if there were none
 * @param lagWorstMicros the largest
 * @param backlogBytes as it is in state, and on the heap what is not there yet
 */
public record TierFigures(
        Tier tier,
        long replications,
        long late,
        long violations,
        double complianceRatio,
        long lagP50Micros,
        long lagP99Micros,
        long lagWorstMicros,
        long backlogTransactions,
        long backlogRows,
        long backlogBytes) {

    static TierFigures none(Tier tier) {
        return new TierFigures(tier, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0);
    }
}
