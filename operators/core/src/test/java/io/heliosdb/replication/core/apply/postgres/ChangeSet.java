package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TenantTransaction;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/** Writes changes as the router does. */
final class ChangeSet {

    /** An unchanged TOAST value. Compared by identity. */
    static final String UNCHANGED = new String("unchanged");

    private final List<RelationDescriptor> relations = new ArrayList<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);
    private int rows;

    /** The same for 0, 1, … */
    static ChangeSet repeat(int times, ObjIntConsumer<ChangeSet> row) {
        ChangeSet changes = new ChangeSet();
        for (int i = 0; i < times; i++) {
            row.accept(changes, i);
        }
        return changes;
    }

    ChangeSet insert(RelationDescriptor relation, @Nullable String... row) {
        return change('I', relation, () -> tuple(row));
    }

    /** An update without old image: the key stays. */
    ChangeSet update(RelationDescriptor relation, @Nullable String... row) {
        return change(
                'U',
                relation,
                () -> {
                    out.writeByte('N');
                    tuple(row);
                });
    }

    /**
     * An update with an old image.
     *
     * @param kind {@code K} the old key, other columns null; {@code O} the whole old row
     */
    ChangeSet update(
            RelationDescriptor relation,
            char kind,
            @Nullable String[] old,
            @Nullable String[] row) {
        return change(
                'U',
                relation,
                () -> {
                    out.writeByte(kind);
                    tuple(old);
                    tuple(row);
                });
    }

    ChangeSet delete(RelationDescriptor relation, char kind, @Nullable String... old) {
        return change(
                'D',
                relation,
                () -> {
                    out.writeByte(kind);
                    tuple(old);
                });
    }

    ChangeSet truncate(RelationDescriptor relation) {
        return change('T', relation, () -> out.writeByte(0));
    }

    int rows() {
        return rows;
    }

    List<RelationDescriptor> relations() {
        return relations;
    }

    TenantTransaction transaction(String replication, long lsn) {
        return part(replication, lsn, 0, true, 0);
    }

    TenantTransaction part(String replication, long lsn, int part, boolean last, long ordinal) {
        return new TenantTransaction(
                new ReplicationId(replication),
                lsn,
                1_700_000_000_000_000L + lsn,
                lsn & 0xFFFF_FFFFL,
                part,
                last,
                ordinal,
                rows,
                relations.stream().mapToLong(RelationDescriptor::fingerprint).toArray(),
                bytes.toByteArray());
    }

    private interface Body {
        void write() throws IOException;
    }

    private ChangeSet change(char op, RelationDescriptor relation, Body body) {
        if (!relations.contains(relation)) {
            relations.add(relation);
        }
        try {
            out.writeByte(op);
            out.writeShort(relations.indexOf(relation));
            body.write();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        rows++;
        return this;
    }

    @SuppressWarnings("StringEquality")
    private void tuple(@Nullable String[] row) throws IOException {
        out.writeShort(row.length);
        for (String value : row) {
            if (value == null) {
                out.writeByte('n');
            } else if (value == UNCHANGED) {
                out.writeByte('u');
            } else {
                byte[] text = value.getBytes(StandardCharsets.UTF_8);
                out.writeByte('t');
                out.writeInt(text.length);
                out.write(text);
            }
        }
    }
}
