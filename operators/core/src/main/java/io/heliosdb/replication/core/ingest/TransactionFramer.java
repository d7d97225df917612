package io.heliosdb.replication.core.ingest;

import io.heliosdb.replication.core.wire.PgOutput;
import io.heliosdb.replication.core.wire.PgOutputMessage;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Puts the messages of a source transaction together: whole if it is small, in parts otherwise. No
 * chunk is longer than a part, unless it is a single message that is.
 *
 * <p>After a restart it leaves out what was handed on before: transactions that committed before
 * the start, and the first changes of the one that was handed on in part. It never leaves out a
 * Relation or Type message: the server sends those once per session, so they go with what comes
 * next.
 *
 * <p>One message in, at most one chunk out. Owned by one thread. What does not fit fails with
 * {@link ErrorCode#PROTOCOL_VIOLATION}, naming message and position.
 */
public final class TransactionFramer {

    private static final int FIRST_BYTES = 4096;

    private final int partBytes;
    private final WalPosition start;
    private final PgOutputMessage frame = new PgOutputMessage();
    private byte[] buffer = new byte[FIRST_BYTES];
    private int length;
    private boolean inside;
    private long commitLsn;
    private long commitEpochMicros;
    private long xid;
    private long ordinal;
    private long firstOrdinal;

    /** Changes of the current transaction that were handed on before the restart. */
    private long skip;

    /** The transaction of which a part was handed on must come, before any later one. */
    private boolean partialExpected;

    /**
     * @param start where the stream was opened
     * @param partBytes the size that a chunk may have
     */
    public TransactionFramer(WalPosition start, int partBytes) {
        this.start = start;
        this.partBytes = partBytes;
        this.partialExpected = start.partialOrdinal() > 0;
    }

    /** Takes one pgoutput message in an accessible buffer; returns a chunk if it completes one. */
    public @Nullable WalChunk add(ByteBuffer message) {
        if (!message.hasRemaining()) {
            throw violation("empty message");
        }
        byte type = message.get(message.position());
        return switch (type) {
            case PgOutput.BEGIN -> begin(begun(message));
            case PgOutput.COMMIT -> commit(committed(message));
            case PgOutput.RELATION,
                    PgOutput.TYPE,
                    PgOutput.ORIGIN,
                    PgOutput.INSERT,
                    PgOutput.UPDATE,
                    PgOutput.DELETE,
                    PgOutput.TRUNCATE ->
                    append(message, type);
            case PgOutput.MESSAGE -> isTransactional(message) ? append(message, type) : null;
            default -> throw violation("message of unknown type '" + (char) type + "'");
        };
    }

    private PgOutputMessage.Begin begun(ByteBuffer message) {
        try {
            return wrap(message).begun();
        } catch (ReplicationException e) {
            throw violation(e.getMessage());
        }
    }

    private PgOutputMessage.Commit committed(ByteBuffer message) {
        try {
            return wrap(message).committed();
        } catch (ReplicationException e) {
            throw violation(e.getMessage());
        }
    }

    private PgOutputMessage wrap(ByteBuffer message) {
        return frame.wrap(
                message.array(), message.arrayOffset() + message.position(), message.remaining());
    }

    /**
     * Messages outside of transactions come whenever they were written, so a restart may bring them
     * again or not; nobody needs them.
     */
    private static boolean isTransactional(ByteBuffer message) {
        return message.remaining() > 1
                && (message.get(message.position() + 1) & PgOutput.MESSAGE_TRANSACTIONAL) != 0;
    }

    private @Nullable WalChunk begin(PgOutputMessage.Begin begin) {
        if (inside) {
            throw violation("BEGIN inside of a transaction");
        }
        inside = true;
        commitLsn = begin.commitLsn();
        commitEpochMicros = begin.commitEpochMicros();
        xid = begin.xid();
        ordinal = 0;
        firstOrdinal = 0;
        if (isBeforeStart()) {
            skip = Long.MAX_VALUE;
        } else if (partialExpected && commitLsn == start.partialCommitLsn()) {
            partialExpected = false;
            skip = start.partialOrdinal();
        } else if (partialExpected
                && Long.compareUnsigned(commitLsn, start.partialCommitLsn()) > 0) {
            throw violation(
                    "BEGIN, for the rest of the transaction that commits at "
                            + Lsn.format(start.partialCommitLsn())
                            + " has not come");
        } else {
            skip = 0;
        }
        return null;
    }

    private boolean isBeforeStart() {
        return Long.compareUnsigned(commitLsn, start.restartLsn()) < 0;
    }

    private @Nullable WalChunk commit(PgOutputMessage.Commit commit) {
        if (!inside || commit.commitLsn() != commitLsn) {
            throw violation("COMMIT of " + Lsn.format(commit.commitLsn()));
        }
        inside = false;
        if (isBeforeStart()) {
            return null;
        }
        if (ordinal < skip) {
            throw violation("COMMIT, for " + skip + " changes had come of it before");
        }
        return take(true, commit.endLsn());
    }

    private @Nullable WalChunk append(ByteBuffer message, byte type) {
        if (!inside) {
            throw violation("message '" + (char) type + "' outside of a transaction");
        }
        boolean change = PgOutput.isChange(type);
        if (change && ordinal < skip) {
            ordinal++;
            firstOrdinal = ordinal;
            return null;
        }
        int size = message.remaining();
        WalChunk full = null;
        if (length > 0 && length + 4L + size > partBytes && !isBeforeStart()) {
            full = take(false, 0);
        }
        put(message, size);
        if (change) {
            ordinal++;
        }
        return full;
    }

    private void put(ByteBuffer message, int size) {
        int needed = Math.addExact(length, size + 4);
        if (needed > buffer.length) {
            long doubled = Math.min(buffer.length * 2L, Math.max(needed, partBytes));
            buffer = Arrays.copyOf(buffer, (int) Math.max(needed, doubled));
        }
        buffer[length] = (byte) (size >>> 24);
        buffer[length + 1] = (byte) (size >>> 16);
        buffer[length + 2] = (byte) (size >>> 8);
        buffer[length + 3] = (byte) size;
        message.get(message.position(), buffer, length + 4, size);
        length = needed;
    }

    private WalChunk take(boolean last, long endLsn) {
        byte[] messages;
        if (length > partBytes) {
            messages = buffer;
            buffer = new byte[FIRST_BYTES];
        } else {
            messages = Arrays.copyOf(buffer, length);
        }
        WalChunk chunk =
                new WalChunk(
                        commitLsn,
                        commitEpochMicros,
                        xid,
                        firstOrdinal,
                        (int) (ordinal - firstOrdinal),
                        last,
                        endLsn,
                        messages,
                        length);
        length = 0;
        firstOrdinal = ordinal;
        return chunk;
    }

    private ReplicationException violation(String what) {
        return new ReplicationException(
                ErrorCode.PROTOCOL_VIOLATION,
                "unexpected "
                        + what
                        + "; in the stream "
                        + (inside ? "at change " + ordinal + " of" : "behind")
                        + " the transaction that committed at "
                        + Lsn.format(commitLsn)
                        + " (xid "
                        + xid
                        + ")");
    }
}
