package io.heliosdb.replication.core.verify.postgres;

import io.heliosdb.replication.model.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The columns of a table at one end.
 *
 * @param types type with modifier by column name, in table order
 * @param generated names of generated columns
 * @param key columns of the key that names rows; empty if there is none
 */
record TableColumns(
        boolean partitioned,
        Map<String, String> types,
        Collection<String> generated,
        List<String> key) {

    String type(String column) {
        String type = types.get(column);
        if (type == null) {
            throw new IllegalArgumentException("no column " + column + " among " + types.keySet());
        }
        return type;
    }

    /** Those of these tables that exist, as ordinary or partitioned tables. */
    static Map<TableId, TableColumns> read(Connection connection, Collection<TableId> tables)
            throws SQLException {
        Object[] schemas = tables.stream().map(TableId::schema).toArray();
        Object[] names = tables.stream().map(TableId::name).toArray();
        Map<TableId, List<String>> keys = new HashMap<>();
        Map<TableId, TableColumns> found = new LinkedHashMap<>();
        try (PreparedStatement query = connection.prepareStatement(VerifySql.KEYS)) {
            query.setArray(1, connection.createArrayOf("text", schemas));
            query.setArray(2, connection.createArrayOf("text", names));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    keys.computeIfAbsent(id(row), id -> new ArrayList<>()).add(row.getString(3));
                }
            }
        }
        try (PreparedStatement query = connection.prepareStatement(VerifySql.COLUMNS)) {
            query.setArray(1, connection.createArrayOf("text", schemas));
            query.setArray(2, connection.createArrayOf("text", names));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    TableId id = id(row);
                    boolean partitioned = row.getString(3).equals("p");
                    TableColumns columns =
                            found.computeIfAbsent(
                                    id,
                                    any ->
                                            new TableColumns(
                                                    partitioned,
                                                    new LinkedHashMap<>(),
                                                    new ArrayList<>(),
                                                    keys.getOrDefault(id, List.of())));
                    columns.types.put(row.getString(4), row.getString(5));
                    if (row.getBoolean(6)) {
                        columns.generated.add(row.getString(4));
                    }
                }
            }
        }
        return found;
    }

    private static TableId id(ResultSet row) throws SQLException {
        return new TableId(row.getString(1), row.getString(2));
    }
}
