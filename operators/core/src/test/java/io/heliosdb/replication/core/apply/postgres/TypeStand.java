package io.heliosdb.replication.core.apply.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.postgres.TypeTable.Kind;
import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.core.snapshot.SourceAndTarget;
import io.heliosdb.replication.core.wire.PgOutput;
import io.heliosdb.replication.core.wire.PgOutputMessage;
import io.heliosdb.replication.core.wire.Tuples;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.ReplicationRule;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.TenancyConfig;
import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** A source with {@link TypeTable}s of all types, and a pipeline to an empty target. */
final class TypeStand implements AutoCloseable {

    private static final String NO_OPERATOR_CLASS = "42704";

    /** Tables that change in one source transaction where a step does not take all. */
    private static final int TABLES_TOGETHER = 25;

    final PostgresServer sourceServer = SourceAndTarget.source();
    final PostgresServer targetServer = SourceAndTarget.target();
    final String source = sourceServer.createDatabase("types_source");
    final String target = targetServer.createDatabase("types_target");
    final List<TypeTable> tables = new ArrayList<>();

    /** Tables of which an update came that left a TOASTed value out. */
    final Set<String> unchangedSeen = ConcurrentHashMap.newKeySet();

    private final Map<Integer, RelationDescriptor> relations = new HashMap<>();
    private final PgOutputMessage message = new PgOutputMessage();
    private final Connection atSource = pinned(sourceServer, source);
    private final Connection atTarget = pinned(targetServer, target);
    private Pipeline pipeline;

    static ReplicationRule rule(String name, String tenant) {
        return new ReplicationRule(
                name,
                tenant,
                "target",
                TableFilter.ALL,
                Tier.STANDARD,
                50,
                false,
                ExistingRows.FAIL);
    }

    /** What a database may be set to, and must not matter. */
    private static final List<String> STRANGE_SETTINGS =
            List.of(
                    "timezone = 'Asia/Kathmandu'",
                    "datestyle = 'German'",
                    "intervalstyle = 'sql_standard'",
                    "extra_float_digits = '-5'",
                    "bytea_output = 'escape'",
                    "array_nulls = off",
                    "xmloption = 'document'",
                    "quote_all_identifiers = on",
                    "standard_conforming_strings = off",
                    "default_transaction_isolation = 'serializable'",
                    "search_path = 'elsewhere'");

    private static Connection pinned(PostgresServer server, String database) {
        return Connections.open(
                new DatabaseConfig(server.url(database), PostgresServer.USER, Secret.EMPTY),
                "types",
                Connections.Endpoint.SOURCE);
    }

    void create(List<TypeCase> cases) throws SQLException {
        Set<String> needs = new LinkedHashSet<>();
        needs.add("CREATE SCHEMA v");
        needs.add("CREATE SCHEMA \"" + TypeTable.SCHEMA + "\"");
        needs.add("CREATE SCHEMA t");
        needs.add("CREATE SCHEMA \"T 2\"");
        needs.add("CREATE SCHEMA \"Ext Schéma\"");
        cases.forEach(type -> needs.addAll(type.needs()));
        try (Connection connection = sourceServer.connect(source);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String need : needs) {
                statement.execute(need);
            }
            for (TypeCase type : cases) {
                create(type, statement);
            }
            statement.execute(
                    "CREATE PUBLICATION %s FOR TABLES IN SCHEMA \"%s\""
                            .formatted(Pipeline.PUBLICATION, TypeTable.SCHEMA));
            connection.commit();
        }
        for (String setting : STRANGE_SETTINGS) {
            sourceServer.execute(source, "ALTER DATABASE " + source + " SET " + setting);
            targetServer.execute(target, "ALTER DATABASE " + target + " SET " + setting);
        }
    }

    private void create(TypeCase type, Statement statement) throws SQLException {
        TypeTable first = new TypeTable(type, Kind.D);
        statement.execute(first.createValues());
        statement.execute(first.storeValuesApart());
        statement.execute(first.insertValues());
        statement.execute(first.countKeys());
        for (Kind kind : Kind.values()) {
            TypeTable table = new TypeTable(type, kind);
            if (kind.ofValue() && type.has(TypeCase.Option.NO_KEY)) {
                continue;
            }
            statement.execute("SAVEPOINT s");
            try {
                statement.execute(table.create());
            } catch (SQLException e) {
                if (!kind.ofValue() || !NO_OPERATOR_CLASS.equals(e.getSQLState())) {
                    throw e;
                }
                statement.execute("ROLLBACK TO s");
                continue;
            }
            statement.execute("RELEASE s");
            statement.execute(table.identity());
            statement.execute(table.storeApart());
            tables.add(table);
        }
    }

    /** Begins to replicate tenants {@code a} and {@code ü 2}. */
    void replicate() {
        pipeline =
                new Pipeline(
                        source,
                        target,
                        new TenancyConfig("tenant", Map.of(), null, Set.of()),
                        List.of(rule("a", "a"), rule("u2", "ü 2")),
                        4 << 20,
                        this::look);
    }

    Pipeline pipeline() {
        return pipeline;
    }

    private void look(WalChunk chunk) {
        for (int at = 0; at < chunk.length(); at = message.end()) {
            message.wrapFramed(chunk.messages(), at, chunk.length());
            if (message.type() == PgOutput.RELATION) {
                RelationDescriptor relation = message.relation();
                relations.put(relation.oid(), relation);
            } else if (message.type() == PgOutput.UPDATE
                    && Tuples.hasUnchanged(message.bytes(), message.newTuple(), message.end())) {
                seeUnchanged(relations.get(message.relationOid()));
            }
        }
    }

    private void seeUnchanged(RelationDescriptor relation) {
        for (int i = 0; i < relation.columns().size(); i++) {
            long slice = Tuples.slice(message.bytes(), message.newTuple(), message.end(), i);
            if (slice == Tuples.UNCHANGED) {
                unchangedSeen.add(relation.table().name() + "." + relation.columns().get(i).name());
            }
        }
    }

    /** Changes all tables in one source transaction, and waits until it is applied. */
    void together(List<Function<TypeTable, String>> steps) throws SQLException {
        change(tables.size(), steps);
    }

    /** Likewise, in several source transactions of moderate size. */
    void inGroups(List<Function<TypeTable, String>> steps) throws SQLException {
        change(TABLES_TOGETHER, steps);
    }

    private void change(int tablesTogether, List<Function<TypeTable, String>> steps)
            throws SQLException {
        try (Connection connection = sourceServer.connect(source);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            int open = 0;
            for (TypeTable table : tables) {
                for (Function<TypeTable, String> step : steps) {
                    String sql = step.apply(table);
                    assertThat(statement.executeUpdate(sql)).as(sql).isPositive();
                }
                if (++open == tablesTogether) {
                    connection.commit();
                    open = 0;
                }
            }
            connection.commit();
        }
        if (pipeline != null) {
            pipeline.settle();
        }
    }

    /** Both sides hold the same text of every value. */
    void assertSame() throws SQLException {
        pipeline.settle();
        List<String> differences = new ArrayList<>();
        for (TypeTable table : tables) {
            if (!first(atSource, table.fingerprint())
                    .equals(first(atTarget, table.fingerprint()))) {
                List<String> missing = column(atSource, table.rows());
                List<String> surplus = column(atTarget, table.rows());
                List<String> target = List.copyOf(surplus);
                List<String> source = List.copyOf(missing);
                missing.removeAll(target);
                surplus.removeAll(source);
                differences.add(
                        table.id() + ": missing " + some(missing) + ", surplus " + some(surplus));
            }
        }
        assertThat(differences).isEmpty();
        assertThat(pipeline.replays()).as("sets that were refused").isZero();
    }

    private static String some(List<String> rows) {
        return rows.size()
                + " "
                + rows.stream()
                        .limit(2)
                        .map(row -> row.substring(0, Math.min(200, row.length())))
                        .toList();
    }

    boolean isInstalled(String extension) throws SQLException {
        String sql = "SELECT name FROM pg_available_extensions WHERE name = '" + extension + "'";
        return !column(atSource, sql).isEmpty() && !column(atTarget, sql).isEmpty();
    }

    /** Columns that can hold a large value, of which no update came that left one out. */
    List<String> neverLeftOut() throws SQLException {
        List<String> never = new ArrayList<>();
        for (TypeTable table : tables) {
            for (String column :
                    column(
                            atSource,
                            """
                            SELECT attname FROM pg_attribute WHERE attrelid = '%s'::regclass
                            AND attstorage = 'e'\
                            """
                                    .formatted(table.quoted()))) {
                String name = table.id().name() + "." + column;
                boolean small =
                        column.equals("ARR")
                                ? !table.type().hasArray()
                                : table.kind().ofValue()
                                        || TypeCases.NEVER_BIG.contains(table.type().ddl());
                if (!small && !unchangedSeen.contains(name)) {
                    never.add(name);
                }
            }
        }
        return never;
    }

    /** Changes the target behind the back of the replication. */
    void atTarget(String sql) throws SQLException {
        try (Statement statement = atTarget.createStatement()) {
            assertThat(statement.executeUpdate(sql)).as(sql).isPositive();
        }
    }

    List<String> atSource(String sql) throws SQLException {
        return column(atSource, sql);
    }

    private static String first(Connection connection, String sql) throws SQLException {
        return column(connection, sql).get(0);
    }

    private static List<String> column(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (row.next()) {
                values.add(row.getString(1));
            }
            return values;
        }
    }

    @Override
    public void close() throws SQLException {
        if (pipeline != null) {
            pipeline.close();
        }
        atSource.close();
        atTarget.close();
    }
}
