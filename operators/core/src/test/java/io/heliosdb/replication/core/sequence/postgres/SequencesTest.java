package io.heliosdb.replication.core.sequence.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.core.apply.postgres.PostgresTargets;
import io.heliosdb.replication.core.sequence.SequenceGoal;
import io.heliosdb.replication.core.sequence.SequenceHeadroom;
import io.heliosdb.replication.core.snapshot.SourceAndTarget;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.model.config.SourceConfig;
import io.heliosdb.replication.model.config.TargetConfig;
import io.heliosdb.replication.model.config.TenancyConfig;
import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From the source's sequences to those of a target. */
class SequencesTest {

    private final PostgresServer sourceServer = SourceAndTarget.source();
    private final PostgresServer targetServer = SourceAndTarget.target();
    private final String source = sourceServer.createDatabase("sequences_source");
    private final String target = targetServer.createDatabase("sequences_target");
    private final SequenceHeadroom headroom = new SequenceHeadroom();
    private SourceSequences reader;
    private TargetSession session;

    @BeforeEach
    void open() {
        reader =
                new SourceSequences(
                        new SourceConfig(
                                database(sourceServer, source),
                                "slot",
                                "p",
                                SourceConfig.DEFAULT_HEARTBEAT,
                                SourceConfig.DEFAULT_STATUS));
        session =
                new PostgresTargets()
                        .open(
                                new TargetConfig("t", database(targetServer, target), 1),
                                new Tenancy(
                                        new TenancyConfig("tenant_id", Map.of(), null, Set.of())),
                                "sequences");
    }

    @AfterEach
    void close() {
        reader.close();
        session.close();
    }

    private static DatabaseConfig database(PostgresServer server, String name) {
        return new DatabaseConfig(server.url(name), PostgresServer.USER, Secret.EMPTY);
    }

    private void both(String... ddl) {
        sourceServer.execute(source, ddl);
        targetServer.execute(target, ddl);
    }

    private static long number(PostgresServer server, String database, String query) {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(query, e);
        }
    }

    private long next(String sequence) {
        return number(targetServer, target, "SELECT nextval('" + sequence + "')");
    }

    private List<SequenceGoal> carry() {
        return session.advanceSequences(headroom.all(reader.read()));
    }

    @Test
    void aPromotedTargetNeverHandsOutAUsedValue_R28() {
        both(
                "CREATE SCHEMA other",
                "CREATE SEQUENCE other.shared CACHE 50",
                "CREATE SEQUENCE down INCREMENT -3",
                "CREATE SEQUENCE unrelated",
                "CREATE TABLE t (tenant_id text, a serial, b int GENERATED ALWAYS AS IDENTITY,"
                        + " c bigint DEFAULT nextval('other.shared'),"
                        + " d int DEFAULT nextval('down'), PRIMARY KEY (tenant_id, a))",
                "CREATE TABLE unpublished (id serial)");
        sourceServer.execute(
                source,
                "CREATE PUBLICATION p FOR TABLE t",
                "INSERT INTO t (tenant_id) SELECT 'x' FROM generate_series(1, 100)",
                "SELECT nextval('unrelated'), nextval('unpublished_id_seq')");

        assertThat(carry()).isEmpty();

        assertThat(next("t_a_seq")).isGreaterThan(100 + 900);
        assertThat(next("t_b_seq")).isGreaterThan(100 + 900);
        assertThat(next("other.shared")).as("what is cached counts as used").isGreaterThan(1_100);
        assertThat(next("down")).isLessThan(-3_000);
        assertThat(next("unrelated")).isEqualTo(1);
        assertThat(next("unpublished_id_seq")).isEqualTo(1);
    }

    @Test
    void neverGoesBack_R28() {
        both("CREATE TABLE t (tenant_id text, a serial PRIMARY KEY)");
        sourceServer.execute(
                source, "CREATE PUBLICATION p FOR TABLE t", "SELECT setval('t_a_seq', 5000)");
        carry();
        long before = next("t_a_seq");
        assertThat(before).isGreaterThan(5_999);
        sourceServer.execute(source, "SELECT setval('t_a_seq', 5010)");
        carry();
        assertThat(next("t_a_seq")).as("there is headroom enough").isEqualTo(before + 1);
        sourceServer.execute(source, "SELECT setval('t_a_seq', 10)");
        carry();
        assertThat(next("t_a_seq")).isEqualTo(before + 2);
    }

    @Test
    void followsASequenceThatBeginsAgain_R28() {
        both(
                "CREATE SEQUENCE round MAXVALUE 10000 CYCLE",
                "CREATE TABLE t (tenant_id text, a int DEFAULT nextval('round'))");
        sourceServer.execute(
                source, "CREATE PUBLICATION p FOR TABLE t", "SELECT setval('round', 9000)");
        carry();
        assertThat(next("round")).isEqualTo(9_501);
        sourceServer.execute(source, "SELECT setval('round', 10000)", "SELECT nextval('round')");
        carry();
        assertThat(next("round")).isEqualTo(1_002);
    }

    @Test
    void findsTheSequenceOfTheColumnWhateverItsName() {
        sourceServer.execute(
                source,
                "CREATE TABLE t (tenant_id text, a serial PRIMARY KEY)",
                "CREATE PUBLICATION p FOR TABLE t",
                "SELECT setval('t_a_seq', 7)");
        targetServer.execute(
                target,
                "CREATE TABLE t (tenant_id text, a int GENERATED BY DEFAULT AS IDENTITY"
                        + " (SEQUENCE NAME quite_another))");
        assertThat(carry()).isEmpty();
        assertThat(next("quite_another")).isEqualTo(1_008);
    }

    @Test
    void saysWhatTheTargetDoesNotHave() {
        sourceServer.execute(
                source,
                "CREATE TABLE t (tenant_id text, a serial PRIMARY KEY)",
                "CREATE PUBLICATION p FOR TABLE t",
                "SELECT setval('t_a_seq', 7)");
        assertThat(carry()).singleElement().returns("a", SequenceGoal::column);
    }

    @Test
    void thousandsOfSequencesAreReadInOneStatementAndLittleTime() {
        sourceServer.execute(
                source,
                "DO $$ BEGIN FOR i IN 1..2000 LOOP EXECUTE"
                        + " format('CREATE TABLE t%s (tenant_id text, a serial)', i);"
                        + " PERFORM nextval(format('t%s_a_seq', i)); END LOOP; END $$",
                "CREATE PUBLICATION p FOR ALL TABLES");
        long listed = System.nanoTime();
        assertThat(reader.read()).hasSize(2_000);
        assertThat((System.nanoTime() - listed) / 1_000_000)
                .as("milliseconds, with the catalog")
                .isLessThan(2_000);
        long begin = System.nanoTime();
        reader.read();
        assertThat((System.nanoTime() - begin) / 1_000_000).as("milliseconds").isLessThan(500);
    }
}
