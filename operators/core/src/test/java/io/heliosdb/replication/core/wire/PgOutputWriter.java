package io.heliosdb.replication.core.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Writes single pgoutput messages as PostgreSQL does. */
public final class PgOutputWriter {

    /** Stands for an unchanged TOAST value. */
    public static final String UNCHANGED = "<unchanged>";

    /** Microseconds from 1970-01-01 to PostgreSQL's epoch. */
    private static final long EPOCH_MICROS = 946_684_800_000_000L;

    private interface Body {
        void write(DataOutputStream out) throws IOException;
    }

    private PgOutputWriter() {}

    private static byte[] message(char type, Body body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        try {
            out.writeByte(type);
            body.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        out.write(text.getBytes(UTF_8));
        out.writeByte(0);
    }

    /** A null is NULL. */
    private static void tuple(DataOutputStream out, char kind, @Nullable String... values)
            throws IOException {
        out.writeByte(kind);
        out.writeShort(values.length);
        for (String value : values) {
            if (value == null) {
                out.writeByte('n');
            } else if (value.equals(UNCHANGED)) {
                out.writeByte('u');
            } else {
                byte[] text = value.getBytes(UTF_8);
                out.writeByte('t');
                out.writeInt(text.length);
                out.write(text);
            }
        }
    }

    public static byte[] begin(long commitLsn, long commitEpochMicros, long xid) {
        return message(
                'B',
                out -> {
                    out.writeLong(commitLsn);
                    out.writeLong(commitEpochMicros - EPOCH_MICROS);
                    out.writeInt((int) xid);
                });
    }

    public static byte[] commit(long commitLsn, long endLsn, long commitEpochMicros) {
        return message(
                'C',
                out -> {
                    out.writeByte(0);
                    out.writeLong(commitLsn);
                    out.writeLong(endLsn);
                    out.writeLong(commitEpochMicros - EPOCH_MICROS);
                });
    }

    public static byte[] origin(long commitLsn, String name) {
        return message(
                'O',
                out -> {
                    out.writeLong(commitLsn);
                    text(out, name);
                });
    }

    public static byte[] type(int oid, String schema, String name) {
        return message(
                'Y',
                out -> {
                    out.writeInt(oid);
                    text(out, schema);
                    text(out, name);
                });
    }

    /** Columns with a leading {@code *} are part of the replica identity. */
    public static byte[] relation(
            int oid, String schema, String table, char identity, String... columns) {
        return message(
                'R',
                out -> {
                    out.writeInt(oid);
                    text(out, schema);
                    text(out, table);
                    out.writeByte(identity);
                    out.writeShort(columns.length);
                    for (String column : columns) {
                        boolean key = column.startsWith("*");
                        out.writeByte(key ? 1 : 0);
                        text(out, key ? column.substring(1) : column);
                        out.writeInt(25);
                        out.writeInt(-1);
                    }
                });
    }

    public static byte[] insert(int oid, @Nullable String... values) {
        return message(
                'I',
                out -> {
                    out.writeInt(oid);
                    tuple(out, 'N', values);
                });
    }

    public static byte[] update(int oid, @Nullable String... values) {
        return message(
                'U',
                out -> {
                    out.writeInt(oid);
                    tuple(out, 'N', values);
                });
    }

    /** An update with an old image of kind K or O. */
    public static byte[] update(
            int oid, char kind, @Nullable String[] old, @Nullable String... values) {
        return message(
                'U',
                out -> {
                    out.writeInt(oid);
                    tuple(out, kind, old);
                    tuple(out, 'N', values);
                });
    }

    /** A delete with an old image of kind K or O. */
    public static byte[] delete(int oid, char kind, @Nullable String... old) {
        return message(
                'D',
                out -> {
                    out.writeInt(oid);
                    tuple(out, kind, old);
                });
    }

    /**
     * @param flags 1 cascade, 2 restart identity
     */
    public static byte[] truncate(int flags, int... oids) {
        return message(
                'T',
                out -> {
                    out.writeInt(oids.length);
                    out.writeByte(flags);
                    for (int oid : oids) {
                        out.writeInt(oid);
                    }
                });
    }

    public static byte[] logicalMessage(
            boolean transactional, long lsn, String prefix, byte[] content) {
        return message(
                'M',
                out -> {
                    out.writeByte(transactional ? 1 : 0);
                    out.writeLong(lsn);
                    text(out, prefix);
                    out.writeInt(content.length);
                    out.write(content);
                });
    }
}
