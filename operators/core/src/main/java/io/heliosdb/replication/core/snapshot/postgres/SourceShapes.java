package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.ddl.DdlJson;
import io.heliosdb.replication.core.ddl.TableShape;
import io.heliosdb.replication.core.ddl.postgres.DdlCapture;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.model.TableId;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What tables of the source look like under a snapshot, with all that is below them.
 *
 * @param tables what is above, or inherited from, first
 * @param existing the numbers of all tables that the source has
 */
record SourceShapes(List<TableShape> tables, List<Long> existing) {

    static final SourceShapes NONE = new SourceShapes(List.of(), List.of());

    private static final int FINGERPRINTED = 7;

    SourceShapes {
        tables = List.copyOf(tables);
        existing = List.copyOf(existing);
    }

    /** Whether the source captures DDL, and tells tables to who asks. */
    static boolean areTold(Connection source) throws SQLException {
        try (Statement statement = source.createStatement();
                ResultSet row = statement.executeQuery(DdlCapture.READABLE)) {
            return row.next() && row.getBoolean(1);
        }
    }

    /**
     * Reads them.
     *
     * @param numbers by which the source knows further ones, whatever they are called by now; those
     *     that are gone are left out
     */
    static SourceShapes read(Connection source, Collection<TableId> names, Collection<Long> numbers)
            throws SQLException {
        List<TableShape> shapes = new ArrayList<>();
        try (PreparedStatement query = source.prepareStatement(DdlCapture.DEFINITIONS)) {
            query.setArray(1, texts(source, names.stream().map(TableId::schema).toArray()));
            query.setArray(2, texts(source, names.stream().map(TableId::name).toArray()));
            query.setArray(3, source.createArrayOf("int8", numbers.toArray()));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    shapes.add(DdlJson.shape(row.getString(1)));
                }
            }
        }
        Map<TableId, TableShape> byName = new HashMap<>();
        shapes.forEach(shape -> byName.put(shape.id(), shape));
        shapes.sort(Comparator.comparingInt(shape -> depth(shape, byName)));
        List<Long> existing = new ArrayList<>();
        try (Statement statement = source.createStatement();
                ResultSet row = statement.executeQuery(DdlCapture.NUMBERS)) {
            while (row.next()) {
                existing.add(row.getLong(1));
            }
        }
        return new SourceShapes(shapes, existing);
    }

    /**
     * Tables of which the stream has no rows under their own names: it has those of their
     * partitions, or has them under the name of what they are a partition of.
     */
    Set<TableId> underOtherNames(Set<TableId> published) {
        Set<TableId> others = new HashSet<>();
        for (TableShape shape : tables) {
            boolean asRoot = shape.root() != null && published.contains(shape.root());
            if (!published.contains(shape.id()) && (asRoot || shape.definition().partitioned())) {
                others.add(shape.id());
            }
        }
        return others;
    }

    private static int depth(TableShape shape, Map<TableId, TableShape> byName) {
        int depth = 0;
        for (TableId parent : parents(shape.definition())) {
            TableShape above = byName.get(parent);
            depth = Math.max(depth, 1 + (above == null ? 0 : depth(above, byName)));
        }
        return depth;
    }

    /** What a table is a partition of, or inherits from. */
    static List<TableId> parents(TableDefinition table) {
        List<TableId> parents = new ArrayList<>(table.inherits());
        if (table.partitionOf() != null) {
            parents.add(table.partitionOf().parent());
        }
        return parents;
    }

    List<Long> numbers() {
        return tables.stream().map(SourceShapes::number).toList();
    }

    static long number(TableShape shape) {
        return Integer.toUnsignedLong(shape.oid());
    }

    /** Of these tables as the session sees them. */
    String fingerprint(Connection session) throws SQLException {
        Array numbers = session.createArrayOf("int8", numbers().toArray());
        try (PreparedStatement query = session.prepareStatement(DdlCapture.FINGERPRINT)) {
            for (int i = 1; i <= FINGERPRINTED; i++) {
                query.setArray(i, numbers);
            }
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return String.valueOf(row.getString(1));
            }
        }
    }

    private static Array texts(Connection connection, Object[] values) throws SQLException {
        return connection.createArrayOf("text", values);
    }
}
