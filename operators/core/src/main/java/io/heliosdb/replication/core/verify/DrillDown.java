package io.heliosdb.replication.core.verify;

import io.heliosdb.replication.core.verify.KeyDifference.Kind;
import io.heliosdb.replication.core.verify.TableRows.HashedRow;
import io.heliosdb.replication.core.verify.TableRows.KeyedRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Names the rows by which a table of one replication differs.
 *
 * <p>Both ends aggregate by bucket of the key's hash; only the rows of the first differing buckets
 * are read. Each of them holds at least one differing row, so as many buckets as names wanted are
 * enough, and memory stays within some ten thousand rows whatever the table's size.
 */
final class DrillDown {

    private static final long ROWS_PER_BUCKET = 2000;
    private static final long MOST_BUCKETS = 1 << 16;

    private final VerifiedTable table;
    private final TableRows source;
    private final TableRows target;
    private final Tally tally;
    private final int namedKeys;

    DrillDown(VerifiedTable table, TableRows source, TableRows target, Tally tally, int namedKeys) {
        this.table = table;
        this.source = source;
        this.target = target;
        this.tally = tally;
        this.namedKeys = namedKeys;
    }

    void run() {
        long rows = Math.max(tally.expected.count(), tally.actual.count());
        long wanted = Math.min(MOST_BUCKETS, Math.max(1, rows / ROWS_PER_BUCKET));
        long mask = Long.highestOneBit(wanted) * 2 - 1;
        List<Long> differing = differingBuckets(mask);
        if (differing.size() > namedKeys) {
            tally.moreDifferences();
            differing = differing.subList(0, namedKeys);
        }
        List<HashedRow> sourceRows =
                isCleared() ? List.of() : source.inBuckets(tally.tenant(), mask, differing);
        List<HashedRow> targetRows = target.inBuckets(tally.tenant(), mask, differing);
        if (table.keyed()) {
            nameKeys(sourceRows, targetRows);
        } else {
            nameRows(sourceRows, targetRows, mask, differing);
        }
    }

    private boolean isCleared() {
        return tally.changes != null && tally.changes.cleared();
    }

    private List<Long> differingBuckets(long mask) {
        Map<Long, Aggregate> expected = new HashMap<>();
        if (!isCleared()) {
            expected.putAll(source.buckets(tally.tenant(), mask));
        }
        Map<Long, Aggregate> actual = new HashMap<>(target.buckets(tally.tenant(), mask));
        tally.sourceTaken.forEach((hash, taken) -> subtract(expected, hash & mask, taken));
        tally.targetTaken.forEach((hash, taken) -> subtract(actual, hash & mask, taken));
        if (tally.changes instanceof RowChanges changes) {
            changes.countByHash()
                    .forEach(
                            (hash, count) ->
                                    subtract(
                                            expected,
                                            hash & mask,
                                            new Aggregate(-count, -count * hash)));
        }
        Set<Long> buckets = new TreeSet<>(expected.keySet());
        buckets.addAll(actual.keySet());
        return buckets.stream()
                .filter(
                        bucket ->
                                !expected.getOrDefault(bucket, Aggregate.NONE)
                                        .equals(actual.getOrDefault(bucket, Aggregate.NONE)))
                .toList();
    }

    private static void subtract(Map<Long, Aggregate> buckets, long bucket, Aggregate taken) {
        buckets.merge(bucket, new Aggregate(-taken.count(), -taken.sum()), Aggregate::plus);
    }

    private void nameKeys(List<HashedRow> sourceRows, List<HashedRow> targetRows) {
        Map<RowKey, Long> expected = new TreeMap<>();
        for (HashedRow row : sourceRows) {
            if (!isTouched(row.key())) {
                expected.put(row.key(), row.hash());
            }
        }
        List<RowKey> different = new ArrayList<>();
        List<RowKey> extra = new ArrayList<>();
        for (HashedRow row : targetRows) {
            if (isTouched(row.key())) {
                continue;
            }
            Long hash = expected.remove(row.key());
            if (hash == null) {
                extra.add(row.key());
            } else if (hash != row.hash()) {
                different.add(row.key());
            }
        }
        expected.keySet().forEach(key -> name(Kind.MISSING_IN_TARGET, key, List.of()));
        extra.stream().sorted().forEach(key -> name(Kind.EXTRA_IN_TARGET, key, List.of()));
        nameColumns(different.stream().sorted().toList());
    }

    private boolean isTouched(RowKey key) {
        return tally.changes instanceof KeyedChanges keyed && keyed.expected().containsKey(key);
    }

    private void name(Kind kind, RowKey key, List<String> columns) {
        tally.differ(kind, key.describe(table.keyed() ? table.key() : List.of("ctid")), columns);
    }

    private void nameColumns(List<RowKey> different) {
        if (different.isEmpty() || tally.isFull()) {
            different.forEach(key -> name(Kind.DIFFERENT, key, List.of()));
            return;
        }
        List<RowKey> named = different.subList(0, Math.min(namedKeys, different.size()));
        Map<RowKey, KeyedRow> expected = new HashMap<>();
        source.byKey(named, true).forEach(row -> expected.put(row.key(), row));
        Map<RowKey, KeyedRow> actual = new HashMap<>();
        target.byKey(named, true).stream()
                .filter(row -> row.tenant().equals(tally.tenant()))
                .forEach(row -> actual.put(row.key(), row));
        for (RowKey key : different) {
            name(Kind.DIFFERENT, key, columns(expected.get(key), actual.get(key)));
        }
    }

    private List<String> columns(
            @org.jspecify.annotations.Nullable KeyedRow expected,
            @org.jspecify.annotations.Nullable KeyedRow actual) {
        List<String> columns = new ArrayList<>();
        if (expected != null
                && actual != null
                && expected.values() != null
                && actual.values() != null) {
            for (int i = 0; i < table.compared().size(); i++) {
                if (!Arrays.equals(expected.values()[i], actual.values()[i])) {
                    columns.add(table.compared().get(i));
                }
            }
        }
        return columns;
    }

    /** Rows without key are matched by content; what is left over is named by its place. */
    private void nameRows(
            List<HashedRow> sourceRows,
            List<HashedRow> targetRows,
            long mask,
            List<Long> differing) {
        Map<Long, List<RowKey>> expected = byHash(sourceRows);
        Map<Long, List<RowKey>> actual = byHash(targetRows);
        Map<Long, Integer> changed = new HashMap<>();
        if (tally.changes instanceof RowChanges changes) {
            changes.countByHash()
                    .forEach(
                            (hash, count) -> {
                                if (differing.contains(hash & mask)) {
                                    changed.put(hash, count);
                                }
                            });
        }
        Set<Long> hashes = new TreeSet<>(expected.keySet());
        hashes.addAll(actual.keySet());
        hashes.addAll(changed.keySet());
        for (long hash : hashes) {
            List<RowKey> before = expected.getOrDefault(hash, List.of());
            List<RowKey> found = actual.getOrDefault(hash, List.of());
            int wanted = before.size() + changed.getOrDefault(hash, 0);
            for (int i = found.size(); i < wanted; i++) {
                RowKey place =
                        before.isEmpty()
                                ? new RowKey(List.of("unknown (written meanwhile)"))
                                : before.get(Math.min(i, before.size() - 1));
                name(Kind.MISSING_IN_TARGET, place, List.of());
            }
            for (int i = Math.max(0, wanted); i < found.size(); i++) {
                name(Kind.EXTRA_IN_TARGET, found.get(i), List.of());
            }
        }
    }

    private static Map<Long, List<RowKey>> byHash(List<HashedRow> rows) {
        Map<Long, List<RowKey>> byHash = new TreeMap<>();
        rows.forEach(
                row -> byHash.computeIfAbsent(row.hash(), h -> new ArrayList<>()).add(row.key()));
        return byHash;
    }
}
