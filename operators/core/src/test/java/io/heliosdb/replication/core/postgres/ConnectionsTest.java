package io.heliosdb.replication.core.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.core.postgres.Connections.Endpoint;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.testkit.PostgresServer;
import io.heliosdb.replication.testkit.PostgresVersion;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ConnectionsTest {

    private static final Secret WRONG = new Secret("not-the-password");

    private static PostgresServer server;

    @BeforeAll
    static void startServer() throws SQLException, IOException {
        server = PostgresServer.start(PostgresVersion.source());
        server.execute(
                "postgres",
                "CREATE ROLE guarded LOGIN PASSWORD 'secret'",
                // Settings that would change the text of values, were they not pinned.
                "ALTER ROLE ALL SET timezone = 'Asia/Kathmandu'",
                "ALTER ROLE ALL SET datestyle = 'German'",
                "ALTER ROLE ALL SET intervalstyle = 'sql_standard'",
                "ALTER ROLE ALL SET extra_float_digits = '-5'",
                "ALTER ROLE ALL SET bytea_output = 'escape'",
                "ALTER ROLE ALL SET search_path = 'elsewhere'");
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW hba_file")) {
            row.next();
            Path file = Path.of(row.getString(1));
            Files.writeString(
                    file, "host all guarded all scram-sha-256\n" + Files.readString(file));
        }
        server.execute("postgres", "SELECT pg_reload_conf()");
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    private static DatabaseConfig as(String user, Secret password, String database) {
        return new DatabaseConfig(server.url(database), user, password);
    }

    private static ReplicationException refusal(DatabaseConfig database, Endpoint endpoint) {
        try (Connection connection = Connections.open(database, "test", endpoint)) {
            throw new AssertionError("was let in as " + connection.getMetaData().getUserName());
        } catch (SQLException e) {
            throw new AssertionError(e);
        } catch (ReplicationException e) {
            return e;
        }
    }

    @Test
    void pinsWhatTheTextOfValuesDependsOn() throws SQLException {
        try (Connection connection =
                        Connections.open(
                                as(PostgresServer.USER, Secret.EMPTY, "postgres"),
                                "heliosdb-test",
                                Endpoint.TARGET);
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                """
                                SELECT '2024-02-29 12:00+02'::timestamptz::text,
                                       '-1 day 02:03'::interval::text,
                                       (0.1::float8 + 0.2::float8)::text,
                                       '\\x00ff'::bytea::text,
                                       current_setting('search_path'),
                                       current_setting('application_name'),
                                       current_setting('client_encoding')
                                """)) {
            assertThat(connection.getAutoCommit()).isTrue();
            row.next();
            assertThat(row.getString(1)).isEqualTo("2024-02-29 10:00:00+00");
            assertThat(row.getString(2)).isEqualTo("-1 days +02:03:00");
            assertThat(row.getString(3)).isEqualTo("0.30000000000000004");
            assertThat(row.getString(4)).isEqualTo("\\x00ff");
            assertThat(row.getString(5)).isEqualTo("pg_catalog");
            assertThat(row.getString(6)).isEqualTo("heliosdb-test");
            assertThat(row.getString(7)).isEqualTo("UTF8");
        }
    }

    @Test
    void tellsAWrongPasswordWithoutShowingIt() {
        ReplicationException refusal = refusal(as("guarded", WRONG, "postgres"), Endpoint.SOURCE);
        assertThat(refusal.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
        assertThat(refusal)
                .hasMessageContaining("source ")
                .hasMessageContaining("'guarded'")
                .hasMessageContaining("localhost:" + server.port() + "/postgres")
                .hasMessageNotContaining(WRONG.value());
        assertThat(refusal(as("guarded", Secret.EMPTY, "postgres"), Endpoint.SOURCE).code())
                .as("no password at all")
                .isEqualTo(ErrorCode.CONFIG_INVALID);
    }

    @Test
    void tellsAnUnknownUserOrDatabase() {
        ReplicationException database =
                refusal(as(PostgresServer.USER, Secret.EMPTY, "nowhere"), Endpoint.TARGET);
        assertThat(database.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
        assertThat(database).hasMessageContaining("target ").hasMessageContaining("nowhere");
        assertThat(refusal(as("nobody", Secret.EMPTY, "postgres"), Endpoint.TARGET).code())
                .isEqualTo(ErrorCode.CONFIG_INVALID);
    }

    @Test
    void tellsASourceOrTargetThatIsOutOfReach() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        DatabaseConfig nobodyListens =
                new DatabaseConfig(
                        "jdbc:postgresql://localhost:" + port + "/db", "app", Secret.EMPTY);
        assertThat(refusal(nobodyListens, Endpoint.SOURCE).code())
                .isEqualTo(ErrorCode.SOURCE_UNREACHABLE);
        assertThat(refusal(nobodyListens, Endpoint.TARGET).code())
                .isEqualTo(ErrorCode.TARGET_UNREACHABLE);
    }

    @Test
    void waitsNoLongerForAnAnswerThanItMay() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            DatabaseConfig database =
                    new DatabaseConfig(
                            "jdbc:postgresql://localhost:" + silent.getLocalPort() + "/db",
                            "app",
                            Secret.EMPTY);
            assertThatThrownBy(
                            () ->
                                    Connections.open(
                                            database,
                                            "test",
                                            Endpoint.SOURCE,
                                            Duration.ofSeconds(1)))
                    .extracting("code")
                    .isEqualTo(ErrorCode.SOURCE_UNREACHABLE);
        }
    }
}
