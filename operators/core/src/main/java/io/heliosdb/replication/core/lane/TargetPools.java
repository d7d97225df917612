package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.model.config.TargetConfig;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The pools of all targets that this job knows. */
final class TargetPools implements AutoCloseable {

    private final Map<String, TargetPool> byTarget = new LinkedHashMap<>();

    TargetPools(List<TargetConfig> targets, Function<TargetConfig, TargetPool> opener) {
        targets.forEach(target -> byTarget.put(target.name(), opener.apply(target)));
    }

    /** The pool of a lane's target, or null if the running job does not know that target. */
    @Nullable TargetPool of(Lane lane) {
        return byTarget.get(lane.spec.target());
    }

    Collection<TargetPool> all() {
        return byTarget.values();
    }

    /** Queues the lane if it has something to apply and may. */
    void offer(Lane lane) {
        TargetPool pool = of(lane);
        if (pool != null && lane.runnable() && !lane.queued) {
            pool.enqueue(lane);
            pool.pump();
        }
    }

    @Override
    public void close() {
        byTarget.values().forEach(TargetPool::close);
    }
}
