package io.heliosdb.replication.core.ingest.postgres;

import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.ingest.TransactionFramer;
import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.core.ingest.WalPosition;
import io.heliosdb.replication.core.ingest.WalReader;
import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.core.postgres.SqlState;
import io.heliosdb.replication.core.synchronous.StandbyPosition;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.SourceConfig;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a slot with pgjdbc: protocol 1, text values, logical messages included. The driver's
 * automatic flush is off, so that a keepalive never confirms for us. A heartbeat runs beside it as
 * long as it is open.
 *
 * <p>A source that is out of reach without having said so is noticed by the heartbeat: when it has
 * failed for {@link Limits#silence} and the stream has brought nothing meanwhile either, the stream
 * is cut and {@link #read} fails with {@link ErrorCode#SOURCE_UNREACHABLE}. TCP alone would take a
 * quarter of an hour.
 */
public final class PostgresWalReader implements WalReader {

    /**
     * @param partBytes the size that a chunk may have
     * @param silence how long neither heartbeat nor stream may work
     * @param closing how long a stop may take that lets the source finish its sentence
     */
    record Limits(int partBytes, Duration silence, Duration closing) {}

    private static final Logger LOG = LoggerFactory.getLogger(PostgresWalReader.class);
    private static final Limits LIMITS =
            new Limits(256 << 10, Duration.ofSeconds(60), Duration.ofSeconds(2));

    private final SourceConfig config;
    private final Limits limits;
    private final TransactionFramer framer;
    private final Heartbeat heartbeat;

    /** Held strongly: the driver closes connections that are collected. */
    private final Connection connection;

    private final PGReplicationStream stream;
    private final StandbyPosition standby;
    private final StandbyReplies replies;

    /** Held while reading, so that closing waits for the reader, and silence is told from rest. */
    private final ReentrantLock reading = new ReentrantLock();

    private volatile long confirmLsn;
    private volatile boolean closed;
    private volatile boolean silent;
    private long sentConfirmLsn;

    /** Of the heartbeat's thread: where the stream was when the heartbeat began to fail. */
    private @Nullable LogSequenceNumber lastHeardLsn;

    private long lastHeardNanos;

    private final long timeline;

    private PostgresWalReader(
            SourceConfig config,
            WalPosition position,
            long timeline,
            Limits limits,
            Connection connection,
            PGReplicationStream stream,
            StandbyPosition standby,
            StandbyReplies replies) {
        this.standby = standby;
        this.replies = replies;
        this.config = config;
        this.timeline = timeline;
        this.limits = limits;
        this.connection = connection;
        this.stream = stream;
        this.framer = new TransactionFramer(position, limits.partBytes());
        this.heartbeat = new Heartbeat(config, limits.silence().dividedBy(4), this::beaten);
    }

    /** Checks that the slot continues at this position, and opens it there. */
    public static PostgresWalReader open(
            SourceConfig config, SourceIdentity source, WalPosition position) {
        return open(config, source, position, 0);
    }

    /**
     * As above, knowing the timeline that the position was reached on; 0 if unknown. If the source
     * has failed over since to a server that lacks some of it, this fails with SOURCE_DIVERGED.
     */
    public static PostgresWalReader open(
            SourceConfig config, SourceIdentity source, WalPosition position, long timeline) {
        return open(config, source, position, timeline, new StandbyPosition());
    }

    /** As above; what is applied is told to the source as it is in {@code standby}. */
    public static PostgresWalReader open(
            SourceConfig config,
            SourceIdentity source,
            WalPosition position,
            long timeline,
            StandbyPosition standby) {
        return open(config, source, position, timeline, LIMITS, standby);
    }

    static PostgresWalReader open(
            SourceConfig config, SourceIdentity source, WalPosition position, Limits limits) {
        return open(config, source, position, 0, limits, new StandbyPosition());
    }

    private static PostgresWalReader open(
            SourceConfig config,
            SourceIdentity source,
            WalPosition position,
            long reachedOn,
            Limits limits,
            StandbyPosition standby) {
        long timeline = SourceAdmin.checkContinues(config, source, position, reachedOn);
        standby.forgetSights();
        String socket = UUID.randomUUID().toString();
        Connection connection = connect(config, socket);
        try {
            PGReplicationStream stream = start(config, position, connection);
            Lsn confirmed = SourceAdmin.checkNotBeyond(config, position);
            if (confirmed != null) {
                // No standby counts as synchronous that has not told a flush position.
                stream.setFlushedLSN(LogSequenceNumber.valueOf(confirmed.value()));
            }
            PostgresWalReader reader =
                    new PostgresWalReader(
                            config,
                            position,
                            timeline,
                            limits,
                            connection,
                            stream,
                            standby,
                            new StandbyReplies(
                                    stream, standby, PacedSocketFactory.socketOf(socket)));
            reader.heartbeat.start();
            return reader;
        } catch (SQLException e) {
            abort(connection);
            throw failure(config, e);
        } catch (ReplicationException e) {
            abort(connection);
            throw e;
        }
    }

    private static Connection connect(SourceConfig config, String socket) {
        try {
            return Connections.openReplication(
                    config.database(), config.applicationName(), PacedSocketFactory.class, socket);
        } catch (ReplicationException e) {
            PacedSocketFactory.socketOf(socket);
            throw e;
        }
    }

    private static PGReplicationStream start(
            SourceConfig config, WalPosition position, Connection connection) throws SQLException {
        return connection
                .unwrap(PGConnection.class)
                .getReplicationAPI()
                .replicationStream()
                .logical()
                .withSlotName(config.slot())
                .withStartPosition(LogSequenceNumber.valueOf(position.restartLsn()))
                .withAutomaticFlush(false)
                .withStatusInterval((int) config.status().toMillis(), TimeUnit.MILLISECONDS)
                .withSlotOption("proto_version", 1)
                .withSlotOption("publication_names", TableId.quote(config.publication()))
                .withSlotOption("messages", "true")
                .start();
    }

    @Override
    public @Nullable WalChunk read() {
        reading.lock();
        try {
            while (!closed) {
                // Before the next message is taken: until it is framed, nobody knows what it ends.
                sendConfirmation();
                replies.tell();
                ByteBuffer message = replies.next();
                if (message != null) {
                    WalChunk chunk = framer.add(message);
                    if (chunk != null) {
                        if (chunk.last()) {
                            replies.read(chunk.commitEndLsn());
                        }
                        return chunk;
                    }
                }
            }
            return null;
        } catch (SQLException e) {
            if (closed) {
                return null;
            }
            throw silent ? silence(e) : failure(config, e);
        } finally {
            reading.unlock();
        }
    }

    /** Sends at once what was confirmed since; by the reading thread. */
    private void sendConfirmation() throws SQLException {
        long lsn = confirmLsn;
        if (lsn != sentConfirmLsn) {
            stream.forceUpdateStatus();
            sentConfirmLsn = lsn;
        }
    }

    /** The reading thread sends it with the next message, or the driver when it is time. */
    @Override
    public synchronized void confirm(long lsn) {
        if (Long.compareUnsigned(lsn, confirmLsn) > 0) {
            stream.setFlushedLSN(LogSequenceNumber.valueOf(lsn));
            confirmLsn = lsn;
        }
    }

    @Override
    public long timeline() {
        return timeline;
    }

    @Override
    public void tell() {
        try {
            replies.tell();
        } catch (SQLException e) {
            if (!closed) {
                throw failure(config, e);
            }
        }
    }

    @Override
    public void keepAlive() {
        try {
            stream.forceUpdateStatus();
        } catch (SQLException e) {
            if (!closed) {
                throw failure(config, e);
            }
        }
    }

    private void beaten(long lsn) {
        boolean success = lsn != 0;
        if (success) {
            standby.seen(lsn, System.nanoTime());
        }
        LogSequenceNumber heard = stream.getLastReceiveLSN();
        if (success || !heard.equals(lastHeardLsn)) {
            lastHeardLsn = success ? null : heard;
            lastHeardNanos = System.nanoTime();
        } else if (System.nanoTime() - lastHeardNanos > limits.silence().toNanos()
                && reading.isLocked()) {
            silent = true;
            abort(connection);
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        // In the middle of a large transaction the source goes on to its end before it stops, and a
        // source that is out of reach never does.
        CountDownLatch done = new CountDownLatch(1);
        Thread guard = new Thread(() -> cutUnless(done), "close-wal-" + config.slot());
        guard.setDaemon(true);
        guard.start();
        heartbeat.beatNow();
        reading.lock();
        try {
            sendConfirmation();
            stream.close();
            connection.close();
        } catch (SQLException e) {
            LOG.debug("stream was cut slot={} cause={}", config.slot(), e.getMessage());
        } finally {
            reading.unlock();
            done.countDown();
        }
        heartbeat.close();
        abort(connection);
    }

    private void cutUnless(CountDownLatch done) {
        try {
            if (!done.await(limits.closing().toMillis(), TimeUnit.MILLISECONDS)) {
                abort(connection);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void abort(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            LOG.debug("connection is gone already", e);
        }
    }

    private ReplicationException silence(SQLException e) {
        return new ReplicationException(
                ErrorCode.SOURCE_UNREACHABLE,
                "source "
                        + config.database().url()
                        + " has been silent for "
                        + limits.silence().toSeconds()
                        + " s: stream of slot '"
                        + config.slot()
                        + "' cut at "
                        + Lsn.format(stream.getLastReceiveLSN().asLong()),
                e);
    }

    /** An internal error of the server, without a SQLSTATE of its own; "filenode" before 16. */
    private static final String UNREADABLE = "could not map file";

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
                            + ". 'heliosdb-cli check' prints the statement that mends it. If it"
                            + " finds nothing: what is missing was made after the position of slot"
                            + " '"
                            + config.slot()
                            + "'; begin with a new slot and an empty checkpoint-directory",
                    e);
        }
        if (String.valueOf(e.getMessage()).contains(UNREADABLE)) {
            return new ReplicationException(
                    ErrorCode.SLOT_UNUSABLE,
                    "slot '"
                            + config.slot()
                            + "' cannot be read, now or later: it was made while tables were"
                            + " altered ("
                            + e.getMessage()
                            + ")."
                            + SourceAdmin.ANEW,
                    e);
        }
        return new ReplicationException(
                ErrorCode.SOURCE_UNREACHABLE,
                "stream of slot '" + config.slot() + "' broke: " + e.getMessage(),
                e);
    }
}
