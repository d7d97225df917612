package io.heliosdb.replication.flink.route;

import io.heliosdb.replication.core.route.Router;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Where the router has it from what is to be replicated. Travels with the job graph.
 *
 * @param <S> what comes while the job runs
 */
public interface SpecInput<S> extends Serializable {

    /**
     * What holds at a start, told before anything of the source is routed: what is routed before a
     * replication is known is lost to it. On the task's thread, which may be interrupted.
     *
     * @param anew whether the job has no state; then this waits as long as it takes
     * @return null if only what the state has is known
     */
    @Nullable S first(boolean anew) throws InterruptedException;

    /** Hands to the router what came. */
    void hand(S specs, Router router);
}
