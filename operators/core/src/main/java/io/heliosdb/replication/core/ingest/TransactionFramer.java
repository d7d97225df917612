package io.heliosdb.replication.core.ingest;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Puts the messages of a source transaction together: whole if it is small, in parts otherwise.
 * After a restart it leaves out the changes that were handed on before, but never a Relation or
 * Type message: the server sends those once per session.
 *
 * <p>One message in, at most one chunk out. Owned by one thread.
 */
public final class TransactionFramer {

    /** Microseconds from 1970-01-01 to PostgreSQL's epoch, 2000-01-01. */
    private static final long POSTGRES_EPOCH_MICROS = 946_684_800_000_000L;

    private static final int FIRST_BYTES = 1024;

    private final int partBytes;
    private final WalPosition start;
    private byte[] buffer = new byte[FIRST_BYTES];
    private int length;
    private boolean inside;
    private long commitLsn;
    private long commitEpochMicros;
    private long xid;
    private long ordinal;
    private long firstOrdinal;
    private long skip;

    /**
     * @param start where the stream was opened
     * @param partBytes a chunk is handed on when it has grown to this
     */
    public TransactionFramer(WalPosition start, int partBytes) {
        this.start = start;
        this.partBytes = partBytes;
    }

    /** Takes one pgoutput message; returns a chunk if it completes one. */
    public @Nullable WalChunk add(ByteBuffer message) {
        byte type = message.get(message.position());
        return switch (type) {
            case 'B' -> begin(message);
            case 'C' -> commit(message);
            case 'R', 'Y' -> append(message, false);
            case 'O', 'I', 'U', 'D', 'T' -> append(message, true);
            case 'M' -> inside ? append(message, true) : null;
            default -> throw violation("message of unknown type '" + (char) type + "'");
        };
    }

    private @Nullable WalChunk begin(ByteBuffer message) {
        require(!inside && message.remaining() == 21, "BEGIN", message);
        int at = message.position();
        commitLsn = message.getLong(at + 1);
        commitEpochMicros = message.getLong(at + 9) + POSTGRES_EPOCH_MICROS;
        xid = Integer.toUnsignedLong(message.getInt(at + 17));
        if (Long.compareUnsigned(commitLsn, start.restartLsn()) < 0) {
            throw violation(
                    "transaction of " + Lsn.format(start.restartLsn()) + " or later expected");
        }
        inside = true;
        ordinal = 0;
        firstOrdinal = 0;
        skip = commitLsn == start.partialCommitLsn() ? start.partialOrdinal() : 0;
        return null;
    }

    private WalChunk commit(ByteBuffer message) {
        require(inside && message.remaining() == 26, "COMMIT", message);
        int at = message.position();
        if (message.getLong(at + 2) != commitLsn) {
            throw violation("COMMIT of " + Lsn.format(message.getLong(at + 2)));
        }
        inside = false;
        return take(true, message.getLong(at + 10));
    }

    private @Nullable WalChunk append(ByteBuffer message, boolean change) {
        require(inside, "change", message);
        if (change && ordinal++ < skip) {
            firstOrdinal = ordinal;
            return null;
        }
        int size = message.remaining();
        int needed = length + 4 + size;
        if (needed > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(needed, buffer.length * 2));
        }
        buffer[length] = (byte) (size >>> 24);
        buffer[length + 1] = (byte) (size >>> 16);
        buffer[length + 2] = (byte) (size >>> 8);
        buffer[length + 3] = (byte) size;
        message.get(message.position(), buffer, length + 4, size);
        length = needed;
        return length >= partBytes ? take(false, 0) : null;
    }

    private WalChunk take(boolean last, long endLsn) {
        WalChunk chunk =
                new WalChunk(
                        commitLsn,
                        commitEpochMicros,
                        xid,
                        firstOrdinal,
                        (int) (ordinal - firstOrdinal),
                        last,
                        endLsn,
                        buffer,
                        length);
        buffer = new byte[last ? FIRST_BYTES : partBytes + partBytes / 8];
        length = 0;
        firstOrdinal = ordinal;
        return chunk;
    }

    private void require(boolean condition, String what, ByteBuffer message) {
        if (!condition) {
            throw violation(
                    what
                            + " of "
                            + message.remaining()
                            + " bytes "
                            + (inside ? "inside" : "outside")
                            + " of a transaction");
        }
    }

    private ReplicationException violation(String what) {
        return new ReplicationException(
                ErrorCode.PROTOCOL_VIOLATION,
                "unexpected "
                        + what
                        + " in the stream, at change "
                        + ordinal
                        + " of the transaction that commits at "
                        + Lsn.format(commitLsn)
                        + " (xid "
                        + xid
                        + ")");
    }
}
