package io.heliosdb.replication.core.route;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliosdb.replication.core.ingest.WalChunk;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Writes chunks as the source would, message by message. */
final class WalScript {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);
    private int changes;
    private long firstOrdinal;

    interface Body {
        void write(DataOutputStream out) throws IOException;
    }

    private WalScript message(boolean change, Body body) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        try {
            body.write(new DataOutputStream(message));
            out.writeInt(message.size());
            out.write(message.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (change) {
            changes++;
        }
        return this;
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        out.write(text.getBytes(UTF_8));
        out.writeByte(0);
    }

    /** Columns with a leading {@code *} are part of the replica identity. */
    WalScript relation(int oid, String schema, String table, String... columns) {
        return message(
                false,
                body -> {
                    body.writeByte('R');
                    body.writeInt(oid);
                    text(body, schema);
                    text(body, table);
                    body.writeByte('d');
                    body.writeShort(columns.length);
                    for (String column : columns) {
                        boolean key = column.startsWith("*");
                        body.writeByte(key ? 1 : 0);
                        text(body, key ? column.substring(1) : column);
                        body.writeInt(25);
                        body.writeInt(-1);
                    }
                });
    }

    /** A null is NULL, {@code "<unchanged>"} an unchanged TOAST value. */
    private static void tuple(DataOutputStream out, @Nullable String... values) throws IOException {
        out.writeShort(values.length);
        for (String value : values) {
            if (value == null) {
                out.writeByte('n');
            } else if (value.equals("<unchanged>")) {
                out.writeByte('u');
            } else {
                byte[] text = value.getBytes(UTF_8);
                out.writeByte('t');
                out.writeInt(text.length);
                out.write(text);
            }
        }
    }

    WalScript insert(int oid, @Nullable String... values) {
        return message(
                true,
                body -> {
                    body.writeByte('I');
                    body.writeInt(oid);
                    body.writeByte('N');
                    tuple(body, values);
                });
    }

    WalScript update(int oid, @Nullable String... values) {
        return message(
                true,
                body -> {
                    body.writeByte('U');
                    body.writeInt(oid);
                    body.writeByte('N');
                    tuple(body, values);
                });
    }

    WalScript updateKey(int oid, @Nullable String[] old, @Nullable String... values) {
        return message(
                true,
                body -> {
                    body.writeByte('U');
                    body.writeInt(oid);
                    body.writeByte('K');
                    tuple(body, old);
                    body.writeByte('N');
                    tuple(body, values);
                });
    }

    WalScript delete(int oid, @Nullable String... key) {
        return message(
                true,
                body -> {
                    body.writeByte('D');
                    body.writeInt(oid);
                    body.writeByte('K');
                    tuple(body, key);
                });
    }

    WalScript truncate(int... oids) {
        return message(
                true,
                body -> {
                    body.writeByte('T');
                    body.writeInt(oids.length);
                    body.writeByte(0);
                    for (int oid : oids) {
                        body.writeInt(oid);
                    }
                });
    }

    WalScript logicalMessage(String prefix, String content) {
        return message(
                true,
                body -> {
                    body.writeByte('M');
                    body.writeByte(1);
                    body.writeLong(0);
                    text(body, prefix);
                    byte[] text = content.getBytes(UTF_8);
                    body.writeInt(text.length);
                    body.write(text);
                });
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
