package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.ddl.TableShape;
import io.heliosdb.replication.core.schema.Catalog;
import io.heliosdb.replication.core.schema.PublishedTable;
import io.heliosdb.replication.core.schema.ScopedTable;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.core.schema.TableScope;
import io.heliosdb.replication.core.schema.postgres.CatalogReader;
import io.heliosdb.replication.core.schema.postgres.PendingDdl;
import io.heliosdb.replication.core.schema.postgres.TargetSchema;
import io.heliosdb.replication.core.snapshot.postgres.SyncStore.Entry;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.ExistingRows;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Prepares the copy of a group: which tables, under which snapshot, that the target has them and
 * may be written to. Fails the members that cannot take part, and touches no row before it knows
 * all that it can know. Used by the coordinator.
 */
final class GroupPlan {

    private final List<Member> members;
    private final Connection source;
    private final Connection target;
    private final Map<TableId, TablePlan> plans = new TreeMap<>();
    private final GroupSource seen;

    GroupPlan(
            TableScope scope,
            List<Member> members,
            Connection source,
            Connection target,
            GroupSource.Sessions sessions) {
        this.seen = new GroupSource(scope, members, source, target, sessions);
        this.members = members;
        this.source = source;
        this.target = target;
    }

    /**
     * What is to be done.
     *
     * @param created tables that the target did not have
     */
    record Prepared(
            ExportedSnapshot snapshot,
            List<TablePlan> tables,
            List<CopyTask> tasks,
            Set<TableId> created) {}

    Prepared prepare(String publication, int workers) {
        try {
            GroupSource.Seen now = seen.see(publication);
            ExportedSnapshot snapshot = now.snapshot();
            List<PublishedTable> published = now.published();
            Catalog catalog = now.catalog();
            alignShapes(now);
            Set<TableId> created = ensureTables(catalog, published);
            planTables(now);
            if (active().isEmpty()) {
                return new Prepared(snapshot, List.of(), List.of(), created);
            }
            List<TablePlan> tables = List.copyOf(plans.values());
            tables.forEach(table -> table.created = created.contains(table.table()));
            List<CopyTask> tasks = new Planner(source, workers).plan(tables);
            checkExisting(tables);
            open(tables);
            return new Prepared(snapshot, tables, tasks, created);
        } catch (SQLException e) {
            throw Failures.source(e);
        }
    }

    private Set<TableId> ensureTables(Catalog catalog, List<PublishedTable> published) {
        for (Member member : members) {
            if (seen.scopeOf(member).isEmpty() && !member.request().isGrowth()) {
                member.fail(
                        Failures.rejected(
                                ErrorCode.TABLE_NOT_ROUTABLE,
                                "no published table can hold rows of tenant "
                                        + member.tenant()
                                        + ": check tenancy, the table filter and the publication"));
            }
        }
        Set<TableId> wanted = seen.tablesToCopy();
        Set<TableId> replicated =
                published.stream().map(PublishedTable::table).collect(Collectors.toSet());
        try {
            TargetSchema.Outcome outcome =
                    TargetSchema.ensure(
                            target,
                            catalog,
                            published.stream()
                                    .filter(table -> wanted.contains(table.table()))
                                    .toList(),
                            replicated);
            outcome.rejected().forEach(this::rejectTable);
            return outcome.created();
        } catch (SQLException e) {
            throw Failures.target(e);
        }
    }

    /** What remains different is told as ever. */
    private void alignShapes(GroupSource.Seen now) {
        Member member = seen.aligning();
        if (member == null || now.shapes().tables().isEmpty() || !seen.mayLackSomething()) {
            return;
        }
        try {
            new SyncStore(target).createMarks();
            TargetSchema.alignTypes(target, now.types());
            ShapeAlignment.align(
                    target,
                    member,
                    now.snapshot(),
                    now.shapes(),
                    seen.carried()::contains,
                    seen.tablesToCopy(),
                    this::moved);
        } catch (SQLException e) {
            throw Failures.target(e);
        }
    }

    /**
     * Rows of first copies that were broken off are not taken for the user's; and what has come to
     * a table that is done already is not.
     */
    private void moved(TableShape was, TableShape is) throws SQLException {
        SyncStore store = new SyncStore(target);
        for (TableId name : List.of(is.id(), rootOf(is))) {
            store.moved(name, was.id(), rootOf(was), active(it -> seen.isToCopy(it, name)));
            store.lacks(
                    name,
                    active(
                            it ->
                                    it.request().doneTables().contains(name)
                                            && !it.request().doneTables().contains(was.id())
                                            && !it.request().doneTables().contains(rootOf(was))));
        }
    }

    private List<Member> active(Predicate<Member> which) {
        return active().stream().filter(which).toList();
    }

    private static TableId rootOf(TableShape table) {
        return Objects.requireNonNullElse(table.root(), table.id());
    }

    private void rejectTable(TableId table, String reason) {
        for (Member member : active()) {
            if (seen.scopeOf(member).stream().anyMatch(it -> it.table().equals(table))) {
                member.fail(Failures.rejected(ErrorCode.TARGET_INCOMPATIBLE, reason));
            }
        }
    }

    /** Finds out what was done before, and plans the rest. */
    private void planTables(GroupSource.Seen now) {
        Catalog catalog = now.catalog();
        Map<SyncStore.Key, Entry> entries;
        Set<SyncStore.Key> leftovers;
        Set<SyncStore.Key> lacking;
        Set<TableId> pendingRoots;
        Map<TableId, TableDefinition> there;
        try {
            SyncStore store = new SyncStore(target);
            store.createMarks();
            CopyWorker.fail(store.lost(active(), SyncSql.HOLD_EPOCHS_ALONE));
            entries = store.entries(active());
            Set<TableId> published =
                    now.published().stream().map(PublishedTable::table).collect(Collectors.toSet());
            store.unmark(now.shapes().underOtherNames(published), active());
            lacking = store.lacking(active());
            leftovers = store.leftovers(active(), entries.keySet());
            pendingRoots = PendingDdl.rootsWithoutIndexes(target);
            there = CatalogReader.tables(target, seen.tablesInScope());
            target.commit();
        } catch (SQLException e) {
            throw Failures.target(e);
        }
        Map<TableId, TableId> families = catalog.families();
        for (Member member : active()) {
            for (TableId table : member.request().doneTables()) {
                SyncStore.Key key = new SyncStore.Key(member.id().value(), table);
                Entry entry = entries.get(key);
                if (entry != null && !lacking.contains(key)) {
                    recall(member, entry);
                }
            }
            for (ScopedTable scoped : seen.scopeOf(member)) {
                TableId table = scoped.table();
                SyncStore.Key key = new SyncStore.Key(member.id().value(), table);
                boolean done =
                        member.request().doneTables().contains(table) && !lacking.contains(key);
                TableId root = catalog.rootOf(table);
                if (done && !pendingRoots.contains(root)) {
                    continue;
                }
                TablePlan plan =
                        plans.computeIfAbsent(
                                table,
                                id ->
                                        new TablePlan(
                                                scoped.published(),
                                                scoped.key(),
                                                catalog.tables().get(id),
                                                there.get(id).partitioned(),
                                                root,
                                                families.getOrDefault(id, id)));
                plan.waiting.add(member);
                if (!done) {
                    plan.members.put(member, new TablePlan.Counts());
                    plan.mend |= member.request().mend();
                    boolean left = member.request().isGrowth() && entries.containsKey(key);
                    if (left || leftovers.contains(key)) {
                        // A table that was left out for a while has its rows of before.
                        plan.wipe.add(member);
                    }
                }
            }
        }
    }

    private static void recall(Member member, Entry entry) {
        member.synced.add(entry.synced());
        member.rows.add(entry.rows());
        member.bytes.add(entry.bytes());
        member.estimatedRows += entry.rows();
    }

    /** Rows that are there and are not known to be of an unfinished copy are the user's. */
    private void checkExisting(List<TablePlan> tables) {
        SyncStore store = new SyncStore(target);
        try {
            for (TablePlan table : tables) {
                List<Member> unmarked =
                        table.members.keySet().stream()
                                .filter(it -> it.isActive() && !table.wipe.contains(it))
                                .filter(it -> !it.request().mend())
                                .toList();
                if (!table.created && !unmarked.isEmpty()) {
                    Map<String, Long> rows = store.existing(table, unmarked);
                    for (Member member : unmarked) {
                        Long count = rows.get(table.keyColumn() == null ? "" : member.tenant());
                        if (count != null) {
                            meet(table, member, count);
                        }
                    }
                }
            }
            target.commit();
        } catch (SQLException e) {
            throw Failures.target(e);
        }
    }

    private static void meet(TablePlan table, Member member, long rows) {
        if (member.request().spec().existingRows() == ExistingRows.REPLACE) {
            table.wipe.add(member);
        } else {
            member.fail(
                    Failures.rejected(
                            ErrorCode.TARGET_NOT_READY,
                            "target table "
                                    + table.table()
                                    + " already holds "
                                    + rows
                                    + " rows of tenant "
                                    + member.tenant()
                                    + "; delete them, or set existing-rows: replace"));
        }
    }

    /** Marks, and wipes, where a copy takes more than one transaction. */
    private void open(List<TablePlan> tables) {
        while (true) {
            List<Member> active = active();
            try {
                SyncStore store = new SyncStore(target);
                for (TablePlan table : tables) {
                    Set<Member> own = new LinkedHashSet<>(table.members.keySet());
                    own.retainAll(active);
                    if (!table.alone && !own.isEmpty()) {
                        store.wipe(table, own.stream().filter(table.wipe::contains).toList());
                        store.mark(table.table(), own);
                    }
                }
                List<Member> lost = store.lost(active, SyncSql.HOLD_EPOCHS);
                if (lost.isEmpty()) {
                    target.commit();
                    return;
                }
                target.rollback();
                CopyWorker.fail(lost);
            } catch (SQLException e) {
                throw Failures.target(e);
            }
        }
    }

    private List<Member> active() {
        List<Member> active = new ArrayList<>(members);
        active.removeIf(member -> !member.isActive());
        return active;
    }
}
