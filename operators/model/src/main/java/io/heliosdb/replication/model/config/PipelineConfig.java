package io.heliosdb.replication.model.config;

import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One configuration file: one source, its targets, and what is replicated where. Checked as a
 * whole. Where a metadata store tells what is to be replicated, it has neither targets nor
 * replications.
 */
public record PipelineConfig(
        SourceConfig source,
        TenancyConfig tenancy,
        List<TargetConfig> targets,
        List<ReplicationRule> replications,
        JobConfig job)
        implements Serializable {

    public PipelineConfig {
        targets = List.copyOf(targets);
        replications = List.copyOf(replications);
        Set<String> names = new HashSet<>();
        for (TargetConfig target : targets) {
            if (!names.add(target.name())) {
                throw new IllegalArgumentException(
                        "target '" + target.name() + "' is defined twice");
            }
        }
        checkReplications(replications, names);
    }

    private static void checkReplications(List<ReplicationRule> replications, Set<String> targets) {
        Set<String> names = new HashSet<>();
        RuleOverlaps overlaps = new RuleOverlaps();
        for (ReplicationRule rule : replications) {
            if (!names.add(rule.name())) {
                throw new IllegalArgumentException(
                        "replication '" + rule.name() + "' is defined twice");
            }
            if (!targets.contains(rule.target())) {
                throw new IllegalArgumentException(
                        "replication '"
                                + rule.name()
                                + "' names target '"
                                + rule.target()
                                + "', which is not among "
                                + targets);
            }
            String overlap = overlaps.add(rule);
            if (overlap != null) {
                throw new IllegalArgumentException(overlap);
            }
        }
    }

    public TargetConfig target(String name) {
        return targets.stream()
                .filter(target -> target.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no target '" + name + "'"));
    }
}
