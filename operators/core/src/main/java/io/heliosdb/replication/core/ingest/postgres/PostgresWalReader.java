package io.heliosdb.replication.core.ingest.postgres;

import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.ingest.TransactionFramer;
import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.core.ingest.WalPosition;
import io.heliosdb.replication.core.ingest.WalReader;
import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.core.postgres.SqlState;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.SourceConfig;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/**
 * Reads a slot with pgjdbc: protocol 1, text values, logical messages included. The driver's
 * automatic flush is off, so that a keepalive never confirms for us. A heartbeat runs beside it as
 * long as it is open.
 */
public final class PostgresWalReader implements WalReader {

    private static final int PART_BYTES = 256 << 10;

    private final SourceConfig config;
    private final TransactionFramer framer;
    private final Heartbeat heartbeat;

    /** Held strongly: the driver closes connections that are collected. */
    private final Connection connection;

    private final PGReplicationStream stream;

    /** Held while reading, so that closing can tell whether somebody still does. */
    private final ReentrantLock reading = new ReentrantLock();

    private volatile long confirmLsn;
    private volatile boolean closed;
    private long sentConfirmLsn;

    private PostgresWalReader(
            SourceConfig config,
            WalPosition position,
            Connection connection,
            PGReplicationStream stream) {
        this.config = config;
        this.connection = connection;
        this.stream = stream;
        this.framer = new TransactionFramer(position, PART_BYTES);
        this.heartbeat = new Heartbeat(config);
    }

    /** Checks that the slot continues at this position, and opens it there. */
    public static PostgresWalReader open(
            SourceConfig config, SourceIdentity source, WalPosition position) {
        SourceAdmin.checkContinues(config, source, position);
        Connection connection =
                Connections.openReplication(config.database(), "heliosdb-" + config.slot());
        try {
            PGReplicationStream stream =
                    connection
                            .unwrap(PGConnection.class)
                            .getReplicationAPI()
                            .replicationStream()
                            .logical()
                            .withSlotName(config.slot())
                            .withStartPosition(LogSequenceNumber.valueOf(position.restartLsn()))
                            .withAutomaticFlush(false)
                            .withStatusInterval(
                                    (int) config.status().toMillis(), TimeUnit.MILLISECONDS)
                            .withSlotOption("proto_version", 1)
                            .withSlotOption(
                                    "publication_names", TableId.quote(config.publication()))
                            .withSlotOption("messages", "true")
                            .start();
            return new PostgresWalReader(config, position, connection, stream);
        } catch (SQLException e) {
            closeQuietly(connection);
            throw failure(config, e);
        }
    }

    @Override
    public @Nullable WalChunk read() {
        reading.lock();
        try {
            while (!closed) {
                ByteBuffer message = stream.read();
                sendConfirmation();
                if (message != null) {
                    WalChunk chunk = framer.add(message);
                    if (chunk != null) {
                        return chunk;
                    }
                }
            }
            return null;
        } catch (SQLException e) {
            if (closed) {
                return null;
            }
            throw failure(config, e);
        } finally {
            reading.unlock();
        }
    }

    /** The driver sends it with its next status reply, at the latest after the status interval. */
    private void sendConfirmation() throws SQLException {
        long lsn = confirmLsn;
        if (lsn != sentConfirmLsn) {
            sentConfirmLsn = lsn;
            stream.setFlushedLSN(LogSequenceNumber.valueOf(lsn));
            stream.forceUpdateStatus();
        }
    }

    @Override
    public void confirm(long lsn) {
        if (Long.compareUnsigned(lsn, confirmLsn) > 0) {
            confirmLsn = lsn;
        }
    }

    @Override
    public void keepAlive() {
        try {
            sendConfirmation();
            stream.forceUpdateStatus();
        } catch (SQLException e) {
            if (!closed) {
                throw failure(config, e);
            }
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        heartbeat.beatNow();
        try {
            if (reading.tryLock(2, TimeUnit.SECONDS)) {
                sendConfirmation();
                stream.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException e) {
            // The connection is closed below in any case.
        } finally {
            if (reading.isHeldByCurrentThread()) {
                reading.unlock();
            }
        }
        heartbeat.close();
        closeQuietly(connection);
    }

    private static void closeQuietly(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            // It is gone, which is what was wanted.
        }
    }

    private static ReplicationException failure(SourceConfig config, SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        if (state.equals(SqlState.OBJECT_IN_USE)) {
            return SourceAdmin.slot(config)
                    .map(slot -> SourceAdmin.inUse(config, slot.activePid()))
                    .orElseGet(() -> SourceAdmin.inUse(config, 0));
        }
        if (state.equals(SqlState.UNDEFINED_OBJECT)) {
            return new ReplicationException(
                    ErrorCode.SOURCE_NOT_READY,
                    "source "
                            + config.database().url()
                            + ": "
                            + e.getMessage()
                            + ". 'heliosdb-cli check' prints the statement that mends it",
                    e);
        }
        return new ReplicationException(
                ErrorCode.SOURCE_UNREACHABLE,
                "stream of slot '" + config.slot() + "' broke: " + e.getMessage(),
                e);
    }
}
