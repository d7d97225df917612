package io.heliosdb.replication.flink.stream;

import io.heliosdb.replication.model.config.ReplicationRule;
import java.io.Serializable;
import java.util.List;

/**
 * All rules that hold from now on: the specification stream is level-triggered, each element
 * replaces the one before.
 *
 * @param version grows with each listing of one producer
 */
public record RuleListing(long version, List<ReplicationRule> rules) implements Serializable {
    public RuleListing {
        rules = List.copyOf(rules);
    }
}
