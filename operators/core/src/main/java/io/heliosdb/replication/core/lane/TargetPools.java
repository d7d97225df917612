package io.heliosdb.replication.core.lane;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The pools of all targets that this job knows. */
final class TargetPools implements AutoCloseable {

    private final Map<String, TargetPool> byTarget = new LinkedHashMap<>();

    void add(TargetPool pool) {
        byTarget.put(pool.target().name(), pool);
    }

    /** The pool of a lane's target, or null if the running job does not know that target. */
    @Nullable TargetPool of(Lane lane) {
        return byTarget.get(lane.spec.target());
    }

    @Nullable TargetPool named(String target) {
        return byTarget.get(target);
    }

    Collection<TargetPool> all() {
        return byTarget.values();
    }

    /** Queues the lane if it has something to apply and may. */
    void offer(Lane lane) {
        TargetPool pool = of(lane);
        if (pool != null && lane.runnable() && !lane.queued) {
            pool.ready().add(lane);
            pool.pump();
        }
    }

    /** How urgent a lane is has changed, though not what it has to do. */
    void urgencyChanged(Lane lane) {
        TargetPool pool = of(lane);
        if (pool != null) {
            pool.ready().moved(lane);
        }
    }

    /** The specification of the lane has changed. */
    void changed(Lane lane) {
        TargetPool pool = of(lane);
        if (pool != null) {
            pool.ready().moved(lane);
            pool.pump();
        }
        offer(lane);
    }

    @Override
    public void close() {
        byTarget.values().forEach(TargetPool::close);
    }
}
