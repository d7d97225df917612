package io.heliosdb.replication.flink.route;

import io.heliosdb.replication.core.route.Router;
import java.io.Serializable;

/** Hands to the router what came of what is to be replicated. Travels with the job graph. */
@FunctionalInterface
public interface SpecInput<S> extends Serializable {

    void hand(S specs, Router router);
}
