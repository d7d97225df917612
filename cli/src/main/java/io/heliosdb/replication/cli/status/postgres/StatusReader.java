package io.heliosdb.replication.cli.status.postgres;

import io.heliosdb.replication.cli.status.SourceReading;
import io.heliosdb.replication.cli.status.StatusReport;
import io.heliosdb.replication.cli.status.TargetReading;
import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.core.postgres.Connections.Endpoint;
import io.heliosdb.replication.core.progress.ProgressRow;
import io.heliosdb.replication.core.progress.postgres.ProgressStore;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.model.config.TargetConfig;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Asks targets and source, over connections that it keeps open between readings and opens anew if
 * they broke. Used by one thread at a time.
 */
public final class StatusReader implements AutoCloseable {

    private static final String CLOCK = "SELECT clock_timestamp()";

    private static final String CLOCK_AND_WAL =
            """
            SELECT clock_timestamp(),
                   CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                        ELSE pg_current_wal_insert_lsn() END::text
            """;

    private static final String SOURCE = "source";

    private final PipelineConfig config;
    private final Map<String, Connection> connections = new HashMap<>();

    public StatusReader(PipelineConfig config) {
        this.config = config;
    }

    /** Reads the targets one after the other, then the source. Never fails for one of them. */
    public StatusReport read() {
        List<TargetReading> targets = config.targets().stream().map(this::target).toList();
        return StatusReport.of(config, targets, source());
    }

    private TargetReading target(TargetConfig target) {
        String key = "target " + target.name();
        try {
            Connection connection = connection(key, target.database());
            List<ProgressRow> rows = new ProgressStore(connection).rows();
            return new TargetReading(target.name(), rows, clock(connection), null);
        } catch (SQLException | ReplicationException e) {
            drop(key);
            return new TargetReading(target.name(), List.of(), null, e.getMessage());
        }
    }

    /** Where the source's WAL ends now, and its clock. */
    public SourceReading source() {
        try (Statement statement =
                        connection(SOURCE, config.source().database()).createStatement();
                ResultSet row = statement.executeQuery(CLOCK_AND_WAL)) {
            row.next();
            return new SourceReading(
                    row.getObject(1, OffsetDateTime.class).toInstant(),
                    Lsn.parse(row.getString(2)),
                    null);
        } catch (SQLException | ReplicationException e) {
            drop(SOURCE);
            return new SourceReading(null, null, e.getMessage());
        }
    }

    private static Instant clock(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(CLOCK)) {
            row.next();
            return row.getObject(1, OffsetDateTime.class).toInstant();
        }
    }

    private Connection connection(String key, DatabaseConfig database) {
        return connections.computeIfAbsent(
                key,
                absent ->
                        Connections.open(
                                database,
                                "heliosdb-cli status",
                                key.equals(SOURCE) ? Endpoint.SOURCE : Endpoint.TARGET));
    }

    private void drop(String key) {
        close(connections.remove(key));
    }

    private static void close(@Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                // Closing a broken connection: there is nothing to lose.
                return;
            }
        }
    }

    @Override
    public void close() {
        connections.values().forEach(StatusReader::close);
        connections.clear();
    }
}
