package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.ddl.ColumnTexts;
import io.heliosdb.replication.core.ddl.postgres.DdlSql;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TableId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
     * @param after null if it was dropped
     * @param added what rows of before read in columns that came; null for NULL
     * @param anew whether every replication copies the table again when it comes to this event
     * @param passedBy the replication that has come past it after a copy had brought the table
     *     further; null if the table was altered for it
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
            @Nullable String passedBy) {

        boolean isBehind(long otherLsn, long passedOrdinal) {
            int order = Long.compareUnsigned(lsn, otherLsn);
            return order > 0 || order == 0 && ordinal > passedOrdinal;
        }
    }

    private final Backend backend;
    private final Map<String, List<Entry>> bySource = new HashMap<>();
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
        bySource.clear();
        version = backend.select(DdlSql.READ_VERSION, row -> row.getLong(1)).get(0);
        backend.select(
                DdlSql.LOG,
                row -> {
                    bySource.computeIfAbsent(row.getString(1), key -> new ArrayList<>())
                            .add(entry(row));
                    return row;
                });
        valid = true;
        return true;
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
        if (bySource.isEmpty()) {
            return null;
        }
        ShapeMapping mapping = null;
        Entry last = null;
        TableId table = relation.table();
        for (Entry entry : bySource.getOrDefault(sourceOf(replication), List.of())) {
            if (entry.passedBy() != null && !entry.passedBy().equals(replication.value())) {
                continue;
            }
            if (!entry.isBehind(commitLsn, passedOrdinal)) {
                if (table.equals(entry.after())) {
                    last = entry;
                } else if (table.equals(entry.before())) {
                    // Whatever has the name now is another table.
                    last = null;
                }
            } else if (entry.passedBy() == null && entry.before().equals(table)) {
                mapping =
                        mapping == null
                                ? ShapeMapping.of(
                                                relation,
                                                last == null
                                                        ? entry.columnsBefore()
                                                        : last.columnsAfter())
                                        .then(entry)
                                : mapping.then(entry);
                if (mapping.isDropped()) {
                    return mapping;
                }
                table = mapping.table();
            }
        }
        return mapping;
    }

    private static Entry entry(ResultSet row) throws SQLException {
        String afterName = row.getString(8);
        return new Entry(
                Lsn.parse(row.getString(2)).value(),
                row.getLong(3),
                new TableId(row.getString(4), row.getString(5)),
                ColumnTexts.read(row.getString(6)),
                afterName == null ? null : new TableId(row.getString(7), afterName),
                ColumnTexts.read(row.getString(9)),
                new LinkedHashMap<>(ColumnTexts.read(row.getString(10))),
                row.getBoolean(11),
                row.getString(12));
    }
}
