package io.heliosdb.replication.core.preflight.postgres;

import io.heliosdb.replication.core.ddl.postgres.DdlCapture;
import io.heliosdb.replication.core.postgres.SqlState;
import io.heliosdb.replication.core.preflight.CatalogFacts;
import io.heliosdb.replication.core.preflight.PublicationFacts;
import io.heliosdb.replication.core.preflight.PublicationFacts.Operation;
import io.heliosdb.replication.core.preflight.ServerFacts;
import io.heliosdb.replication.core.preflight.SourceServerFacts;
import io.heliosdb.replication.core.preflight.SynchronousCheck;
import io.heliosdb.replication.core.preflight.TableFacts;
import io.heliosdb.replication.core.preflight.TargetServerFacts;
import io.heliosdb.replication.model.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Reads facts over one session in autocommit mode with {@code search_path = pg_catalog}. */
final class FactsReader {

    private final Connection connection;

    FactsReader(Connection connection) {
        this.connection = connection;
    }

    /** What to do with each row of a result. */
    @FunctionalInterface
    private interface RowReader {
        void read(ResultSet row) throws SQLException;
    }

    private void query(String sql, RowReader reader, String... arguments) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            for (int i = 0; i < arguments.length; i++) {
                query.setString(i + 1, arguments[i]);
            }
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    reader.read(row);
                }
            }
        }
    }

    ServerFacts server() throws SQLException {
        List<ServerFacts> facts = new ArrayList<>(1);
        query(
                PreflightSql.SERVER,
                row ->
                        facts.add(
                                new ServerFacts(
                                        row.getInt(1),
                                        row.getString(2),
                                        row.getBoolean(3),
                                        row.getBoolean(4),
                                        row.getString(5),
                                        row.getString(6),
                                        row.getString(7),
                                        row.getString(8),
                                        row.getString(9))));
        return facts.get(0);
    }

    /**
     * @param opensReplication asked if the role lacks the attribute: hosted databases have other
     *     ways to grant it
     */
    SourceServerFacts sourceServer(
            ServerFacts server, String slotName, BooleanSupplier opensReplication)
            throws SQLException {
        SourceServerFacts.Slot slot = slot(slotName);
        List<SourceServerFacts> facts = new ArrayList<>(1);
        query(
                PreflightSql.SOURCE_SERVER,
                row ->
                        facts.add(
                                new SourceServerFacts(
                                        server,
                                        row.getString(1),
                                        row.getBoolean(2) || opensReplication.getAsBoolean(),
                                        row.getInt(3),
                                        row.getInt(4),
                                        row.getInt(5),
                                        row.getInt(6),
                                        Duration.ofMillis(row.getLong(7)),
                                        row.getLong(8),
                                        slot)));
        return facts.get(0);
    }

    /** How commits wait for standbys. */
    SynchronousCheck.Settings synchronous() throws SQLException {
        List<SynchronousCheck.Settings> found = new ArrayList<>(1);
        query(
                PreflightSql.SYNCHRONOUS,
                row ->
                        found.add(
                                new SynchronousCheck.Settings(row.getString(1), row.getString(2))));
        return found.get(0);
    }

    private SourceServerFacts.@Nullable Slot slot(String name) throws SQLException {
        List<SourceServerFacts.Slot> slots = new ArrayList<>(1);
        query(
                PreflightSql.SLOT,
                row ->
                        slots.add(
                                new SourceServerFacts.Slot(
                                        row.getString(1),
                                        row.getString(2),
                                        row.getString(3),
                                        row.getInt(4),
                                        row.getString(6),
                                        row.getString(5))),
                name);
        return slots.isEmpty() ? null : slots.get(0);
    }

    /** The publication, or null if there is none of that name. */
    @Nullable PublicationFacts publication(String name) throws SQLException {
        Set<TableId> members = new HashSet<>();
        query(
                PreflightSql.PUBLICATION_MEMBERS,
                row -> members.add(new TableId(row.getString(1), row.getString(2))),
                name);
        TreeMap<TableId, PublicationFacts.Entry> entries = new TreeMap<>();
        query(
                PreflightSql.PUBLICATION_TABLES,
                row -> {
                    TableId table = new TableId(row.getString(1), row.getString(2));
                    entries.put(
                            table,
                            new PublicationFacts.Entry(table, texts(row, 3), row.getString(4)));
                },
                name);
        List<PublicationFacts> facts = new ArrayList<>(1);
        query(
                PreflightSql.PUBLICATION,
                row -> {
                    Set<Operation> operations = EnumSet.noneOf(Operation.class);
                    for (Operation operation : Operation.values()) {
                        if (row.getBoolean(operation.ordinal() + 1)) {
                            operations.add(operation);
                        }
                    }
                    facts.add(
                            new PublicationFacts(
                                    name, operations, row.getBoolean(5), members, entries));
                },
                name);
        return facts.isEmpty() ? null : facts.get(0);
    }

    CatalogFacts catalog() throws SQLException {
        Map<Long, List<TableFacts.Column>> columns = new HashMap<>();
        query(
                PreflightSql.COLUMNS,
                row ->
                        columns.computeIfAbsent(row.getLong(1), oid -> new ArrayList<>())
                                .add(
                                        new TableFacts.Column(
                                                row.getString(2),
                                                row.getString(3),
                                                row.getBoolean(4),
                                                row.getBoolean(5),
                                                row.getBoolean(6))));
        Map<Long, List<TableFacts.Index>> indexes = new HashMap<>();
        query(
                PreflightSql.INDEXES,
                row ->
                        indexes.computeIfAbsent(row.getLong(1), oid -> new ArrayList<>())
                                .add(
                                        new TableFacts.Index(
                                                row.getString(2),
                                                row.getBoolean(3),
                                                row.getBoolean(4),
                                                row.getBoolean(5),
                                                row.getBoolean(6),
                                                row.getBoolean(7),
                                                row.getBoolean(8),
                                                texts(row, 9))));
        List<TableFacts> relations = new ArrayList<>();
        query(
                PreflightSql.RELATIONS,
                row ->
                        relations.add(
                                relation(
                                        row,
                                        columns.getOrDefault(row.getLong(1), List.of()),
                                        indexes.getOrDefault(row.getLong(1), List.of()))));
        return new CatalogFacts(relations);
    }

    private static TableFacts relation(
            ResultSet row, List<TableFacts.Column> columns, List<TableFacts.Index> indexes)
            throws SQLException {
        String rootSchema = row.getString(5);
        return new TableFacts(
                new TableId(row.getString(2), row.getString(3)),
                row.getString(4).charAt(0),
                rootSchema == null ? null : new TableId(rootSchema, row.getString(6)),
                row.getBoolean(7),
                row.getString(8).charAt(0),
                row.getLong(9),
                new TableFacts.Access(
                        row.getBoolean(10),
                        row.getBoolean(11),
                        row.getBoolean(12),
                        row.getBoolean(13)),
                columns,
                indexes);
    }

    TargetServerFacts targetServer(ServerFacts server) throws SQLException {
        Map<String, Boolean> schemas = new HashMap<>();
        query(PreflightSql.SCHEMAS, row -> schemas.put(row.getString(1), row.getBoolean(2)));
        List<String> forbidden = new ArrayList<>();
        query(PreflightSql.FORBIDDEN_FUNCTIONS, row -> forbidden.add(row.getString(1)));
        Map<String, String> feeds = new HashMap<>();
        query(
                PreflightSql.HAS_FEEDS,
                can -> {
                    if (can.getBoolean(1)) {
                        query(
                                PreflightSql.FEEDS,
                                row -> feeds.put(row.getString(1), row.getString(2)));
                    }
                });
        boolean setsRole = setsReplicationRole();
        List<TargetServerFacts> facts = new ArrayList<>(1);
        query(
                PreflightSql.TARGET_SERVER,
                row ->
                        facts.add(
                                new TargetServerFacts(
                                        server,
                                        setsRole,
                                        row.getBoolean(1),
                                        schemas,
                                        row.getBoolean(3),
                                        feeds,
                                        forbidden,
                                        row.getInt(2))));
        return facts.get(0);
    }

    /** Whether the source's event triggers are there. */
    boolean capturesDdl() throws SQLException {
        List<Boolean> facts = new ArrayList<>(1);
        query(DdlCapture.INSTALLED, row -> facts.add(row.getBoolean(1)));
        return facts.get(0);
    }

    private boolean setsReplicationRole() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(PreflightSql.SET_REPLICATION_ROLE);
            statement.execute(PreflightSql.RESET_REPLICATION_ROLE);
            return true;
        } catch (SQLException e) {
            if (SqlState.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                return false;
            }
            throw e;
        }
    }

    private static List<String> texts(ResultSet row, int column) throws SQLException {
        return Arrays.asList((String[]) row.getArray(column).getArray());
    }
}
