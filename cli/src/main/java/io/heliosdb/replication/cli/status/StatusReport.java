package io.heliosdb.replication.cli.status;

import io.heliosdb.replication.core.progress.ProgressRow;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.model.config.ReplicationRule;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of all replications of a configuration file.
 *
 * @param tiers the same by tier
 * @param sourceUnreachable why lags are unknown, or null
 */
public record StatusReport(
        List<ReplicationStatus> replications,
        List<TierStatus> tiers,
        @Nullable String sourceUnreachable) {

    public StatusReport {
        replications = List.copyOf(replications);
        tiers = List.copyOf(tiers);
    }

    StatusReport(List<ReplicationStatus> replications, @Nullable String sourceUnreachable) {
        this(replications, TierStatus.of(replications), sourceUnreachable);
    }

    /** Joins the rules of the file with what the targets know of them. */
    public static StatusReport of(
            PipelineConfig config, List<TargetReading> targets, SourceReading source) {
        List<ReplicationStatus> all = new ArrayList<>();
        for (ReplicationRule rule : config.replications()) {
            TargetReading target =
                    targets.stream()
                            .filter(reading -> reading.target().equals(rule.target()))
                            .findFirst()
                            .orElseThrow();
            all.addAll(statusesOf(rule, target, source));
        }
        return new StatusReport(all, source.unreachable());
    }

    private static List<ReplicationStatus> statusesOf(
            ReplicationRule rule, TargetReading target, SourceReading source) {
        if (target.unreachable() != null) {
            return List.of(unknown(rule, "target unreachable: " + target.unreachable()));
        }
        List<ReplicationStatus> found =
                target.rows().stream()
                        .filter(row -> belongs(row, rule))
                        .map(
                                row ->
                                        ReplicationStatus.of(
                                                row, rule.target(), target.clock(), source))
                        .toList();
        if (!found.isEmpty()) {
            return found;
        }
        return List.of(
                unknown(
                        rule,
                        rule.isPattern()
                                ? "no tenant of this pattern has been started"
                                : "never started"));
    }

    private static ReplicationStatus unknown(ReplicationRule rule, String reason) {
        return ReplicationStatus.unknown(rule.name(), rule.tenant(), rule.target(), reason);
    }

    private static boolean belongs(ProgressRow row, ReplicationRule rule) {
        return row.replication().equals(rule.specFor(row.tenant()).id());
    }

    public boolean anythingUnreachable() {
        return sourceUnreachable != null
                || replications.stream()
                        .anyMatch(
                                status ->
                                        status.reason() != null
                                                && status.reason()
                                                        .startsWith("target unreachable"));
    }

    public boolean anythingInError() {
        return replications.stream().anyMatch(status -> status.state().equals("error"));
    }
}
