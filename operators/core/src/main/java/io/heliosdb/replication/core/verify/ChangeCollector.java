package io.heliosdb.replication.core.verify;

import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Folds a stream of source transactions into {@link TableChanges} per replication and table, for
 * those transactions that exactly one of the replication's two snapshots holds.
 */
public final class ChangeCollector implements ChangeSink {

    private static final String TOO_MANY =
            "more rows changed between the two snapshots than memory is set aside for: run again";
    private static final String REDEFINED = "the table was redefined meanwhile: run again";

    private final Map<TableId, VerifiedTable> tables = new HashMap<>();
    private final Map<String, List<Tracked>> byTenant = new HashMap<>();
    private final List<Tracked> all;
    private final Map<ReplicationId, Map<TableId, TableChanges>> changes = new HashMap<>();
    private final Map<ReplicationId, String> untold = new HashMap<>();
    private final Map<Integer, Layout> layouts = new HashMap<>();
    private final RowHash hash = new RowHash();
    private final long budget;
    private long weight;
    private long commitLsn;

    public ChangeCollector(
            Collection<VerifiedTable> tables, Collection<Tracked> tracked, long budgetBytes) {
        tables.forEach(table -> this.tables.put(table.id(), table));
        this.all = List.copyOf(tracked);
        this.budget = budgetBytes;
        for (Tracked replication : tracked) {
            byTenant.computeIfAbsent(
                            replication.spec().tenant().value(), tenant -> new ArrayList<>())
                    .add(replication);
        }
    }

    /** What was collected for a table of a replication, or null if nothing. */
    @Nullable TableChanges of(Tracked replication, TableId table) {
        ReplicationId id = replication.spec().id();
        String reason = untold.get(id);
        if (reason != null) {
            TableChanges none = new RowChanges(replication.direction(), hash);
            none.giveUp(reason);
            return none;
        }
        return changes.getOrDefault(id, Map.of()).get(table);
    }

    /** Nothing can be told about the changes of this replication. */
    public void giveUp(Tracked replication, String reason) {
        untold.put(replication.spec().id(), reason);
    }

    @Override
    public void begin(long commitLsnOfTransaction) {
        commitLsn = commitLsnOfTransaction;
    }

    @Override
    public void relation(RelationDescriptor relation) {
        VerifiedTable table = tables.get(relation.table());
        if (table == null) {
            layouts.remove(relation.oid());
        } else {
            layouts.put(relation.oid(), Layout.of(table, relation));
        }
    }

    @Override
    public void insert(int relation, @Nullable byte[][] tuple) {
        Layout layout = layouts.get(relation);
        if (layout != null) {
            for (Tracked to : concerned(layout, layout.tenant(tuple))) {
                change(to, layout, rows -> rows.insert(layout.row(tuple)));
            }
        }
    }

    @Override
    public void update(
            int relation,
            boolean whole,
            @Nullable byte @Nullable [][] old,
            @Nullable byte[][] tuple) {
        Layout layout = layouts.get(relation);
        if (layout == null) {
            return;
        }
        String newTenant = layout.tenant(tuple);
        String oldTenant = old == null ? newTenant : layout.tenant(old);
        RowKey oldKey = layout.key(old == null ? tuple : old);
        byte[][] oldRow = whole && old != null ? layout.row(old) : null;
        byte[][] row = layout.row(tuple);
        if (oldTenant.equals(newTenant)) {
            for (Tracked within : concerned(layout, newTenant)) {
                change(within, layout, rows -> rows.update(oldKey, oldRow, row));
            }
            return;
        }
        for (Tracked from : concerned(layout, oldTenant)) {
            change(from, layout, rows -> rows.delete(oldKey, oldRow));
        }
        for (Tracked to : concerned(layout, newTenant)) {
            change(to, layout, rows -> rows.insert(TableChanges.complete(row, oldRow)));
        }
    }

    @Override
    public void delete(int relation, boolean whole, @Nullable byte[][] old) {
        Layout layout = layouts.get(relation);
        if (layout != null) {
            byte[][] oldRow = whole ? layout.row(old) : null;
            for (Tracked from : concerned(layout, layout.tenant(old))) {
                change(from, layout, rows -> rows.delete(layout.key(old), oldRow));
            }
        }
    }

    @Override
    public void truncate(int relation) {
        Layout layout = layouts.get(relation);
        if (layout == null) {
            return;
        }
        for (Tracked replication : all) {
            if (replication.tables().contains(layout.table().id())
                    && replication.isBetween(commitLsn)) {
                change(replication, layout, TableChanges::truncate);
            }
        }
    }

    /** Rough heap use. */
    public long weight() {
        return weight;
    }

    private List<Tracked> concerned(Layout layout, String tenant) {
        List<Tracked> candidates = byTenant.get(tenant);
        if (candidates == null) {
            return List.of();
        }
        TableId table = layout.table().id();
        return candidates.stream()
                .filter(each -> each.tables().contains(table) && each.isBetween(commitLsn))
                .toList();
    }

    private void change(
            Tracked replication, Layout layout, java.util.function.Consumer<TableChanges> change) {
        VerifiedTable table = layout.table();
        TableChanges rows =
                changes.computeIfAbsent(replication.spec().id(), id -> new HashMap<>())
                        .computeIfAbsent(table.id(), id -> empty(table, replication.direction()));
        if (rows.unknown() != null) {
            return;
        }
        long before = rows.weight();
        if (layout.redefined()) {
            rows.giveUp(REDEFINED);
        } else {
            change.accept(rows);
        }
        weight += rows.weight() - before;
        if (weight > budget) {
            weight -= rows.weight();
            rows.giveUp(TOO_MANY);
        }
    }

    private TableChanges empty(VerifiedTable table, TableChanges.Direction direction) {
        return table.keyed() ? new KeyedChanges(table, direction) : new RowChanges(direction, hash);
    }

    /** Where the columns of a table stand in the tuples of a relation. */
    private record Layout(
            VerifiedTable table, int[] published, int[] key, int tenantIndex, boolean redefined) {

        static Layout of(VerifiedTable table, RelationDescriptor relation) {
            int[] published = indexes(table.published(), relation);
            int[] key = indexes(table.key(), relation);
            int tenant =
                    table.tenantKey() instanceof TenantKey.Column column
                            ? relation.indexOf(column.name())
                            : -1;
            boolean redefined =
                    relation.columns().size() != published.length
                            || java.util.Arrays.stream(published).anyMatch(index -> index < 0)
                            || table.tenantKey() instanceof TenantKey.Column && tenant < 0;
            return new Layout(table, published, key, tenant, redefined);
        }

        private static int[] indexes(List<String> columns, RelationDescriptor relation) {
            return columns.stream().mapToInt(relation::indexOf).toArray();
        }

        String tenant(@Nullable byte[][] tuple) {
            return table.tenantKey() instanceof TenantKey.Whole whole
                    ? whole.tenant().value()
                    : tenantIndex < 0 ? "" : VerifiedTable.text(tuple[tenantIndex]);
        }

        @Nullable byte[][] row(@Nullable byte[][] tuple) {
            byte[][] row = new byte[published.length][];
            for (int i = 0; i < row.length; i++) {
                row[i] = published[i] < 0 ? null : tuple[published[i]];
            }
            return row;
        }

        RowKey key(@Nullable byte[][] tuple) {
            List<String> values = new ArrayList<>(key.length);
            for (int index : key) {
                values.add(index < 0 ? "" : VerifiedTable.text(tuple[index]));
            }
            return new RowKey(values);
        }
    }
}
