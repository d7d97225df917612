package io.heliosdb.replication.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.cli.serve.Rehearsal.Outcome;
import io.heliosdb.replication.cli.serve.postgres.RehearsalDatabases;
import io.heliosdb.replication.control.server.ControlServer;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.testkit.Await;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RehearsalITCase {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** Databases, slots and origins of the server that are not there from the beginning. */
    private static final String LEFT =
            """
            SELECT (SELECT count(*) FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1'))
                 + (SELECT count(*) FROM pg_replication_slots) + (SELECT count(*) FROM pg_replication_origin)
                 + (SELECT count(*) FROM heliosdb_control.connections)
            """;

    @TempDir Path directory;

    @Test
    void replicatesLeavesNothingAndIsLeftOutWhereAJobStartsAnyway() throws Exception {
        try (EmbeddedControl control =
                        EmbeddedControl.open(directory.resolve("control"), 0, 1, "0");
                ControlServer server = control.serve()) {
            DatabaseConfig store = control.options().store();
            // One that was killed has left these.
            RehearsalDatabases.create(store);
            execute(
                    RehearsalDatabases.in(store, RehearsalDatabases.SOURCE),
                    "SELECT pg_create_logical_replication_slot('left', 'pgoutput')");
            assertThat(left(store)).isEqualTo(3);

            assertThat(outcome(control)).isEqualTo(Outcome.DONE);
            assertThat(left(store)).isZero();

            ApiHttp api =
                    new ApiHttp(
                            "http://127.0.0.1:" + server.port(), server.oneTimeKey().orElseThrow());
            // Nobody answers there; what counts is that a job is wanted.
            String nowhere = api.connection("nowhere", 1, "x");
            execute(
                    store,
                    """
                    INSERT INTO heliosdb_control.replication_configs
                        (tenant_id, source_connection_id, target_connection_id, qos_tier, max_lag_seconds, status)
                    VALUES ('t', '%1$s', '%1$s', 'Standard', 30, 'Initializing')
                    """
                            .formatted(nowhere));
            assertThat(outcome(control)).isEqualTo(Outcome.NOT_NEEDED);
        }
    }

    private static Outcome outcome(EmbeddedControl control) {
        try (Rehearsal rehearsal = control.rehearse(Duration.ZERO)) {
            return Await.until(
                    () -> "it has ended",
                    PATIENCE,
                    rehearsal::outcome,
                    outcome -> outcome != Outcome.RUNNING);
        }
    }

    private static long left(DatabaseConfig store) throws SQLException {
        try (Connection connection = connect(store);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(LEFT)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static void execute(DatabaseConfig database, String sql) throws SQLException {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static Connection connect(DatabaseConfig database) throws SQLException {
        return DriverManager.getConnection(
                database.url(), database.user(), database.password().value());
    }
}
