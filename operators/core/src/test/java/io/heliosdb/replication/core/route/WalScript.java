package io.heliosdb.replication.core.route;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.core.wire.PgOutput;
import io.heliosdb.replication.core.wire.PgOutputWriter;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Writes chunks as the source would, message by message. */
final class WalScript {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int changes;
    private long firstOrdinal;

    WalScript message(byte[] message) {
        bytes.writeBytes(ByteBuffer.allocate(4).putInt(message.length).array());
        bytes.writeBytes(message);
        if (PgOutput.isChange(message[0])) {
            changes++;
        }
        return this;
    }

    /** Columns with a leading {@code *} are part of the replica identity. */
    WalScript relation(int oid, String schema, String table, String... columns) {
        return message(PgOutputWriter.relation(oid, schema, table, 'd', columns));
    }

    /** A null is NULL, {@code "<unchanged>"} an unchanged TOAST value. */
    WalScript insert(int oid, @Nullable String... values) {
        return message(PgOutputWriter.insert(oid, values));
    }

    WalScript update(int oid, @Nullable String... values) {
        return message(PgOutputWriter.update(oid, values));
    }

    WalScript updateKey(int oid, @Nullable String[] old, @Nullable String... values) {
        return message(PgOutputWriter.update(oid, 'K', old, values));
    }

    WalScript delete(int oid, @Nullable String... key) {
        return message(PgOutputWriter.delete(oid, 'K', key));
    }

    WalScript truncate(int... oids) {
        return message(PgOutputWriter.truncate(0, oids));
    }

    WalScript logicalMessage(String prefix, String content) {
        return message(PgOutputWriter.logicalMessage(true, 0, prefix, content.getBytes(UTF_8)));
    }

    /**
     * The messages so far as one chunk; the next continues the transaction, or begins one if this
     * was the last.
     */
    WalChunk chunk(long commitLsn, boolean last) {
        byte[] messages = bytes.toByteArray();
        WalChunk chunk =
                new WalChunk(
                        commitLsn,
                        commitLsn * 1000,
                        commitLsn,
                        firstOrdinal,
                        changes,
                        last,
                        last ? commitLsn + 1 : 0,
                        messages,
                        messages.length);
        firstOrdinal = last ? 0 : firstOrdinal + changes;
        changes = 0;
        bytes.reset();
        return chunk;
    }

    WalChunk commit(long commitLsn) {
        return chunk(commitLsn, true);
    }
}
