package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.Tier;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the lanes against their lag limits: again and again what waits, and with each batch what
 * was applied. Who goes beyond is counted, told of, and helped as its tier has it: premium by a
 * connection of its own, standard by being served as if its limit were a quarter, best-effort by a
 * warning. That ends once it has kept its limit for half a minute.
 *
 * <p>A replication that is paused, claimed or copied is owed nothing; one in error is.
 */
final class LagWatch {

    private static final Logger LOG = LoggerFactory.getLogger(LagWatch.class);

    /** Of ten thousand that are late for one reason so many are named, the others counted. */
    private static final int NAMED_PER_LOOK = 20;

    private final Lanes lanes;
    private final TargetPools pools;
    private final LaneFigures figures;
    private final SourceClock clock;
    private final InstantSource local;
    private final Map<Tier, OfTier> tiers = new EnumMap<>(Tier.class);
    private @Nullable LaneReporter reporter;
    private boolean moved;
    private int named;
    private int unnamed;

    private static final class OfTier {
        final LagWindow window = new LagWindow();
        long violations;

        // Of the look that is under way.
        long replications;
        long late;
        long transactions;
        long rows;
        long bytes;

        void begin() {
            replications = 0;
            late = 0;
            transactions = 0;
            rows = 0;
            bytes = 0;
        }

        TierFigures figures(Tier tier, long nowMillis) {
            LagWindow.Summary lags = window.summary(nowMillis);
            return new TierFigures(
                    tier,
                    replications,
                    late,
                    violations,
                    lags.samples() == 0 ? 1 : lags.within() / (double) lags.samples(),
                    lags.p50(),
                    lags.p99(),
                    lags.worst(),
                    transactions,
                    rows,
                    bytes);
        }
    }

    LagWatch(
            Lanes lanes,
            TargetPools pools,
            LaneFigures figures,
            SourceClock clock,
            InstantSource local) {
        this.lanes = lanes;
        this.pools = pools;
        this.figures = figures;
        this.clock = clock;
        this.local = local;
        for (Tier tier : Tier.values()) {
            tiers.put(tier, new OfTier());
        }
    }

    /** Who hears of violations. */
    void tellTo(LaneReporter hearer) {
        reporter = hearer;
    }

    /**
     * A batch was applied.
     *
     * @param lagMicros of the oldest in it, from commit to now
     */
    void applied(Lane lane, long lagMicros) {
        if (!isOwed(lane)) {
            return;
        }
        lane.service.applied(lagMicros);
        if (lagMicros > limitMicros(lane)) {
            beyond(lane, lagMicros, local.millis());
        }
    }

    /**
     * @param heard whether the source has told where it is since the last time. If not, whoever
     *     waits for nothing may be late or not: nobody knows
     */
    void look(boolean heard) {
        long now = clock.nowMicros();
        long nowMillis = local.millis();
        tiers.values().forEach(OfTier::begin);
        named = 0;
        moved = false;
        for (Lane lane : lanes.all()) {
            OfTier tier = of(lane);
            tier.replications++;
            tier.transactions += lane.backlog.transactions();
            tier.rows += lane.backlog.rows();
            tier.bytes += lane.backlog.size();
            if (heard || lane.backlog.oldestMicros() > 0) {
                look(lane, tier, now, nowMillis);
            }
            tier.late += lane.service.isLate() ? 1 : 0;
        }
        if (moved) {
            pools.all().forEach(TargetPool::pump);
        }
        if (unnamed > 0) {
            LOG.warn("lag limits missed by others too count={}", unnamed);
            unnamed = 0;
        }
        List<TierFigures> told = new ArrayList<>();
        tiers.forEach((tier, its) -> told.add(its.figures(tier, nowMillis)));
        figures.tiers(told);
    }

    private void look(Lane lane, OfTier tier, long nowMicros, long nowMillis) {
        long lag = lane.service.takeWorst();
        if (!isOwed(lane)) {
            end(lane, lane.service.within(nowMillis + LaneService.CALM_MILLIS), nowMillis);
            return;
        }
        long oldest = lane.backlog.oldestMicros();
        if (oldest > 0) {
            lag = Math.max(lag, nowMicros - oldest);
        }
        boolean within = lag <= limitMicros(lane);
        if (lag >= 0) {
            tier.window.add(lag, within, nowMillis);
        }
        if (within) {
            end(lane, lane.service.within(nowMillis), nowMillis);
        } else {
            beyond(lane, lag, nowMillis);
        }
    }

    private static boolean isOwed(Lane lane) {
        ReplicationState state = lane.state();
        return state == ReplicationState.STREAMING
                || (state == ReplicationState.ERROR || lane.isTrying()) && !lane.spec.paused();
    }

    private static long limitMicros(Lane lane) {
        return lane.spec.maxLag().toNanos() / 1000;
    }

    private OfTier of(Lane lane) {
        return tiers.get(lane.spec.tier());
    }

    private void beyond(Lane lane, long lagMicros, long nowMillis) {
        if (!lane.service.beyond(lagMicros, nowMillis)) {
            return;
        }
        of(lane).violations++;
        pools.urgencyChanged(lane);
        moved = true;
        long limit = lane.spec.maxLag().toMillis();
        if (named++ < NAMED_PER_LOOK) {
            LOG.warn(
                    "lag limit missed replication={} tier={} lag_ms={} limit_ms={}",
                    lane.id(),
                    lane.spec.tier(),
                    lagMicros / 1000,
                    limit);
        } else {
            unnamed++;
        }
        tell(
                lane,
                "SlaViolation",
                "Warning",
                "lag of " + lagMicros / 1000 + " ms is beyond the limit of " + limit + " ms",
                lagMicros,
                0);
    }

    private void end(Lane lane, boolean over, long nowMillis) {
        if (!over) {
            return;
        }
        pools.urgencyChanged(lane);
        moved = true;
        long seconds = lane.service.lateForMillis(nowMillis) / 1000;
        long worst = lane.service.worstOfViolationMicros();
        if (named++ < NAMED_PER_LOOK) {
            LOG.info(
                    "lag limit kept again replication={} worst_ms={} seconds={}",
                    lane.id(),
                    worst / 1000,
                    seconds);
        }
        tell(
                lane,
                "SlaRestored",
                "Info",
                "lag is within its limit again; it was " + worst / 1000 + " ms at worst",
                worst,
                seconds);
    }

    private void tell(
            Lane lane, String type, String severity, String message, long lagMicros, long seconds) {
        if (reporter != null && lane.version > 0) {
            reporter.note(
                    lane.id(),
                    type,
                    severity,
                    message,
                    "{\"qos_tier\": \""
                            + name(lane.spec.tier())
                            + "\", \"lag_seconds\": "
                            + lagMicros / 1e6
                            + ", \"max_lag_seconds\": "
                            + lane.spec.maxLag().toMillis() / 1e3
                            + ", \"duration_seconds\": "
                            + seconds
                            + "}");
        }
    }

    /** {@code BEST_EFFORT} is BestEffort, as the store has it. */
    private static String name(Tier tier) {
        return switch (tier) {
            case BEST_EFFORT -> "BestEffort";
            case STANDARD -> "Standard";
            case PREMIUM -> "Premium";
            case SYNCHRONOUS -> "Synchronous";
        };
    }
}
