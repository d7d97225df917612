package io.heliosdb.replication.control.replication;

import io.heliosdb.replication.control.connection.Connection;
import io.heliosdb.replication.control.connection.Connections;
import io.heliosdb.replication.control.journal.postgres.JournalRepository;
import io.heliosdb.replication.control.probe.DatabaseProbe;
import io.heliosdb.replication.core.estimate.TenantEstimate;
import io.heliosdb.replication.core.preflight.PreflightReport;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.ReplicationRule;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a replication would copy and how long that takes, from the statistics of the source. */
public final class Estimates {

    /** Where no first copy was measured yet: what a small machine does. */
    private static final double BYTES_PER_SECOND = 20e6;

    private final Connections connections;
    private final DatabaseProbe probe;
    private final JournalRepository journal;

    public Estimates(Connections connections, DatabaseProbe probe, JournalRepository journal) {
        this.connections = connections;
        this.probe = probe;
        this.journal = journal;
    }

    /** Null is unknown: the source could not be asked, or was never analyzed. */
    public record Estimate(@Nullable Long rows, @Nullable Long bytes, @Nullable Duration copy) {
        static final Estimate UNKNOWN = new Estimate(null, null, null);
    }

    public Estimate estimate(NewReplication wanted) {
        return estimate(
                connections.get(wanted.sourceConnection()),
                wanted.tenantId(),
                wanted.sourceSchema(),
                wanted.config());
    }

    public Estimate estimate(Replication replication) {
        return estimate(
                connections.get(replication.source().connectionId()),
                replication.tenantId(),
                replication.source().schema(),
                replication.config());
    }

    private Estimate estimate(
            Connection source, String tenant, @Nullable String schema, ReplicationConfig config) {
        Optional<TenantEstimate> estimate =
                probe.estimate(source, rule("estimate", tenant, "target", schema, config));
        if (estimate.isEmpty()) {
            return Estimate.UNKNOWN;
        }
        Long bytes = estimate.get().bytes();
        double rate = journal.copyRate().orElse(BYTES_PER_SECOND);
        return new Estimate(
                estimate.get().rows(),
                bytes,
                bytes == null ? null : Duration.ofMillis((long) (1000 * bytes / rate)));
    }

    /** What the preflight says to this replication; nothing is changed anywhere. */
    public PreflightReport check(NewReplication wanted) {
        return check(
                wanted.sourceConnection(),
                wanted.targetConnection(),
                wanted.tenantId(),
                wanted.sourceSchema(),
                wanted.config());
    }

    /** What the preflight would say, if it had this configuration. */
    public PreflightReport check(Replication replication, ReplicationConfig config) {
        return check(
                replication.source().connectionId(),
                replication.target().connectionId(),
                replication.tenantId(),
                replication.source().schema(),
                config);
    }

    private PreflightReport check(
            UUID sourceId,
            UUID targetId,
            String tenant,
            @Nullable String schema,
            ReplicationConfig config) {
        Connection source = connections.get(sourceId);
        Connection target = connections.get(targetId);
        return probe.check(
                source, target, rule("dry-run", tenant, target.spec().name(), schema, config));
    }

    private static ReplicationRule rule(
            String name,
            String tenant,
            String target,
            @Nullable String schema,
            ReplicationConfig config) {
        Tier tier = config.qosTier();
        return new ReplicationRule(
                name,
                tenant,
                target,
                config.filter(schema),
                tier,
                config.priority(),
                false,
                config.existingRows());
    }
}
