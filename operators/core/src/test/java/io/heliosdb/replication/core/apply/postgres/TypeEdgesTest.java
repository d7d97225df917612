package io.heliosdb.replication.core.apply.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.heliosdb.replication.core.lane.LaneView;
import io.heliosdb.replication.core.snapshot.SourceAndTarget;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.ReplicationRule;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.TenancyConfig;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import io.heliosdb.replication.testkit.PostgresVersion;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where types meet something else: storage, DDL, a target that has them already. */
class TypeEdgesTest {

    private final PostgresServer sourceServer = SourceAndTarget.source();
    private final PostgresServer targetServer = SourceAndTarget.target();
    private String source;
    private String target;
    private Pipeline pipeline;

    @BeforeEach
    void create() {
        source = sourceServer.createDatabase("edges_source");
        target = targetServer.createDatabase("edges_target");
    }

    @AfterEach
    void close() {
        if (pipeline != null) {
            pipeline.close();
        }
    }

    private void onSource(String... statements) {
        sourceServer.execute(source, statements);
    }

    private void onTarget(String... statements) {
        targetServer.execute(target, statements);
    }

    private static ReplicationRule rule(String tenant, int priority) {
        return new ReplicationRule(
                tenant,
                tenant,
                "target",
                TableFilter.ALL,
                Tier.STANDARD,
                priority,
                false,
                ExistingRows.FAIL);
    }

    private void replicate() {
        onSource("CREATE PUBLICATION " + Pipeline.PUBLICATION + " FOR ALL TABLES");
        pipeline =
                new Pipeline(
                        source,
                        target,
                        new TenancyConfig("tenant", Map.of(), null, Set.of()),
                        List.of(rule("a", 50), rule("b", 50)),
                        1 << 20,
                        chunk -> {});
    }

    private void assertSame(String table) throws SQLException {
        String sql = "SELECT t::text FROM " + table + " t ORDER BY 1";
        List<String> rows = targetServer.rows(target, sql);
        assertThat(rows).isEqualTo(sourceServer.rows(source, sql)).isNotEmpty();
    }

    /** Then the new tuple has not even the key, and the old one is sent for it. */
    @ParameterizedTest
    @ValueSource(strings = {"DEFAULT", "FULL", "USING INDEX t_pkey"})
    void aRowIsFoundByAKeyThatIsStoredApart_R9(String identity) throws Exception {
        onSource(
                "CREATE TABLE t (tenant text, k text, pad text, n int, PRIMARY KEY (tenant, k))",
                "ALTER TABLE t ALTER pad SET STORAGE PLAIN",
                "ALTER TABLE t REPLICA IDENTITY " + identity,
                """
                INSERT INTO t SELECT 'a', (SELECT string_agg(md5(i * n || ''), '')
                                           FROM generate_series(1, 48) i), repeat('p', 1200), n
                FROM generate_series(1, 40) n\
                """);
        assertThat(
                        sourceServer.rows(
                                source,
                                "SELECT pg_relation_size(reltoastrelid) > 0 FROM pg_class WHERE relname = 't'"))
                .containsExactly("t");
        replicate();
        pipeline.settle();

        onSource("UPDATE t SET n = -n WHERE n = 1");
        pipeline.settle();
        onSource("UPDATE t SET n = -n WHERE n > 5");
        pipeline.settle();
        onSource(
                "BEGIN; UPDATE t SET n = 100 WHERE n = 2; UPDATE t SET k = 'new', n = 101 WHERE n = 100;"
                        + " UPDATE t SET n = 102 WHERE n = 3; DELETE FROM t WHERE n = 4; COMMIT");
        pipeline.settle();

        assertSame("t");
        assertThat(
                        targetServer.rows(
                                target, "SELECT sum(conflicts) FROM heliosdb.replication_progress"))
                .containsExactly("0");
    }

    /** Without DDL capture the label has to be added by hand; nothing else is needed. */
    @Test
    void aLabelAddedWhileStreamingStopsTheReplicationThatUsesItUntilTheTargetHasIt_R10()
            throws Exception {
        onSource(
                "CREATE TYPE mood AS ENUM ('sad', 'glad')",
                "CREATE TABLE t (tenant text, id int, m mood, PRIMARY KEY (tenant, id))",
                "INSERT INTO t VALUES ('a', 1, 'sad'), ('b', 1, 'glad')");
        replicate();
        pipeline.settle();

        onSource(
                "ALTER TYPE mood ADD VALUE 'so so' BEFORE 'glad'",
                "INSERT INTO t SELECT 'a', n, 'so so' FROM generate_series(2, 40) n",
                "INSERT INTO t VALUES ('b', 2, 'glad')");

        LaneView stopped =
                Await.until(
                        "a stops", () -> view("a"), view -> view.state() == ReplicationState.ERROR);
        assertThat(stopped.reason())
                .contains("public.t")
                .contains("22P02")
                .contains("ALTER TYPE")
                .contains("ADD VALUE")
                .doesNotContain("so so");
        assertThat(targetServer.rows(target, "SELECT message FROM heliosdb.quarantine"))
                .singleElement()
                .asString()
                .contains("mood")
                .contains("so so");
        Await.until(
                "b goes on",
                () -> targetServer.rows(target, "SELECT id FROM t WHERE tenant = 'b'").size() == 2);

        onTarget("ALTER TYPE mood ADD VALUE 'so so' BEFORE 'glad'");
        pipeline.rules(List.of(rule("a", 51), rule("b", 50)));
        Await.until("a goes on", () -> view("a").state() == ReplicationState.STREAMING);
        pipeline.settle();
        assertSame("t");
    }

    private LaneView view(String replication) {
        return pipeline.views().stream()
                .filter(view -> view.replication().value().equals(replication))
                .findFirst()
                .orElseThrow();
    }

    /** Types of the target have OIDs of their own, and may be of another make. */
    @Test
    void aFirstCopyGoesIntoTablesAndTypesThatAreThere_R10() throws Exception {
        String composite = "CREATE TYPE pair AS (a int, b text)";
        String table =
                "CREATE TABLE t (tenant text, id int, m mood, p pair[], d whole, r int4range, v varchar(9),"
                        + " PRIMARY KEY (tenant, id))";
        onSource(
                "CREATE TYPE mood AS ENUM ('sad', 'glad')",
                composite,
                "CREATE DOMAIN whole AS int",
                table,
                "INSERT INTO t SELECT 'a', n, 'glad', '{\"(1,x)\",NULL}', n, '[1,2)', 'v' FROM generate_series(1, 300) n");
        onTarget(
                "CREATE TYPE other AS ENUM ('x')",
                "CREATE DOMAIN whole AS bigint CHECK (value > 0)",
                composite,
                "CREATE TYPE mood AS ENUM ('more', 'glad', 'sad')",
                table);
        replicate();
        pipeline.settle();
        assertSame("t");

        onSource(
                "UPDATE t SET m = 'sad', d = d + 1 WHERE id <= 20", "DELETE FROM t WHERE id > 290");
        pipeline.settle();
        assertSame("t");
    }

    /** Four bytes on either side, of which a binary copy would make another value. */
    @Test
    void aFirstCopyIntoADomainOfAnotherBaseIsOfTheSameText_R10() throws Exception {
        String table = "CREATE TABLE t (tenant text, id int, d whole, PRIMARY KEY (tenant, id))";
        onSource(
                "CREATE DOMAIN whole AS real",
                table,
                "INSERT INTO t SELECT 'a', n, n FROM generate_series(1, 300) n");
        onTarget("CREATE DOMAIN whole AS int", table);
        replicate();
        pipeline.settle();
        assertSame("t");
    }

    /** A server before 17 would take the bytes of infinity for 178956970 years. */
    @Test
    void anInfiniteIntervalDoesNotBecomeAFiniteOne_R10() throws Exception {
        assumeThat(PostgresVersion.source().major()).isGreaterThanOrEqualTo(17);
        onSource(
                "CREATE TABLE t (tenant text, id int, i interval, PRIMARY KEY (tenant, id))",
                "INSERT INTO t VALUES ('a', 1, 'infinity')");
        replicate();
        if (PostgresVersion.target().major() >= 17) {
            pipeline.settle();
            assertSame("t");
        } else {
            Await.until("a stops", () -> view("a").state() == ReplicationState.ERROR);
            assertThat(targetServer.rows(target, "SELECT id FROM t")).isEmpty();
        }
    }

    /** Nothing is written that could read otherwise on the other side. */
    @ParameterizedTest
    @ValueSource(strings = {"bigint", "numeric(9,2)", "varchar(3)", "text[]", "char(5)"})
    void aFirstCopyIntoAColumnOfAnotherTypeIsRefused_R10(String type) throws Exception {
        onSource(
                "CREATE TABLE t (tenant text, id int, v text, PRIMARY KEY (tenant, id))",
                "INSERT INTO t VALUES ('a', 1, '1')");
        onTarget("CREATE TABLE t (tenant text, id int, v " + type + ", PRIMARY KEY (tenant, id))");
        replicate();

        LaneView stopped =
                Await.until(
                        "a stops", () -> view("a"), view -> view.state() == ReplicationState.ERROR);
        assertThat(stopped.reason())
                .contains("column v")
                .contains("ALTER TABLE")
                .contains("TYPE text");
        assertThat(targetServer.rows(target, "SELECT id FROM t")).isEmpty();
    }
}
