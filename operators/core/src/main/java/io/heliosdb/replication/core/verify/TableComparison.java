package io.heliosdb.replication.core.verify;

import io.heliosdb.replication.core.verify.KeyDifference.Kind;
import io.heliosdb.replication.core.verify.TableRows.KeyedRow;
import io.heliosdb.replication.model.ReplicationId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares one table between the source and one target, for all replications to that target.
 *
 * <p>Rows that no change between the two snapshots touched must be the same in both: the touched
 * ones are taken out of both aggregates, and the rest must be equal. The touched ones are compared
 * one by one with what the changes say. Where aggregates differ, {@link DrillDown} names the rows.
 */
public final class TableComparison {

    private static final int KEYS_PER_QUERY = 1000;

    private final VerifiedTable table;
    private final TableRows source;
    private final TableRows target;
    private final int namedKeys;
    private final RowHash hash = new RowHash();

    public TableComparison(
            VerifiedTable table, TableRows source, TableRows target, VerifyOptions options) {
        this.table = table;
        this.source = source;
        this.target = target;
        this.namedKeys = options.namedKeys();
    }

    /**
     * @param sourceByTenant aggregates of the source, over all tenants concerned
     */
    public Map<ReplicationId, TableResult> compare(
            List<Tracked> replications,
            ChangeCollector changes,
            Map<String, Aggregate> sourceByTenant,
            Map<String, Aggregate> targetByTenant) {
        List<Tally> tallies = new ArrayList<>();
        for (Tracked replication : replications) {
            String tenant = replication.spec().tenant().value();
            tallies.add(
                    new Tally(
                            replication,
                            changes.of(replication, table.id()),
                            sourceByTenant.getOrDefault(tenant, Aggregate.NONE),
                            targetByTenant.getOrDefault(tenant, Aggregate.NONE),
                            namedKeys));
        }
        compareTouched(tallies);
        Map<ReplicationId, TableResult> results = new LinkedHashMap<>();
        for (Tally tally : tallies) {
            if (!tally.expected.equals(tally.actual) && !tally.isUnknown()) {
                new DrillDown(table, source, target, tally, namedKeys).run();
            }
            results.put(tally.replication.spec().id(), tally.result(table));
        }
        return results;
    }

    private record Touched(Tally tally, RowKey key, Expected expected) {}

    private void compareTouched(List<Tally> tallies) {
        List<Touched> batch = new ArrayList<>();
        for (Tally tally : tallies) {
            if (tally.changes instanceof KeyedChanges keyed) {
                for (Map.Entry<RowKey, Expected> entry : keyed.expected().entrySet()) {
                    batch.add(new Touched(tally, entry.getKey(), entry.getValue()));
                    if (batch.size() == KEYS_PER_QUERY) {
                        compareBatch(batch);
                        batch.clear();
                    }
                }
            }
        }
        if (!batch.isEmpty()) {
            compareBatch(batch);
        }
    }

    private void compareBatch(List<Touched> batch) {
        Set<RowKey> keys = new HashSet<>();
        Set<RowKey> bases = new HashSet<>();
        for (Touched touched : batch) {
            keys.add(touched.key());
            if (touched.expected() instanceof Expected.Image image && image.base() != null) {
                bases.add(image.base());
            }
        }
        Map<RowKey, List<KeyedRow>> targetRows = byKey(target.byKey(keys, true));
        keys.addAll(bases);
        Map<RowKey, List<KeyedRow>> sourceRows = byKey(source.byKey(keys, !bases.isEmpty()));
        for (Touched touched : batch) {
            long keyHash = touched.key().hash(hash);
            String tenant = touched.tally().tenant();
            for (KeyedRow row : sourceRows.getOrDefault(touched.key(), List.of())) {
                if (row.tenant().equals(tenant)) {
                    touched.tally().takeFromSource(keyHash, row.hash());
                }
            }
            List<KeyedRow> found =
                    targetRows.getOrDefault(touched.key(), List.of()).stream()
                            .filter(row -> row.tenant().equals(tenant))
                            .toList();
            found.forEach(row -> touched.tally().takeFromTarget(keyHash, row.hash()));
            compareOne(touched, found, sourceRows);
        }
    }

    private static Map<RowKey, List<KeyedRow>> byKey(List<KeyedRow> rows) {
        Map<RowKey, List<KeyedRow>> byKey = new HashMap<>();
        rows.forEach(row -> byKey.computeIfAbsent(row.key(), key -> new ArrayList<>()).add(row));
        return byKey;
    }

    private void compareOne(
            Touched touched, List<KeyedRow> found, Map<RowKey, List<KeyedRow>> sourceRows) {
        Tally tally = touched.tally();
        String key = touched.key().describe(table.key());
        int wanted = touched.expected() instanceof Expected.Absent ? 0 : 1;
        if (wanted == 1) {
            tally.touchedIsThere();
        }
        for (int i = wanted; i < found.size(); i++) {
            tally.differ(Kind.EXTRA_IN_TARGET, key, List.of());
        }
        if (found.size() < wanted) {
            tally.differ(Kind.MISSING_IN_TARGET, key, List.of());
        } else if (touched.expected() instanceof Expected.Present) {
            tally.comparedByPresence();
        } else if (touched.expected() instanceof Expected.Image image) {
            List<KeyedRow> base =
                    image.base() == null
                            ? List.of()
                            : sourceRows.getOrDefault(image.base(), List.of());
            List<String> columns =
                    differingColumns(image, base.isEmpty() ? null : base.get(0), found.get(0));
            if (!columns.isEmpty()) {
                tally.differ(Kind.DIFFERENT, key, columns);
            }
        }
    }

    private List<String> differingColumns(
            Expected.Image image, @Nullable KeyedRow base, KeyedRow found) {
        List<String> columns = new ArrayList<>();
        for (int i = 0; i < table.published().size(); i++) {
            String column = table.published().get(i);
            int compared = table.compared().indexOf(column);
            byte[] wanted = image.values()[i];
            if (wanted == ChangeSink.UNCHANGED) {
                if (base == null || base.values() == null) {
                    continue;
                }
                wanted = base.values()[compared];
            }
            if (found.values() != null && !Arrays.equals(wanted, found.values()[compared])) {
                columns.add(column);
            }
        }
        return columns;
    }
}
