package io.heliosdb.replication.core.verify.postgres;

import io.heliosdb.replication.core.progress.ProgressRow;
import io.heliosdb.replication.core.schema.PublishedTable;
import io.heliosdb.replication.core.schema.ScopedTable;
import io.heliosdb.replication.core.schema.TableScope;
import io.heliosdb.replication.core.schema.postgres.PublicationReader;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.core.verify.ChangeCollector;
import io.heliosdb.replication.core.verify.Outcome;
import io.heliosdb.replication.core.verify.Tracked;
import io.heliosdb.replication.core.verify.VerifyListener;
import io.heliosdb.replication.core.verify.VerifyOptions;
import io.heliosdb.replication.core.verify.VerifyReport;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.model.config.ReplicationRule;
import io.heliosdb.replication.model.config.TargetConfig;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One verification: targets up to the point, both ends frozen, changes between, tables. */
final class VerifyRun implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(VerifyRun.class);

    /** With wal_level logical: 24 header, 2 data header, 8 time, 4 flags, 8 database, aligned. */
    private static final long SMALLEST_COMMIT_RECORD = 48;

    private final PipelineConfig config;
    private final VerifyOptions options;
    private final List<ReplicationRule> rules;
    private final Optional<TenantId> tenant;
    private final SourceEnd source;
    private final VerifyListener listener;
    private final TableScope scope;
    private final Results results;
    private final Map<String, TargetEnd> targets = new LinkedHashMap<>();
    private final Map<String, Set<TenantId>> tenantsByTarget = new LinkedHashMap<>();
    private final List<Tracked> tracked = new ArrayList<>();
    private final long begin = System.nanoTime();
    private List<PublishedTable> published = List.of();

    VerifyRun(
            PipelineConfig config,
            VerifyOptions options,
            List<ReplicationRule> rules,
            Optional<TenantId> tenant,
            SourceEnd source,
            VerifyListener listener) {
        this.config = config;
        this.options = options;
        this.rules = rules;
        this.tenant = tenant;
        this.source = source;
        this.listener = listener;
        this.scope = new TableScope(new Tenancy(config.tenancy()));
        this.results = new Results(source.point());
    }

    VerifyReport run() throws SQLException {
        published = PublicationReader.read(source.frozen().keeper(), config.source().publication());
        openTargets();
        awaitAndFreeze();
        TableCatalog catalog =
                new TableCatalog(
                        scopedTables(), source.frozen(), targets.values(), this::unreachable);
        ChangeCollector changes =
                new ChangeCollector(catalog.tables(), tracked, options.changeMemoryBytes());
        collect(changes);
        source.stopStreaming();
        TenantsFound found =
                new TablePass(options, source, targets, catalog, results, listener)
                        .run(tracked, changes, wanted());
        found.forEachAtSource(this::nameUnknown);
        VerifyReport report =
                new VerifyReport(
                        source.point(),
                        Duration.ofNanos(System.nanoTime() - begin),
                        results.list(),
                        tenant.isPresent() ? List.of() : found.foreign(this::belongs));
        LOG.info(
                "verified verdict={} replications={} rows={} lsn={}",
                report.verdict(),
                report.replications().size(),
                report.rows(),
                report.sourcePosition());
        return report;
    }

    private void openTargets() {
        for (TargetConfig target : config.targets()) {
            List<ReplicationRule> wanted = rulesTo(target.name());
            if (wanted.isEmpty()) {
                continue;
            }
            try {
                targets.put(target.name(), TargetEnd.open(target, options.timeout()));
            } catch (SQLException | ReplicationException e) {
                unreachable(target.name(), String.valueOf(e.getMessage()));
            }
        }
    }

    private void unreachable(String target, String reason) {
        for (ReplicationRule rule : rulesTo(target)) {
            // A pattern stands for replications that only the target knows.
            TenantId of = tenant.orElse(new TenantId(rule.tenant()));
            ReplicationSpec spec = rule.specFor(of);
            results.settle(spec, null, Outcome.UNREACHABLE, reason);
        }
        tracked.removeIf(each -> each.spec().target().equals(target));
        TargetEnd end = targets.remove(target);
        if (end != null) {
            end.close();
        }
    }

    private List<ReplicationRule> rulesTo(String target) {
        return rules.stream().filter(rule -> rule.target().equals(target)).toList();
    }

    private void awaitAndFreeze() {
        Targets waiting = new Targets(source, rules, listener);
        long deadline = System.nanoTime() + options.timeout().toNanos();
        for (TargetEnd target : List.copyOf(targets.values())) {
            try {
                waiting.await(target, deadline);
                target.freeze();
                track(target, target.progress(), target.syncedTables());
            } catch (SQLException e) {
                unreachable(target.name(), String.valueOf(e.getMessage()));
            }
        }
    }

    private void track(
            TargetEnd target,
            Map<ReplicationId, ProgressRow> progress,
            Map<ReplicationId, Map<TableId, Lsn>> synced) {
        Set<TenantId> tenants =
                tenantsByTarget.computeIfAbsent(target.name(), name -> new HashSet<>());
        progress.values().forEach(row -> tenants.add(row.tenant()));
        for (ReplicationRule rule : rulesTo(target.name())) {
            for (ReplicationSpec spec : specs(rule, progress)) {
                track(spec, progress.get(spec.id()), synced.getOrDefault(spec.id(), Map.of()));
            }
        }
    }

    private void track(ReplicationSpec spec, @Nullable ProgressRow row, Map<TableId, Lsn> synced) {
        Set<TableId> tables =
                scope.of(spec, published).stream()
                        .map(ScopedTable::table)
                        .collect(Collectors.toSet());
        String obstacle = Targets.obstacle(row, source.identity(), tables.size(), synced);
        Position position = row == null ? null : row.position();
        if (obstacle != null || row == null) {
            results.settle(spec, position, Outcome.BEHIND, String.valueOf(obstacle));
            return;
        }
        Tracked replication = new Tracked(spec, tables, source.point(), row.position());
        tracked.add(replication);
        String remark = Targets.remark(row).strip();
        if (replication.isBehind()) {
            remark =
                    ("behind by "
                                    + source.point().bytesSince(row.position().commitLsn())
                                    + " bytes of WAL "
                                    + remark)
                            .strip();
        }
        results.open(spec, row.position(), remark.isEmpty() ? null : remark);
    }

    /** The replications of a rule that exist or must exist. */
    private List<ReplicationSpec> specs(
            ReplicationRule rule, Map<ReplicationId, ProgressRow> progress) {
        if (!rule.isPattern()) {
            return List.of(rule.specFor(new TenantId(rule.tenant())));
        }
        return progress.values().stream()
                .map(ProgressRow::tenant)
                .distinct()
                .filter(
                        each ->
                                rule.covers(each)
                                        && (tenant.isEmpty() || tenant.get().equals(each)))
                .map(rule::specFor)
                .filter(spec -> progress.containsKey(spec.id()))
                .toList();
    }

    /** Tables that some rule to a target that answers carries. */
    private List<ScopedTable> scopedTables() {
        Tenancy tenancy = new Tenancy(config.tenancy());
        return published.stream()
                .map(table -> new ScopedTable(table, tenancy.keyOf(table.table(), table.columns())))
                .filter(table -> rules.stream().anyMatch(rule -> carries(rule, table)))
                .toList();
    }

    private boolean carries(ReplicationRule rule, ScopedTable table) {
        if (!targets.containsKey(rule.target()) || !rule.tables().accepts(table.table())) {
            return false;
        }
        return table.key() instanceof TenantKey.Whole whole
                ? rule.covers(whole.tenant())
                        && (tenant.isEmpty() || tenant.get().equals(whole.tenant()))
                : table.key() instanceof TenantKey.Column;
    }

    private void collect(ChangeCollector changes) throws SQLException {
        Lsn until = source.point();
        boolean anyBehind = false;
        for (Tracked each : tracked) {
            anyBehind |= each.isBehind();
            if (each.applied().commitLsn().isAfter(until)) {
                until = each.applied().commitLsn();
            }
        }
        if (anyBehind) {
            Lsn from = source.streamBefore(changes);
            for (Tracked each : tracked) {
                if (each.isBehind() && (from == null || from.isAfter(each.applied().commitLsn()))) {
                    changes.giveUp(
                            each,
                            "the source's slot no longer has the changes since the target's"
                                    + " position");
                }
            }
        }
        if (tracked.stream().anyMatch(each -> !each.isBehind())) {
            source.streamAfter(until, changes);
        }
    }

    /**
     * Whether a stream from {@code from} on has every transaction behind the position. The position
     * is where the commit record of the last one applied begins, and a job confirms where it ends:
     * no other commit record fits into so few bytes between.
     */
    private static boolean reaches(Lsn from, Position applied) {
        return from.bytesSince(applied.commitLsn()) <= SMALLEST_COMMIT_RECORD
                && (applied.ordinal() == Position.WHOLE || !from.isAfter(applied.commitLsn()));
    }

    private TablePass.Wanted wanted() {
        if (tenant.isPresent()) {
            Set<TenantId> only = Set.of(tenant.get());
            return new TablePass.Wanted(only, only);
        }
        Set<TenantId> named =
                rules.stream().anyMatch(ReplicationRule::isPattern)
                        ? Set.of()
                        : rules.stream()
                                .map(rule -> new TenantId(rule.tenant()))
                                .collect(Collectors.toSet());
        // A target is read whole: rows of others in it are a finding.
        return new TablePass.Wanted(named, Set.of());
    }

    /** Patterns cover tenants of which the target does not know yet. */
    private void nameUnknown(TableId table, TenantId id) {
        for (ReplicationRule rule : rules) {
            if (rule.isPattern()
                    && targets.containsKey(rule.target())
                    && rule.tables().accepts(table)
                    && rule.covers(id)
                    && (tenant.isEmpty() || tenant.get().equals(id))
                    && !results.knows(rule.specFor(id).id())) {
                results.settle(
                        rule.specFor(id),
                        null,
                        Outcome.BEHIND,
                        "not started: the target has no progress of it");
            }
        }
    }

    /** Whether rows of a tenant may stand in a table of a target. */
    private boolean belongs(String target, TableId table, TenantId id) {
        return tenantsByTarget.getOrDefault(target, Set.of()).contains(id)
                || rules.stream()
                        .anyMatch(
                                rule ->
                                        rule.target().equals(target)
                                                && rule.covers(id)
                                                && rule.tables().accepts(table));
    }

    @Override
    public void close() {
        targets.values().forEach(TargetEnd::close);
    }
}
