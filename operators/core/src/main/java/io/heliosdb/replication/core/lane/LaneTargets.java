package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.feed.SealedTarget;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.TargetConfig;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The targets that an engine knows: those that it begins with, and those that come in the stream.
 */
final class LaneTargets {

    private static final Logger LOG = LoggerFactory.getLogger(LaneTargets.class);

    private final LaneEnvironment environment;
    private final TargetPools pools;
    private final Map<String, SyncQueue> copies;
    private final LaneOpening opening;
    private final ApplyOutcomes outcomes;
    private final LaneStates states;
    private final SourceClock clock;
    private final Map<String, SealedTarget> known = new HashMap<>();

    LaneTargets(
            LaneEnvironment environment,
            TargetPools pools,
            Map<String, SyncQueue> copies,
            LaneOpening opening,
            ApplyOutcomes outcomes,
            LaneStates states,
            SourceClock clock) {
        this.environment = environment;
        this.pools = pools;
        this.copies = copies;
        this.opening = opening;
        this.outcomes = outcomes;
        this.states = states;
        this.clock = clock;
        environment.targets().forEach(this::add);
    }

    private void add(TargetConfig target) {
        TargetPool pool =
                new TargetPool(
                        target,
                        environment.subtasks(),
                        environment.sessions(),
                        environment.owner(),
                        clock::nowMicros,
                        environment.timers(),
                        ApplyWork.from(outcomes));
        pools.add(pool);
        copies.put(
                target.name(),
                new SyncQueue(
                        () -> environment.syncEngines().apply(pool.target()),
                        environment.owner(),
                        environment.timers(),
                        opening,
                        states));
    }

    /** Each key group brings it: only the first is news. */
    void accept(SealedTarget sealed) {
        LaneEnvironment.Control control =
                Objects.requireNonNull(environment.control(), "it comes from a store");
        if (sealed.equals(known.put(sealed.name(), sealed))) {
            return;
        }
        TargetConfig target;
        try {
            target = sealed.open(control.secrets());
        } catch (ReplicationException e) {
            LOG.error("target not usable target={} reason={}", sealed.name(), e.getMessage());
            return;
        }
        TargetPool pool = pools.named(target.name());
        if (pool != null) {
            pool.moved(target);
        } else {
            add(target);
            opening.known(target.name());
        }
        LOG.info("target known target={} version={}", target.name(), sealed.version());
    }
}
