package io.heliosdb.replication.model.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds replications of a list that could write the rows of one tenant into one target twice. */
public final class RuleOverlaps {

    private final List<ReplicationRule> patterns = new ArrayList<>();
    private final List<ReplicationRule> all = new ArrayList<>();
    private final Map<List<String>, ReplicationRule> byTenantAndTarget = new HashMap<>();

    /** Takes in the next rule; returns what is wrong with it, naming it and an earlier one. */
    public @Nullable String add(ReplicationRule rule) {
        ReplicationRule other =
                byTenantAndTarget.putIfAbsent(List.of(rule.tenant(), rule.target()), rule);
        if (other == null) {
            other =
                    (rule.isPattern() ? all : patterns)
                            .stream().filter(rule::overlaps).findFirst().orElse(null);
        }
        all.add(rule);
        if (rule.isPattern()) {
            patterns.add(rule);
        }
        return other == null ? null : message(rule, other);
    }

    private static String message(ReplicationRule rule, ReplicationRule other) {
        return "replication '"
                + rule.name()
                + "' (tenant '"
                + rule.tenant()
                + "') and replication '"
                + other.name()
                + "' (tenant '"
                + other.tenant()
                + "') can both carry a tenant to target '"
                + rule.target()
                + "', and would write its rows twice";
    }
}
