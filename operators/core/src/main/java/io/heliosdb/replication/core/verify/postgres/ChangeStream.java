package io.heliosdb.replication.core.verify.postgres;

import io.heliosdb.replication.core.verify.ChangeSink;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.TableId;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/** Reads a stretch of a slot's stream (pgoutput, protocol 1, text). Confirms nothing. */
final class ChangeStream {

    private static final long PROMPT_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private ChangeStream() {}

    /**
     * Reads from {@code from} until every transaction whose commit record begins at or below {@code
     * until} has been seen; some later ones may be seen in part. The connection is of no use
     * afterwards.
     */
    static void read(
            Connection connection,
            String publication,
            String slot,
            Lsn from,
            Lsn until,
            ChangeSink sink)
            throws SQLException {
        PGReplicationStream stream = open(connection, publication, slot, from);
        StreamDecoder decoder = new StreamDecoder(sink);
        while (true) {
            ByteBuffer message = stream.readPending();
            if (message != null) {
                decoder.accept(message);
                if (decoder.inTransaction() && new Lsn(decoder.commitLsn()).isAfter(until)) {
                    return;
                }
            } else if (!decoder.inTransaction()
                    && new Lsn(stream.getLastReceiveLSN().asLong()).isAfter(until)) {
                // The server has told that it has sent all up to there.
                return;
            } else {
                // A status that asks for a reply makes the server tell how far it is.
                stream.forceUpdateStatus();
                LockSupport.parkNanos(PROMPT_NANOS);
            }
        }
    }

    static PGReplicationStream open(
            Connection connection, String publication, String slot, Lsn from) throws SQLException {
        return connection
                .unwrap(PGConnection.class)
                .getReplicationAPI()
                .replicationStream()
                .logical()
                .withSlotName(slot)
                .withStartPosition(LogSequenceNumber.valueOf(from.value()))
                .withAutomaticFlush(false)
                .withStatusInterval(1, TimeUnit.SECONDS)
                .withSlotOption("proto_version", 1)
                .withSlotOption("messages", "true")
                .withSlotOption("publication_names", TableId.quote(publication))
                .start();
    }
}
