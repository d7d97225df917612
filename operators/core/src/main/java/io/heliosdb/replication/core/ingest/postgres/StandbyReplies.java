package io.heliosdb.replication.core.ingest.postgres;

import io.heliosdb.replication.core.synchronous.StandbyPosition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

/**
 * Tells the source what is applied, as soon as it is, while commits may wait for that. It never
 * tells what may not be so: up to {@link StandbyPosition}, and beyond only what concerns nobody.
 *
 * <p>Of the reading thread.
 */
final class StandbyReplies {

    private static final long REST_NANOS = 500_000;

    /** The source does not count what it is told before its sender has caught up. */
    private static final long AGAIN_NANOS = 200_000_000;

    private final PGReplicationStream stream;
    private final StandbyPosition position;
    private final PacedSocketFactory.@Nullable PacedSocket socket;
    private long readEndLsn;
    private long toldLsn;
    private long toldNanos = System.nanoTime();

    /**
     * @param socket what the stream is read from; null if that is not known, then it is looked at
     *     every half millisecond
     */
    StandbyReplies(
            PGReplicationStream stream,
            StandbyPosition position,
            PacedSocketFactory.@Nullable PacedSocket socket) {
        this.stream = stream;
        this.position = position;
        this.socket = socket;
    }

    /** A transaction was read to its end. */
    void read(long commitEndLsn) {
        readEndLsn = commitEndLsn;
        StandbyPosition.Standing now = position.get();
        if (!now.awaited() && Long.compareUnsigned(now.appliedLsn(), toldLsn) > 0) {
            // With the next status: sessions that wait for us nevertheless do not wait for ever.
            toldLsn = now.appliedLsn();
            stream.setAppliedLSN(LogSequenceNumber.valueOf(toldLsn));
        }
    }

    /**
     * The next message. While somebody may wait for replies it comes back after a millisecond
     * without one.
     */
    @Nullable ByteBuffer next() throws SQLException {
        if (!position.get().awaited()) {
            return stream.read();
        }
        ByteBuffer message = stream.readPending();
        if (message != null) {
            return message;
        }
        if (socket == null) {
            LockSupport.parkNanos(REST_NANOS);
            return null;
        }
        try {
            // A limit on reads of whole messages could hit in the middle of one.
            if (!socket.awaitReadable()) {
                return null;
            }
            message = stream.readPending();
            // Under TLS the driver does not see what has come. Otherwise it has taken it: what is
            // no message, a keepalive, must not lead into a read that waits for the next.
            return message == null && socket.holdsSomething() ? stream.read() : message;
        } catch (IOException e) {
            throw new PSQLException(
                    "stream broke: " + e.getMessage(), PSQLState.CONNECTION_FAILURE, e);
        }
    }

    /**
     * Tells what is new; only when {@link #read} has been told of every transaction whose end was
     * received.
     */
    void tell() throws SQLException {
        long seen = position.seen();
        StandbyPosition.Standing now = position.get();
        if (!now.awaited()) {
            return;
        }
        long lsn = appliedLsn(now, seen);
        long nanos = System.nanoTime();
        if (Long.compareUnsigned(lsn, toldLsn) <= 0 && nanos - toldNanos < AGAIN_NANOS) {
            return;
        }
        toldLsn = greater(lsn, toldLsn);
        toldNanos = nanos;
        stream.setAppliedLSN(LogSequenceNumber.valueOf(toldLsn));
        stream.forceUpdateStatus();
    }

    private long appliedLsn(StandbyPosition.Standing now, long seen) {
        long received = stream.getLastReceiveLSN().asLong();
        if (now.nobody()) {
            return greater(greater(received, now.routedEndLsn()), seen);
        }
        boolean allRouted = now.idle() && now.routedEndLsn() == readEndLsn;
        return allRouted ? greater(now.appliedLsn(), received) : now.appliedLsn();
    }

    private static long greater(long one, long other) {
        return Long.compareUnsigned(one, other) > 0 ? one : other;
    }
}
