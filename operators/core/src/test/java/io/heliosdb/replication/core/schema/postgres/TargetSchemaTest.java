package io.heliosdb.replication.core.schema.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.core.schema.Catalog;
import io.heliosdb.replication.core.schema.PublishedTable;
import io.heliosdb.replication.core.snapshot.SourceAndTarget;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.testkit.PostgresServer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TargetSchemaTest {

    private final PostgresServer server = SourceAndTarget.source();
    private String source;
    private String target;

    @BeforeEach
    void createDatabases() {
        source = server.createDatabase("schema_source");
        target = server.createDatabase("schema_target");
    }

    @Test
    void theTargetsCatalogIsTheSourcesCatalog() throws Exception {
        server.execute(source, resource("everything.sql"));
        publish("ALL TABLES");

        TargetSchema.Outcome outcome = ensure();
        finishPending();

        assertThat(outcome.rejected()).isEmpty();
        assertThat(outcome.created()).hasSizeGreaterThan(8);
        assertSameCatalog();
        assertThat(count("SELECT count(*) FROM heliosdb.pending_ddl")).isZero();
    }

    @Test
    void aSecondTimeChangesNothing() throws Exception {
        server.execute(source, resource("everything.sql"));
        publish("ALL TABLES");
        ensure();

        TargetSchema.Outcome again = ensure();
        finishPending();

        assertThat(again.created()).isEmpty();
        assertThat(again.rejected()).isEmpty();
        assertSameCatalog();
    }

    @Test
    void manyMayCreateAtTheSameTime() throws Exception {
        server.execute(source, resource("everything.sql"));
        publish("ALL TABLES");
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<TargetSchema.Outcome>> creators = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                creators.add(this::ensure);
            }
            int created = 0;
            for (Future<TargetSchema.Outcome> outcome : threads.invokeAll(creators)) {
                assertThat(outcome.get().rejected()).isEmpty();
                created += outcome.get().created().isEmpty() ? 0 : 1;
            }
            assertThat(created).isEqualTo(1);
        } finally {
            threads.shutdownNow();
        }
        finishPending();
        assertSameCatalog();
    }

    @Test
    void leavesOfATreeThatIsPublishedByLeafGetTheirParents() throws Exception {
        server.execute(source, resource("everything.sql"));
        server.execute(source, "CREATE PUBLICATION p FOR TABLE events");

        ensure();
        finishPending();

        try (Connection connection = open(target)) {
            Catalog there = CatalogReader.read(connection, List.of(TableId.parse("public.events")));
            assertThat(there.tables()).hasSize(5);
        }
    }

    @Test
    void namesColumnTypesAndMendingStatementOfAnIncompatibleTable() throws Exception {
        server.execute(
                source, "CREATE TABLE t (id int PRIMARY KEY, tenant_id text, n numeric(10,2))");
        publish("ALL TABLES");
        server.execute(
                target,
                "CREATE TABLE t (id int PRIMARY KEY, n numeric(12,2), extra int, must text NOT NULL)");

        TargetSchema.Outcome outcome = ensure();

        assertThat(outcome.created()).isEmpty();
        assertThat(outcome.rejected().get(TableId.parse("t")))
                .contains("column tenant_id: is missing (text in the source)")
                .contains("ALTER TABLE \"public\".\"t\" ADD COLUMN \"tenant_id\" text;")
                .contains("column n: is of type numeric(12,2), in the source numeric(10,2)")
                .contains("ALTER COLUMN \"n\" TYPE numeric(10,2)")
                .contains("column must: is NOT NULL without default")
                .doesNotContain("extra");
        for (String line : outcome.rejected().get(TableId.parse("t")).split("\n")) {
            server.execute(target, line.substring(line.indexOf("ALTER TABLE")));
        }
        assertThat(ensure().rejected()).isEmpty();
    }

    @Test
    void anEnumThatLacksLabelsIsNotCompatibleUntilTheyAreInTheirPlaces_R10() throws Exception {
        server.execute(
                source,
                "CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s fine', 'glad')",
                "CREATE TABLE t (id int PRIMARY KEY, m mood)");
        publish("ALL TABLES");
        server.execute(
                target,
                "CREATE TYPE mood AS ENUM ('ok', 'glad')",
                "CREATE TABLE t (id int PRIMARY KEY, m mood)");

        String problem = ensure().rejected().get(TableId.parse("t"));

        assertThat(problem).contains("lacks the label it's fine");
        for (String line : problem.split("\n")) {
            server.execute(target, line.substring(line.indexOf("ALTER TYPE")));
        }
        assertThat(ensure().rejected()).isEmpty();
        try (Connection connection = open(target);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT enum_range(NULL::public.mood)")) {
            row.next();
            assertThat(row.getString(1)).isEqualTo("{sad,ok,\"it's fine\",glad}");
        }
    }

    @Test
    void aMissingFunctionFailsItsTableAloneAndNamesTheStatement() throws Exception {
        server.execute(
                source,
                "CREATE FUNCTION next_code() RETURNS text LANGUAGE sql AS 'SELECT ''x'''",
                "CREATE FUNCTION lowered(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1'",
                "CREATE TABLE with_default (id int PRIMARY KEY, code text DEFAULT next_code())",
                "CREATE TABLE with_index (id int PRIMARY KEY, code text)",
                "CREATE INDEX ON with_index (lowered(code))",
                "CREATE TABLE plain (id int PRIMARY KEY)");
        publish("ALL TABLES");

        TargetSchema.Outcome outcome = ensure();

        assertThat(outcome.created()).containsExactly(TableId.parse("plain"));
        assertThat(outcome.rejected().get(TableId.parse("with_default")))
                .contains("public.next_code()")
                .contains("statement: CREATE TABLE \"public\".\"with_default\"");
        assertThat(outcome.rejected().get(TableId.parse("with_index")))
                .contains("statement: CREATE INDEX");
        assertThat(count("SELECT count(*) FROM pg_class WHERE relname LIKE 'with%'")).isZero();
    }

    @Test
    void foreignKeysComeOnceBothTablesAreThere() throws Exception {
        server.execute(
                source,
                "CREATE TABLE country (code text PRIMARY KEY)",
                "CREATE TABLE secret (id int PRIMARY KEY)",
                "CREATE TABLE account (id int PRIMARY KEY, country text REFERENCES country,"
                        + " secret int REFERENCES secret)",
                "CREATE PUBLICATION p FOR TABLE country, account");
        ensure("account");
        finishPending();
        assertThat(count("SELECT count(*) FROM pg_constraint WHERE contype = 'f'")).isZero();
        server.execute(target, "INSERT INTO account VALUES (1, 'de', 1)");

        ensure("country");
        assertThat(finishPending())
                .as("rows that violate it keep it unvalidated")
                .isEqualTo(new PendingDdl.Left(0, 1));
        assertThat(count("SELECT count(*) FROM pg_constraint WHERE contype = 'f'")).isEqualTo(1);
        server.execute(target, "INSERT INTO country VALUES ('de')");

        assertThat(finishPending()).isEqualTo(new PendingDdl.Left(0, 0));
        assertThat(
                        count(
                                "SELECT count(*) FROM pg_constraint"
                                        + " WHERE contype = 'f' AND convalidated"))
                .isEqualTo(1);
    }

    @Test
    void anUnavailableExtensionIsACleanError() throws Exception {
        server.execute(
                source, "CREATE EXTENSION hstore", "CREATE TABLE t (id int PRIMARY KEY, h hstore)");
        publish("ALL TABLES");
        server.execute(
                target, "CREATE SCHEMA elsewhere", "CREATE EXTENSION hstore SCHEMA elsewhere");

        assertThat(ensure().rejected().get(TableId.parse("t"))).contains("hstore");
    }

    @Test
    void aPublicationThatDoesNotExistIsNamedWithTheFix() throws Exception {
        try (Connection connection = open(source)) {
            assertThatThrownBy(() -> PublicationReader.read(connection, "none"))
                    .isInstanceOf(ReplicationException.class)
                    .hasMessageContaining("CREATE PUBLICATION \"none\"")
                    .extracting(e -> ((ReplicationException) e).code())
                    .isEqualTo(ErrorCode.SOURCE_NOT_READY);
        }
    }

    @Test
    void readsColumnListsAndRowFilters() throws Exception {
        server.execute(
                source,
                "CREATE TABLE t (id int PRIMARY KEY, a int, b int,"
                        + " c int GENERATED ALWAYS AS (a + 1) STORED)",
                "CREATE TABLE u (id int PRIMARY KEY, g int GENERATED ALWAYS AS (id + 1) STORED)",
                "CREATE PUBLICATION p FOR TABLE t (id, b) WHERE (id > 5), u");
        try (Connection connection = open(source)) {
            assertThat(PublicationReader.read(connection, "p"))
                    .containsExactly(
                            new PublishedTable(TableId.parse("t"), List.of("id", "b"), "(id > 5)"),
                            new PublishedTable(TableId.parse("u"), List.of("id"), null));
        }
    }

    // ---- stand -------------------------------------------------------------------------------

    private void publish(String what) {
        server.execute(
                source,
                "CREATE PUBLICATION p FOR " + what + " WITH (publish_via_partition_root = true)");
    }

    private TargetSchema.Outcome ensure(String... only) throws SQLException {
        try (Connection from = open(source);
                Connection to = open(target)) {
            to.setAutoCommit(false);
            List<PublishedTable> all = PublicationReader.read(from, "p");
            List<PublishedTable> some =
                    all.stream()
                            .filter(
                                    table ->
                                            only.length == 0
                                                    || List.of(only).contains(table.table().name()))
                            .toList();
            Set<TableId> replicated =
                    all.stream().map(PublishedTable::table).collect(Collectors.toSet());
            Catalog catalog =
                    CatalogReader.read(from, some.stream().map(PublishedTable::table).toList());
            return TargetSchema.ensure(to, catalog, some, replicated);
        }
    }

    private PendingDdl.Left finishPending() throws SQLException {
        try (Connection to = open(target)) {
            to.setAutoCommit(false);
            PendingDdl pending = new PendingDdl(to);
            for (TableId root : PendingDdl.rootsWithoutIndexes(to)) {
                pending.buildIndexes(root);
            }
            return pending.addForeignKeys();
        }
    }

    private void assertSameCatalog() throws SQLException {
        try (Connection from = open(source);
                Connection to = open(target)) {
            List<TableId> tables =
                    PublicationReader.read(from, "p").stream().map(PublishedTable::table).toList();
            Catalog expected = CatalogReader.read(from, tables);
            Catalog actual = CatalogReader.read(to, tables);
            assertThat(actual.extensions()).isEqualTo(expected.extensions());
            assertThat(actual.types()).containsExactlyInAnyOrderElementsOf(expected.types());
            assertThat(actual.sequences()).isEqualTo(expected.sequences());
            assertThat(actual.tables().keySet()).isEqualTo(expected.tables().keySet());
            expected.tables()
                    .forEach((id, table) -> assertThat(actual.tables().get(id)).isEqualTo(table));
        }
    }

    private Connection open(String database) throws SQLException {
        Connection connection = server.connect(database);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET search_path = pg_catalog");
        }
        return connection;
    }

    private long count(String sql) throws SQLException {
        try (Connection connection = server.connect(target);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static String resource(String name) {
        try (InputStream in = TargetSchemaTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
