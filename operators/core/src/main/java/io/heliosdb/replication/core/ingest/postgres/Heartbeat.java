package io.heliosdb.replication.core.ingest.postgres;

import io.heliosdb.replication.core.ingest.HeartbeatMessage;
import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.SourceConfig;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a transactional logical message into the source's WAL at an interval, from a thread and a
 * connection of its own. It proves the whole path alive, moves the slot when nothing else is
 * published, and tells the source's clock and snapshot.
 *
 * <p>Reconnects by itself, ever more slowly; logs only when it stops or starts to work; tells the
 * observer after each attempt.
 */
final class Heartbeat implements AutoCloseable {

    /** Learns on the heartbeat's thread how each attempt went. */
    interface Observer {

        /**
         * @param lsn where the heartbeat stands in the log; 0 if it failed
         */
        void beaten(long lsn);
    }

    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final int MAX_DOUBLINGS = 10;

    private final SourceConfig config;
    private final Duration answerTimeout;
    private final Observer observer;
    private final ScheduledExecutorService thread;
    private volatile @Nullable Connection connection;
    private int failures;

    /**
     * @param answerTimeout how long the source may take to answer before it counts as out of reach
     */
    Heartbeat(SourceConfig config, Duration answerTimeout, Observer observer) {
        this.config = config;
        this.answerTimeout = answerTimeout;
        this.observer = observer;
        this.thread =
                Executors.newSingleThreadScheduledExecutor(
                        task -> {
                            Thread daemon = new Thread(task, "heartbeat-" + config.slot());
                            daemon.setDaemon(true);
                            return daemon;
                        });
    }

    void start() {
        thread.execute(this::beatAndGoOn);
    }

    /** One more at once, so that a blocked reader wakes up. */
    void beatNow() {
        try {
            thread.execute(this::beat);
        } catch (RejectedExecutionException e) {
            LOG.debug("heartbeat has ended");
        }
    }

    private void beatAndGoOn() {
        beat();
        try {
            thread.schedule(this::beatAndGoOn, pauseMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("heartbeat has ended");
        }
    }

    private long pauseMillis() {
        long interval = config.heartbeat().toMillis();
        long longest = Math.max(interval, LONGEST_PAUSE.toMillis());
        return Math.min(longest, interval << Math.min(Math.max(0, failures - 1), MAX_DOUBLINGS));
    }

    private void beat() {
        long lsn = 0;
        try {
            lsn = write();
        } catch (SQLException | RuntimeException e) {
            // Whatever it is, the next attempt must come: nothing else would start it again.
            failed(e);
        }
        if (lsn != 0 && failures > 0) {
            failures = 0;
            LOG.info("heartbeat works again slot={}", config.slot());
        }
        observer.beaten(lsn);
    }

    private long write() throws SQLException {
        Connection current = connection;
        if (current == null) {
            current =
                    Connections.open(
                            config.database(),
                            "heliosdb-heartbeat",
                            Connections.Endpoint.SOURCE,
                            answerTimeout);
            connection = current;
        }
        try (PreparedStatement statement = current.prepareStatement(IngestSql.HEARTBEAT)) {
            statement.setString(1, HeartbeatMessage.PREFIX);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return Lsn.parse(row.getString(1)).value();
            }
        }
    }

    private void failed(Exception e) {
        failures++;
        if (failures == 1 && !thread.isShutdown()) {
            String cause =
                    e instanceof ReplicationException || e instanceof SQLException
                            ? e.getMessage()
                            : e.toString();
            LOG.warn("heartbeat fails slot={} cause={}", config.slot(), cause);
        }
        disconnect();
    }

    /** By any thread; ends a statement that waits. */
    private void disconnect() {
        Connection current = connection;
        connection = null;
        if (current != null) {
            try {
                current.abort(Runnable::run);
            } catch (SQLException e) {
                LOG.debug("heartbeat connection did not close cleanly", e);
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (thread.awaitTermination(1, TimeUnit.SECONDS)) {
                Connection current = connection;
                if (current != null) {
                    current.close();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException e) {
            LOG.debug("heartbeat connection did not close cleanly", e);
        }
        disconnect();
    }
}
