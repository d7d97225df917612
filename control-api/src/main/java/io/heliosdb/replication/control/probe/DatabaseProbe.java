package io.heliosdb.replication.control.probe;

import io.heliosdb.replication.control.connection.Connection;
import io.heliosdb.replication.control.connection.Connections;
import io.heliosdb.replication.control.connection.SourceRole;
import io.heliosdb.replication.control.connection.TargetRole;
import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.core.estimate.SourceStatistics;
import io.heliosdb.replication.core.estimate.TenantEstimate;
import io.heliosdb.replication.core.estimate.postgres.StatisticsReader;
import io.heliosdb.replication.core.preflight.PreflightReport;
import io.heliosdb.replication.core.preflight.postgres.Preflight;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.JobConfig;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.model.config.ReplicationRule;
import io.heliosdb.replication.model.config.SourceConfig;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.TargetConfig;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the databases of connections, with the preflight and the statistics of core. Changes nothing
 * in them. Thread-safe.
 */
public final class DatabaseProbe {

    private static final Logger LOG = LoggerFactory.getLogger(DatabaseProbe.class);
    private static final Duration ANSWER = Duration.ofSeconds(3);
    private static final Duration FRESH = Duration.ofSeconds(30);

    private final Connections connections;
    private final Predicate<UUID> hasJob;
    private final Predicate<UUID> hasSynchronous;
    private final InstantSource clock;
    private final Map<UUID, Reading> readings = new ConcurrentHashMap<>();

    /** What was read of a source, or that it could not be read; not asked again for a while. */
    private record Reading(long version, Instant readAt, Optional<SourceStatistics> statistics) {}

    /**
     * @param hasJob whether a job of ours runs for this source: then it is the one who reads the
     *     slot
     * @param hasSynchronous whether commits at this source are to wait for a replication of it
     */
    public DatabaseProbe(
            Connections connections,
            Predicate<UUID> hasJob,
            Predicate<UUID> hasSynchronous,
            InstantSource clock) {
        this.connections = connections;
        this.hasJob = hasJob;
        this.hasSynchronous = hasSynchronous;
        this.clock = clock;
    }

    /** What a connection lacks in each of its roles; empty for a role that it does not have. */
    public record ConnectionReport(
            Optional<PreflightReport> asSource, Optional<PreflightReport> asTarget) {}

    /** Checks the database in the roles of its connection. */
    public ConnectionReport test(Connection connection) {
        SourceRole source = connection.spec().source();
        TargetRole target = connection.spec().target();
        TargetConfig itself = targetOf(connection, 1);
        return new ConnectionReport(
                source == null
                        ? Optional.empty()
                        : Optional.of(
                                besideOurJob(
                                        connection,
                                        Preflight.checkSource(
                                                pipeline(
                                                        connection,
                                                        source,
                                                        itself,
                                                        everyTenant(
                                                                itself.name(),
                                                                hasSynchronous.test(connection.id())
                                                                        ? Tier.SYNCHRONOUS
                                                                        : Tier.STANDARD))))),
                target == null
                        ? Optional.empty()
                        : Optional.of(
                                Preflight.checkTargets(
                                        pipeline(
                                                connection,
                                                source == null ? anySource() : source,
                                                targetOf(connection, target.lanes()),
                                                List.of()))));
    }

    /** Checks source and target for this replication. */
    public PreflightReport check(Connection source, Connection target, ReplicationRule rule) {
        return besideOurJob(
                source,
                Preflight.check(
                        pipeline(
                                source,
                                sourceRole(source),
                                targetOf(target, targetRole(target).lanes()),
                                List.of(rule))));
    }

    /** Whoever ended the reader of the slot, as the preflight proposes, would end our own job. */
    private PreflightReport besideOurJob(Connection source, PreflightReport report) {
        return hasJob.test(source.id())
                ? new PreflightReport(
                        report.findings().stream()
                                .filter(it -> it.code() != ErrorCode.SLOT_IN_USE)
                                .toList())
                : report;
    }

    /** How much this replication would copy; empty if the source cannot be asked now. */
    public Optional<TenantEstimate> estimate(Connection source, ReplicationRule rule) {
        return statistics(source).map(it -> it.estimate(rule.specFor(new TenantId(rule.tenant()))));
    }

    private Optional<SourceStatistics> statistics(Connection source) {
        Reading reading =
                readings.compute(
                        source.id(),
                        (id, last) ->
                                last != null
                                                && last.version() == source.version()
                                                && last.readAt()
                                                        .plus(FRESH)
                                                        .isAfter(clock.instant())
                                        ? last
                                        : read(source));
        return reading.statistics();
    }

    private Reading read(Connection source) {
        try {
            SourceRole role = sourceRole(source);
            return new Reading(
                    source.version(),
                    clock.instant(),
                    Optional.of(
                            StatisticsReader.read(
                                    role.config(open(source)), role.tenancyConfig(), ANSWER)));
        } catch (ReplicationException e) {
            LOG.info("statistics not read connection={} code={}", source.spec().name(), e.code());
            return new Reading(source.version(), clock.instant(), Optional.empty());
        }
    }

    private DatabaseConfig open(Connection connection) {
        return connection.spec().open(connections.password(connection.id()));
    }

    private PipelineConfig pipeline(
            Connection source, SourceRole role, TargetConfig target, List<ReplicationRule> rules) {
        SourceConfig config = role.config(open(source));
        return new PipelineConfig(
                config,
                role.tenancyConfig(),
                List.of(target),
                rules,
                new JobConfig(
                        JobConfig.DEFAULT_NAME,
                        "not-used-by-checks",
                        JobConfig.DEFAULT_CHECKPOINT_INTERVAL,
                        1,
                        JobConfig.DEFAULT_BACKLOG_MEMORY,
                        JobConfig.DEFAULT_PART_BYTES,
                        JobConfig.DEFAULT_SYNC_WORKERS));
    }

    private TargetConfig targetOf(Connection connection, int lanes) {
        return new TargetConfig(connection.spec().name(), open(connection), lanes);
    }

    /** With it every table that has a tenant key is looked at. */
    private static List<ReplicationRule> everyTenant(String target, Tier tier) {
        return List.of(
                new ReplicationRule(
                        "every-tenant",
                        "*",
                        target,
                        TableFilter.ALL,
                        tier,
                        ReplicationRule.DEFAULT_PRIORITY,
                        false,
                        ExistingRows.FAIL));
    }

    private static SourceRole anySource() {
        return new SourceRole(
                "unused", "unused", new SourceRole.TenantKeys("tenant_id", null, null, null));
    }

    private static SourceRole sourceRole(Connection connection) {
        return present(connection.spec().source(), "source.connection_id", "source");
    }

    private static TargetRole targetRole(Connection connection) {
        return present(connection.spec().target(), "target.connection_id", "target");
    }

    private static <T> T present(@Nullable T role, String field, String name) {
        if (role == null) {
            throw ControlException.invalid(field, "the connection has no role as " + name);
        }
        return role;
    }
}
