package io.heliosdb.replication.core.schema.postgres;

import io.heliosdb.replication.core.schema.Catalog;
import io.heliosdb.replication.core.schema.SequenceDefinition;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.core.schema.TableDefinition.Column;
import io.heliosdb.replication.core.schema.TableDefinition.Constraint;
import io.heliosdb.replication.core.schema.TableDefinition.Index;
import io.heliosdb.replication.core.schema.TableDefinition.Partition;
import io.heliosdb.replication.core.schema.TypeDefinition;
import io.heliosdb.replication.core.schema.TypeStatements;
import io.heliosdb.replication.model.TableId;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the definition of tables, and of all that they need, from the catalog of a database.
 *
 * <p>The session must have {@code search_path = pg_catalog}; for a consistent picture read within
 * one REPEATABLE READ transaction that holds locks on the tables.
 */
public final class CatalogReader {

    private final Connection connection;

    /** Definitions under construction, by table OID. */
    private final Map<Long, Row> rows = new LinkedHashMap<>();

    private CatalogReader(Connection connection) {
        this.connection = connection;
    }

    /**
     * The tables of these names that exist, with the partition trees above and below them, and with
     * types, sequences and extensions.
     */
    public static Catalog read(Connection connection, Collection<TableId> tables)
            throws SQLException {
        CatalogReader reader = new CatalogReader(connection);
        Map<TableId, TableDefinition> definitions = reader.readTables(tables);
        return new Catalog(
                reader.readExtensions(), reader.readTypes(), reader.readSequences(), definitions);
    }

    /** As {@link #read}, the tables only. */
    public static Map<TableId, TableDefinition> tables(
            Connection connection, Collection<TableId> tables) throws SQLException {
        return new CatalogReader(connection).readTables(tables);
    }

    private Map<TableId, TableDefinition> readTables(Collection<TableId> tables)
            throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(SchemaSql.TABLES)) {
            query.setArray(1, textArray(tables.stream().map(TableId::schema).toArray()));
            query.setArray(2, textArray(tables.stream().map(TableId::name).toArray()));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    rows.put(row.getLong(1), new Row(row));
                }
            }
        }
        readColumns();
        readConstraints();
        readIndexes();
        Map<TableId, TableDefinition> definitions = new LinkedHashMap<>();
        for (Row row : rows.values()) {
            definitions.put(row.id, row.definition());
        }
        return definitions;
    }

    private void readColumns() throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(SchemaSql.COLUMNS)) {
            query.setArray(1, oids());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    rowOf(row)
                            .columns
                            .add(
                                    new Column(
                                            row.getString(2),
                                            row.getString(3),
                                            row.getString(4),
                                            row.getString(5),
                                            row.getString(6),
                                            row.getBoolean(7),
                                            flag(row, 8),
                                            flag(row, 9)));
                }
            }
        }
    }

    private void readConstraints() throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(SchemaSql.CONSTRAINTS)) {
            query.setArray(1, oids());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    rowOf(row)
                            .constraints
                            .add(
                                    new Constraint(
                                            row.getString(2),
                                            flag(row, 3),
                                            row.getString(4),
                                            row.getBoolean(5),
                                            name(row, 6)));
                }
            }
        }
    }

    private void readIndexes() throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(SchemaSql.INDEXES)) {
            query.setArray(1, oids());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    rowOf(row)
                            .indexes
                            .add(
                                    new Index(
                                            new TableId(row.getString(2), row.getString(3)),
                                            row.getString(4),
                                            row.getBoolean(5),
                                            row.getBoolean(6),
                                            name(row, 7)));
                }
            }
        }
    }

    private List<SequenceDefinition> readSequences() throws SQLException {
        List<SequenceDefinition> sequences = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(SchemaSql.SEQUENCES)) {
            query.setArray(1, oids());
            query.setArray(2, oids());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    TableId owner = name(row, 10);
                    sequences.add(
                            new SequenceDefinition(
                                    new TableId(row.getString(1), row.getString(2)),
                                    row.getString(3),
                                    row.getLong(4),
                                    row.getLong(5),
                                    row.getLong(6),
                                    row.getLong(7),
                                    row.getLong(8),
                                    row.getBoolean(9),
                                    owner == null
                                            ? null
                                            : new SequenceDefinition.Owner(
                                                    owner, row.getString(12)),
                                    row.getBoolean(13)));
                }
            }
        }
        return sequences;
    }

    private List<Catalog.Extension> readExtensions() throws SQLException {
        List<Catalog.Extension> extensions = new ArrayList<>();
        try (PreparedStatement query = needed(SchemaSql.EXTENSIONS);
                ResultSet row = query.executeQuery()) {
            while (row.next()) {
                extensions.add(new Catalog.Extension(row.getString(1), row.getString(2)));
            }
        }
        return extensions;
    }

    private List<TypeDefinition> readTypes() throws SQLException {
        List<TypeDefinition> types = new ArrayList<>();
        try (PreparedStatement query = needed(SchemaSql.TYPES);
                ResultSet row = query.executeQuery()) {
            while (row.next()) {
                types.add(
                        TypeStatements.definition(
                                new TableId(row.getString(1), row.getString(2)),
                                flag(row, 3),
                                strings(row, 4)));
            }
        }
        return types;
    }

    private PreparedStatement needed(String sql) throws SQLException {
        PreparedStatement query = connection.prepareStatement(sql);
        for (int i = 1; i <= 4; i++) {
            query.setArray(i, oids());
        }
        return query;
    }

    private Row rowOf(ResultSet row) throws SQLException {
        Row found = rows.get(row.getLong(1));
        if (found == null) {
            throw new IllegalStateException("catalog row of an unknown table " + row.getLong(1));
        }
        return found;
    }

    private Array oids() throws SQLException {
        return connection.createArrayOf("int8", rows.keySet().toArray());
    }

    private Array textArray(Object[] values) throws SQLException {
        return connection.createArrayOf("text", values);
    }

    /** A "char" column; blank for the empty one. */
    private static char flag(ResultSet row, int column) throws SQLException {
        String text = row.getString(column);
        return text == null || text.isEmpty() ? ' ' : text.charAt(0);
    }

    private static @Nullable TableId name(ResultSet row, int column) throws SQLException {
        String schema = row.getString(column);
        return schema == null ? null : new TableId(schema, row.getString(column + 1));
    }

    static List<String> strings(ResultSet row, int column) throws SQLException {
        return Arrays.asList((String[]) row.getArray(column).getArray());
    }

    /** A row of pg_class, to which the other catalogs add. */
    private static final class Row {

        private final TableId id;
        private final boolean partitioned;
        private final boolean unlogged;
        private final char replicaIdentity;
        private final @Nullable String partitionKey;
        private final @Nullable Partition partitionOf;
        private final List<String> options;
        private final List<TableId> inherits = new ArrayList<>();
        private final List<Column> columns = new ArrayList<>();
        private final List<Constraint> constraints = new ArrayList<>();
        private final List<Index> indexes = new ArrayList<>();

        Row(ResultSet row) throws SQLException {
            id = new TableId(row.getString(2), row.getString(3));
            partitioned = flag(row, 4) == 'p';
            unlogged = flag(row, 5) == 'u';
            replicaIdentity = flag(row, 6);
            partitionKey = row.getString(8);
            options = strings(row, 10);
            List<String> schemas = strings(row, 11);
            List<String> names = strings(row, 12);
            for (int i = 0; i < names.size(); i++) {
                inherits.add(new TableId(schemas.get(i), names.get(i)));
            }
            partitionOf =
                    row.getBoolean(7) ? new Partition(inherits.remove(0), row.getString(9)) : null;
        }

        TableDefinition definition() {
            return new TableDefinition(
                    id,
                    partitioned,
                    unlogged,
                    columns,
                    constraints,
                    indexes,
                    options,
                    partitionKey,
                    partitionOf,
                    inherits,
                    replicaIdentity);
        }
    }
}
