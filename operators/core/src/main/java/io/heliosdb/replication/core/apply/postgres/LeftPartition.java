package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.ddl.ColumnTexts;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.TableId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A partition that DDL has taken out of its tree.
 *
 * @param id its name in the target by then
 * @param above the source's numbers of the tables that it was a partition of, where known
 * @param aboveNames their names by then
 * @param condition that its rows meet
 * @param types of its columns by then
 * @param gone whether it was dropped, its rows with it
 */
record LeftPartition(
        long lsn,
        long ordinal,
        TableId id,
        Set<Long> above,
        Set<TableId> aboveNames,
        String condition,
        Map<String, String> types,
        boolean gone) {

    LeftPartition {
        above = Set.copyOf(above);
        aboveNames = Set.copyOf(aboveNames);
        types = Map.copyOf(types);
    }

    static LeftPartition of(ResultSet row) throws SQLException {
        return new LeftPartition(
                Lsn.parse(row.getString(2)).value(),
                row.getLong(3),
                new TableId(row.getString(4), row.getString(5)),
                Set.of((Long[]) row.getArray(6).getArray()),
                names((String[]) row.getArray(10).getArray()),
                row.getString(7),
                ColumnTexts.byName(row.getString(8)),
                row.getBoolean(9));
    }

    private static Set<TableId> names(String[] texts) {
        Set<TableId> names = new HashSet<>();
        for (String text : texts) {
            int end = text.indexOf('\n');
            names.add(new TableId(text.substring(0, end), text.substring(end + 1)));
        }
        return names;
    }

    /** Whether rows of this table may have been its own. */
    boolean wasOf(RelationDescriptor relation) {
        return above.isEmpty() || relation.oid() == 0
                ? aboveNames.contains(relation.table())
                : above.contains(Integer.toUnsignedLong(relation.oid()));
    }

    /** Whether it has left behind this place. */
    boolean isBehind(long otherLsn, long otherOrdinal) {
        int order = Long.compareUnsigned(lsn, otherLsn);
        return order > 0 || order == 0 && ordinal > otherOrdinal;
    }
}
