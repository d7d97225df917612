package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.ddl.ColumnTexts;
import io.heliosdb.replication.core.ddl.postgres.DdlSql;
import io.heliosdb.replication.core.ddl.postgres.LeftSql;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.SourceSnapshot;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantTransaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How the tables of a target have been altered by DDL that some replications have not come to yet:
 * what tells how their rows of before fit into the tables of now.
 *
 * <p>As of a version; whether it still holds is asked last in each transaction.
 */
final class ShapeLog {

    /**
     * One table altered by one event.
     *
     * @param before its first name if it is new
     * @param after null if it was dropped
     * @param added what rows of before read in columns that came; null for NULL
     * @param anew whether every replication copies the table again when it comes to this event
     * @param passedBy the replication that has come past it after a copy had brought the table
     *     further; null if the table was altered for it
     * @param oid what the source knows the table by; 0 if unknown
     */
    record Entry(
            long lsn,
            long ordinal,
            TableId before,
            Map<Integer, String> columnsBefore,
            @Nullable TableId after,
            Map<Integer, String> columnsAfter,
            Map<Integer, @Nullable String> added,
            boolean anew,
            @Nullable String passedBy,
            int oid) {

        /** Whether it is about the table of these rows, which may be called so by now. */
        boolean concerns(RelationDescriptor relation, TableId name, @Nullable TableId itsName) {
            return oid != 0 && relation.oid() != 0 ? oid == relation.oid() : name.equals(itsName);
        }

        boolean isBehind(long otherLsn, long passedOrdinal) {
            int order = Long.compareUnsigned(lsn, otherLsn);
            return order > 0 || order == 0 && ordinal > passedOrdinal;
        }
    }

    private final Backend backend;
    private final Map<String, List<Entry>> bySource = new HashMap<>();
    private final Map<String, Map<Integer, Entry>> stands = new HashMap<>();
    private final Map<String, List<LeftPartition>> left = new HashMap<>();
    private final Map<String, Aligned> aligned = new HashMap<>();
    private final Map<ReplicationId, String> sources = new HashMap<>();
    private boolean valid;
    private long version;

    ShapeLog(Backend backend) {
        this.backend = backend;
    }

    long version() {
        return version;
    }

    /**
     * Reads the log if it is not known; in no transaction. Returns whether it did: then plans of
     * tables may not hold either.
     */
    boolean read() throws StatementFailure {
        if (valid) {
            return false;
        }
        load();
        valid = true;
        return true;
    }

    /** Behind DDL of the open transaction: what that has recorded counts for its own rows. */
    void readWithin() throws StatementFailure {
        if (!valid) {
            load();
        }
    }

    private void load() throws StatementFailure {
        bySource.clear();
        version = backend.select(DdlSql.READ_VERSION, row -> row.getLong(1)).get(0);
        backend.select(
                DdlSql.LOG,
                row -> {
                    bySource.computeIfAbsent(row.getString(1), key -> new ArrayList<>())
                            .add(entry(row));
                    return row;
                });
        stands.clear();
        backend.select(
                DdlSql.STANDS,
                row -> {
                    Entry entry = stand(row);
                    return stands.computeIfAbsent(row.getString(1), key -> new HashMap<>())
                            .put(entry.oid, entry);
                });
        left.clear();
        backend.select(
                LeftSql.BEHIND,
                row ->
                        left.computeIfAbsent(row.getString(1), key -> new ArrayList<>())
                                .add(LeftPartition.of(row)));
        aligned.clear();
        backend.select(
                DdlSql.ALIGNED,
                row -> {
                    aligned.put(
                            row.getString(1),
                            new Aligned(
                                    Lsn.parse(row.getString(2)).value(),
                                    SourceSnapshot.parse(row.getString(3)),
                                    Set.of((Long[]) row.getArray(4).getArray())));
                    return row;
                });
    }

    /** Up to where all tables were brought at once, and the numbers of those that were there. */
    private record Aligned(long lsn, SourceSnapshot snapshot, Set<Long> there) {}

    /** Whether the source has dropped the table of these rows before all were brought further. */
    boolean isGone(
            ReplicationId replication, RelationDescriptor relation, TenantTransaction transaction)
            throws StatementFailure {
        return isGone(replication, Integer.toUnsignedLong(relation.oid()), transaction);
    }

    /**
     * As above, by its number.
     *
     * @param transaction that knows the table
     */
    boolean isGone(ReplicationId replication, long oid, TenantTransaction transaction)
            throws StatementFailure {
        if (aligned.isEmpty() || oid == 0) {
            return false;
        }
        Aligned last = aligned.get(sourceOf(replication));
        return last != null
                && Long.compareUnsigned(transaction.commitLsn(), last.lsn) <= 0
                && last.snapshot.sees(transaction.xid())
                && !last.there.contains(oid);
    }

    /** Whether somebody has altered tables since; then what was read is forgotten. */
    boolean changed() throws StatementFailure {
        if (valid && backend.select(DdlSql.READ_VERSION, row -> row.getLong(1)).get(0) != version) {
            valid = false;
            return true;
        }
        return false;
    }

    /** The version that this transaction has made. */
    void raised(long newVersion) {
        version = newVersion;
        valid = false;
    }

    /** The source that feeds a replication. */
    String sourceOf(ReplicationId replication) throws StatementFailure {
        String known = sources.get(replication);
        if (known == null) {
            List<String> found =
                    backend.select(DdlSql.SOURCE_OF, row -> row.getString(1), replication.value());
            known = found.isEmpty() ? "" : found.get(0);
            sources.put(replication, known);
        }
        return known;
    }

    /**
     * How rows of this shape fit in; null if they do as they are.
     *
     * @param passedOrdinal of the last event of the same transaction before them, -1 for none
     */
    @Nullable ShapeMapping mapping(
            ReplicationId replication,
            RelationDescriptor relation,
            long commitLsn,
            long passedOrdinal)
            throws StatementFailure {
        return mapping(replication, relation, commitLsn, passedOrdinal, null);
    }

    /**
     * As above.
     *
     * @param until how they fit in just before that; null for now
     */
    private @Nullable ShapeMapping mapping(
            ReplicationId replication,
            RelationDescriptor relation,
            long commitLsn,
            long passedOrdinal,
            @Nullable LeftPartition until)
            throws StatementFailure {
        if (bySource.isEmpty() && stands.isEmpty()) {
            return null;
        }
        ShapeMapping mapping = null;
        Entry last = null;
        TableId table = relation.table();
        for (Entry entry : bySource.getOrDefault(sourceOf(replication), List.of())) {
            if (entry.passedBy() != null && !entry.passedBy().equals(replication.value())
                    || until != null && !until.isBehind(entry.lsn(), entry.ordinal())) {
                continue;
            }
            if (!entry.isBehind(commitLsn, passedOrdinal)) {
                if (entry.concerns(relation, table, entry.after())) {
                    last = entry;
                } else if ((entry.oid() == 0 || relation.oid() == 0)
                        && table.equals(entry.before())) {
                    // Whatever has the name now is another table.
                    last = null;
                }
            } else if (entry.passedBy() == null
                    && entry.concerns(relation, table, entry.before())) {
                mapping =
                        (mapping == null
                                        ? ShapeMapping.of(relation, columns(last, entry))
                                        : mapping)
                                .then(entry);
                if (mapping.isDropped()) {
                    return mapping;
                }
                table = mapping.table();
            }
        }
        return mapping == null && until == null
                ? renamed(replication, relation, commitLsn, passedOrdinal, last)
                : mapping;
    }

    /**
     * What tells whether rows of this shape belong to partitions that have left the table since;
     * null if none has.
     */
    @Nullable LeftRows leftRows(
            ReplicationId replication,
            RelationDescriptor relation,
            long commitLsn,
            long passedOrdinal)
            throws StatementFailure {
        if (left.isEmpty()) {
            return null;
        }
        List<LeftRows.Shaped> shaped = new ArrayList<>();
        for (LeftPartition partition : left.getOrDefault(sourceOf(replication), List.of())) {
            if (partition.isBehind(commitLsn, passedOrdinal) && partition.wasOf(relation)) {
                shaped.add(
                        new LeftRows.Shaped(
                                partition,
                                mapping(
                                        replication,
                                        relation,
                                        commitLsn,
                                        passedOrdinal,
                                        partition)));
            }
        }
        return shaped.isEmpty() ? null : new LeftRows(backend, relation, shaped);
    }

    /** What a copy has found under another name, and nobody here had heard of before. */
    private @Nullable ShapeMapping renamed(
            ReplicationId replication,
            RelationDescriptor relation,
            long commitLsn,
            long passedOrdinal,
            @Nullable Entry last)
            throws StatementFailure {
        Entry stand =
                relation.oid() == 0
                        ? null
                        : stands.getOrDefault(sourceOf(replication), Map.of()).get(relation.oid());
        return stand == null
                        || relation.table().equals(stand.after())
                        || !stand.isBehind(commitLsn, passedOrdinal)
                ? null
                : ShapeMapping.of(relation, columns(last, stand)).then(stand);
    }

    /** Of the rows before this entry. */
    private static Map<Integer, String> columns(@Nullable Entry last, Entry entry) {
        if (last != null) {
            return last.columnsAfter();
        }
        return entry.columnsBefore().isEmpty() ? entry.columnsAfter() : entry.columnsBefore();
    }

    private static Entry stand(ResultSet row) throws SQLException {
        TableId name = new TableId(row.getString(4), row.getString(5));
        return new Entry(
                Lsn.parse(row.getString(2)).value(),
                row.getLong(3),
                name,
                Map.of(),
                name,
                ColumnTexts.read(row.getString(7)),
                Map.of(),
                false,
                null,
                (int) row.getLong(6));
    }

    private static Entry entry(ResultSet row) throws SQLException {
        String afterName = row.getString(8);
        TableId after = afterName == null ? null : new TableId(row.getString(7), afterName);
        String beforeName = row.getString(5);
        return new Entry(
                Lsn.parse(row.getString(2)).value(),
                row.getLong(3),
                beforeName == null
                        ? Objects.requireNonNull(after)
                        : new TableId(row.getString(4), beforeName),
                ColumnTexts.read(row.getString(6)),
                after,
                ColumnTexts.read(row.getString(9)),
                new LinkedHashMap<>(ColumnTexts.read(row.getString(10))),
                row.getBoolean(11),
                row.getString(12),
                (int) row.getLong(13));
    }
}
