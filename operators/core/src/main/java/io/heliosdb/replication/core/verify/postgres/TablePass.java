package io.heliosdb.replication.core.verify.postgres;

import io.heliosdb.replication.core.verify.Aggregate;
import io.heliosdb.replication.core.verify.ChangeCollector;
import io.heliosdb.replication.core.verify.Outcome;
import io.heliosdb.replication.core.verify.TableComparison;
import io.heliosdb.replication.core.verify.TableResult;
import io.heliosdb.replication.core.verify.Tracked;
import io.heliosdb.replication.core.verify.VerifiedTable;
import io.heliosdb.replication.core.verify.VerifyListener;
import io.heliosdb.replication.core.verify.VerifyOptions;
import io.heliosdb.replication.model.TenantId;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Reads table by table, all ends at the same time, and compares. */
final class TablePass {

    private final VerifyOptions options;
    private final SourceEnd source;
    private final Map<String, TargetEnd> targets;
    private final TableCatalog catalog;
    private final Results results;
    private final VerifyListener listener;
    private final TenantsFound found = new TenantsFound();
    private final Map<String, String> broken = new LinkedHashMap<>();
    private long rows;

    TablePass(
            VerifyOptions options,
            SourceEnd source,
            Map<String, TargetEnd> targets,
            TableCatalog catalog,
            Results results,
            VerifyListener listener) {
        this.options = options;
        this.source = source;
        this.targets = targets;
        this.catalog = catalog;
        this.results = results;
        this.listener = listener;
    }

    /** Which tenants to read at an end; all if empty. */
    record Wanted(Set<TenantId> atSource, Set<TenantId> atTargets) {}

    /** What an end has of a table: a reader and the aggregates, or why there is nothing. */
    private record Reading(
            @Nullable TableReader reader, Map<String, Aggregate> rows, @Nullable String obstacle) {}

    /** Compares all tables; results and tenants found are kept. */
    TenantsFound run(List<Tracked> tracked, ChangeCollector changes, Wanted wanted)
            throws SQLException {
        long begin = System.nanoTime();
        int done = 0;
        ExecutorService readers =
                Executors.newFixedThreadPool(
                        1 + targets.size(),
                        task -> {
                            Thread thread = new Thread(task, "heliosdb-verify");
                            thread.setDaemon(true);
                            return thread;
                        });
        try {
            for (VerifiedTable table : catalog.tables()) {
                compare(table, tracked, changes, wanted, readers);
                double seconds = Math.max(1e-3, (System.nanoTime() - begin) / 1e9);
                listener.compared(
                        table.id(), ++done, catalog.tables().size(), rows, rows / seconds);
            }
        } finally {
            readers.shutdownNow();
        }
        for (Tracked each : tracked) {
            String reason = broken.get(each.spec().target());
            if (reason != null) {
                results.unreachable(each.spec().id(), reason);
            }
        }
        return found;
    }

    private void compare(
            VerifiedTable table,
            List<Tracked> tracked,
            ChangeCollector changes,
            Wanted wanted,
            ExecutorService readers)
            throws SQLException {
        Future<Reading> atSource =
                readers.submit(
                        () ->
                                read(
                                        source.frozen(),
                                        table,
                                        catalog.atSource(table),
                                        wanted.atSource(),
                                        true));
        Map<String, Future<Reading>> atTargets = new LinkedHashMap<>();
        for (TargetEnd target : targets.values()) {
            TableColumns columns = catalog.atTarget(target.name(), table);
            if (columns != null && catalog.lack(target.name(), table) == null) {
                atTargets.put(
                        target.name(),
                        readers.submit(
                                () ->
                                        read(
                                                target.frozen(),
                                                table,
                                                columns,
                                                wanted.atTargets(),
                                                false)));
            }
        }
        Reading sourceReading = await(atSource);
        sourceReading.rows().values().forEach(aggregate -> rows += aggregate.count());
        found.atSource(table, sourceReading.rows());
        for (TargetEnd target : targets.values()) {
            if (!broken.containsKey(target.name())) {
                List<Tracked> concerned =
                        tracked.stream()
                                .filter(each -> each.spec().target().equals(target.name()))
                                .filter(each -> each.tables().contains(table.id()))
                                .toList();
                Future<Reading> reading = atTargets.get(target.name());
                compare(target, table, concerned, changes, sourceReading, reading);
            }
        }
        source.frozen().leave();
    }

    private void compare(
            TargetEnd target,
            VerifiedTable table,
            List<Tracked> concerned,
            ChangeCollector changes,
            Reading atSource,
            @Nullable Future<Reading> reading)
            throws SQLException {
        try {
            if (reading == null) {
                String lack = catalog.lack(target.name(), table);
                for (Tracked each : concerned) {
                    // A table that came up at the source is made in the target with its first
                    // rows.
                    long count = count(each, atSource);
                    Outcome outcome = count == 0 ? Outcome.EQUAL : Outcome.DIFFERENT;
                    note(each, table, outcome, count, String.valueOf(lack));
                }
                return;
            }
            Reading atTarget = await(reading);
            found.atTarget(target.name(), table, atTarget.rows());
            String obstacle =
                    atSource.obstacle() != null ? atSource.obstacle() : atTarget.obstacle();
            if (obstacle == null && atSource.reader() != null && atTarget.reader() != null) {
                obstacle = compare(table, concerned, changes, atSource, atTarget);
            }
            if (obstacle != null) {
                for (Tracked each : concerned) {
                    note(each, table, Outcome.BEHIND, count(each, atSource), obstacle);
                }
            }
            target.frozen().leave();
        } catch (EndException e) {
            if (e.isSource()) {
                throw e;
            }
            broken.put(target.name(), String.valueOf(e.getMessage()));
        }
    }

    private @Nullable String compare(
            VerifiedTable table,
            List<Tracked> concerned,
            ChangeCollector changes,
            Reading atSource,
            Reading atTarget) {
        try {
            new TableComparison(table, atSource.reader(), atTarget.reader(), options)
                    .compare(concerned, changes, atSource.rows(), atTarget.rows())
                    .forEach(results::add);
            return null;
        } catch (EndException e) {
            if (e.isAboutTable()) {
                return redefined(e);
            }
            throw e;
        }
    }

    private static long count(Tracked replication, Reading atSource) {
        String tenant = replication.spec().tenant().value();
        return atSource.rows().getOrDefault(tenant, Aggregate.NONE).count();
    }

    private void note(
            Tracked replication, VerifiedTable table, Outcome outcome, long count, String note) {
        results.add(
                replication.spec().id(),
                new TableResult(table.id(), outcome, count, 0, 0, List.of(), false, List.of(note)));
    }

    private static Reading read(
            Frozen end,
            VerifiedTable table,
            TableColumns columns,
            Set<TenantId> tenants,
            boolean isSource) {
        try {
            if (!end.enter(table.id())) {
                return new Reading(
                        null,
                        Map.of(),
                        "the table was truncated or rewritten while it was verified: run again");
            }
            String filter = TenantFilter.sql(end.reader(), table, columns, tenants);
            TableReader reader = new TableReader(end.reader(), table, columns, filter, isSource);
            return new Reading(reader, reader.aggregates(), null);
        } catch (SQLException e) {
            EndException failure = new EndException(isSource, e);
            if (failure.isAboutTable()) {
                return new Reading(null, Map.of(), redefined(failure));
            }
            throw failure;
        } catch (EndException e) {
            if (e.isAboutTable()) {
                return new Reading(null, Map.of(), redefined(e));
            }
            throw e;
        }
    }

    private static String redefined(EndException e) {
        return "the table could not be read at "
                + (e.isSource() ? "the source" : "the target")
                + " ("
                + e.getMessage()
                + "): run again";
    }

    private static Reading await(Future<Reading> reading) throws SQLException {
        try {
            return reading.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted while a table was read", e);
        }
    }
}
