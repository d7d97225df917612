package io.heliosdb.replication.core.ingest.postgres;

import io.heliosdb.replication.core.ingest.HeartbeatMessage;
import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.SourceConfig;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a transactional logical message into the source's WAL at an interval. It proves the whole
 * path alive, moves the slot when nothing else is published, and tells the source's clock and
 * snapshot. Reconnects by itself; logs only when it stops or starts to work.
 */
final class Heartbeat implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

    private final SourceConfig config;
    private final ScheduledExecutorService thread;
    private @Nullable Connection connection;
    private boolean failing;

    Heartbeat(SourceConfig config) {
        this.config = config;
        this.thread =
                Executors.newSingleThreadScheduledExecutor(
                        task -> {
                            Thread daemon = new Thread(task, "heartbeat-" + config.slot());
                            daemon.setDaemon(true);
                            return daemon;
                        });
        long millis = config.heartbeat().toMillis();
        thread.scheduleAtFixedRate(this::beat, 0, millis, TimeUnit.MILLISECONDS);
    }

    /** One more at once, so that a blocked reader wakes up. */
    void beatNow() {
        try {
            thread.execute(this::beat);
        } catch (RejectedExecutionException e) {
            LOG.debug("heartbeat has ended");
        }
    }

    private void beat() {
        try {
            if (connection == null) {
                connection =
                        Connections.open(
                                config.database(),
                                "heliosdb-heartbeat",
                                Connections.Endpoint.SOURCE);
            }
            try (PreparedStatement statement = connection.prepareStatement(IngestSql.HEARTBEAT)) {
                statement.setQueryTimeout(10);
                statement.setString(1, HeartbeatMessage.PREFIX);
                statement.execute();
            }
            if (failing) {
                failing = false;
                LOG.info("heartbeat works again slot={}", config.slot());
            }
        } catch (SQLException | ReplicationException e) {
            if (!failing) {
                failing = true;
                LOG.warn("heartbeat fails slot={} cause={}", config.slot(), e.getMessage());
            }
            disconnect();
        }
    }

    private void disconnect() {
        Connection current = connection;
        connection = null;
        if (current != null) {
            try {
                current.close();
            } catch (SQLException e) {
                LOG.debug("heartbeat connection did not close cleanly", e);
            }
        }
    }

    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(2, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        disconnect();
    }
}
