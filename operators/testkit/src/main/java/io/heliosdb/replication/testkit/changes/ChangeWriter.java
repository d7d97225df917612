package io.heliosdb.replication.testkit.changes;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes changes in the layout of a tenant transaction. */
public final class ChangeWriter {

    /** Stands for an unchanged TOAST value. */
    public static final String UNCHANGED = new String("unchanged");

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int rows;

    public ChangeWriter insert(int relation, @Nullable String... row) {
        begin('I', relation);
        tuple(row);
        return this;
    }

    public ChangeWriter update(int relation, @Nullable String... row) {
        begin('U', relation);
        bytes.write('N');
        tuple(row);
        return this;
    }

    /**
     * @param kind of the old tuple: {@code K} key, {@code O} whole row
     */
    public ChangeWriter update(
            int relation, char kind, @Nullable String[] old, @Nullable String[] row) {
        begin('U', relation);
        bytes.write(kind);
        tuple(old);
        tuple(row);
        return this;
    }

    /** As the other updates do. */
    public ChangeWriter delete(int relation, char kind, @Nullable String... old) {
        begin('D', relation);
        bytes.write(kind);
        tuple(old);
        return this;
    }

    public ChangeWriter truncate(int relation, int flags) {
        begin('T', relation);
        bytes.write(flags);
        return this;
    }

    private void begin(char op, int relation) {
        rows++;
        bytes.write(op);
        bytes.write(relation >>> 8);
        bytes.write(relation);
    }

    // Identity tells the marker from a text that reads the same.
    @SuppressWarnings("ReferenceEquality")
    private void tuple(@Nullable String[] row) {
        bytes.write(row.length >>> 8);
        bytes.write(row.length);
        for (String value : row) {
            if (value == null) {
                bytes.write('n');
            } else if (value == UNCHANGED) {
                bytes.write('u');
            } else {
                byte[] text = value.getBytes(StandardCharsets.UTF_8);
                bytes.write('t');
                bytes.writeBytes(ByteBuffer.allocate(4).putInt(text.length).array());
                bytes.writeBytes(text);
            }
        }
    }

    public int rows() {
        return rows;
    }

    public int size() {
        return bytes.size();
    }

    public byte[] toBytes() {
        return bytes.toByteArray();
    }
}
