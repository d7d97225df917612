package io.heliosdb.replication.core.route;

import io.heliosdb.replication.core.wire.PgOutput;
import io.heliosdb.replication.core.wire.PgOutputMessage;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TenantTransaction;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Collects the changes of the current source transaction for one replication. Tuples are copied as
 * they are; the layout is documented at {@link TenantTransaction}.
 */
final class ReplicationRoute {

    private static final int FIRST_BYTES = 256;

    ReplicationSpec spec;

    /** No more changes are sent: the stream cannot be followed for it. */
    boolean failed;

    /** Among the routes that the current source transaction has touched. */
    boolean touched;

    /** Parts of the current transaction handed on. */
    int parts;

    private final Map<RelationRoute, Boolean> accepted = new HashMap<>();
    private final Set<Long> describedFingerprints = new HashSet<>();
    private List<RelationDescriptor> undescribed = new ArrayList<>();
    private byte[] changes = new byte[0];
    private int length;
    private int rows;
    private long firstOrdinal;
    private @Nullable RelationRoute[] relations = new RelationRoute[4];
    private int relationCount;
    private boolean ddl;

    ReplicationRoute(ReplicationSpec spec) {
        this.spec = spec;
    }

    void respecify(ReplicationSpec newSpec) {
        spec = newSpec;
        accepted.clear();
    }

    /** Whether changes of the relation go to this replication. */
    boolean carries(RelationRoute relation) {
        return !failed && accepts(relation);
    }

    private boolean accepts(RelationRoute relation) {
        if (relationCount > 0 && relations[relationCount - 1] == relation) {
            return true;
        }
        return accepted.computeIfAbsent(
                relation, route -> spec.tables().accepts(route.descriptor.table()));
    }

    /** Forgets what it knew of a relation that has changed. */
    void forget(RelationRoute relation) {
        accepted.remove(relation);
    }

    /**
     * Appends one change whose body is a slice of {@code source}, with up to one byte before it.
     */
    void append(byte op, RelationRoute relation, long ordinal, byte[] source, int from, int to) {
        int at = begin(op, relation, ordinal, to - from);
        System.arraycopy(source, from, changes, at, to - from);
        length = at + to - from;
    }

    /** Appends an update: the kind of old image, the old image (if any) and the new one. */
    void appendUpdate(RelationRoute relation, long ordinal, PgOutputMessage update) {
        int oldLength = update.oldEnd() - update.oldTuple();
        int newLength = update.end() - update.newTuple();
        int at = begin(PgOutput.UPDATE, relation, ordinal, 1 + oldLength + newLength);
        changes[at++] = update.oldKind() == 0 ? PgOutput.NEW_TUPLE : update.oldKind();
        System.arraycopy(update.bytes(), update.oldTuple(), changes, at, oldLength);
        at += oldLength;
        System.arraycopy(update.bytes(), update.newTuple(), changes, at, newLength);
        length = at + newLength;
    }

    void appendTruncate(RelationRoute relation, long ordinal, byte flags) {
        int at = begin(PgOutput.TRUNCATE, relation, ordinal, 1);
        changes[at] = flags;
        length = at + 1;
    }

    /** Appends DDL; it belongs to no relation. */
    void appendDdl(long ordinal, byte[] event) {
        int needed = length + 7 + event.length;
        if (needed > changes.length) {
            changes = Arrays.copyOf(changes, Math.max(needed, changes.length * 2));
        }
        if (rows == 0) {
            firstOrdinal = ordinal;
        }
        rows++;
        ddl = true;
        ByteBuffer.wrap(changes, length, 7)
                .put(PgOutput.MESSAGE)
                .putShort((short) -1)
                .putInt(event.length);
        System.arraycopy(event, 0, changes, length + 7, event.length);
        length = needed;
    }

    private int begin(byte op, RelationRoute relation, long ordinal, int bodyLength) {
        int needed = length + 3 + bodyLength;
        if (needed > changes.length) {
            changes =
                    Arrays.copyOf(
                            changes, Math.max(needed, Math.max(FIRST_BYTES, changes.length * 2)));
        }
        if (rows == 0) {
            firstOrdinal = ordinal;
        }
        rows++;
        int index = indexOf(relation);
        changes[length] = op;
        changes[length + 1] = (byte) (index >>> 8);
        changes[length + 2] = (byte) index;
        return length + 3;
    }

    private int indexOf(RelationRoute relation) {
        for (int i = relationCount - 1; i >= 0; i--) {
            if (relations[i] == relation) {
                return i;
            }
        }
        if (relationCount == relations.length) {
            relations = Arrays.copyOf(relations, relationCount * 2);
        }
        relations[relationCount] = relation;
        if (describedFingerprints.add(relation.fingerprint)) {
            undescribed.add(relation.descriptor);
        }
        return relationCount++;
    }

    /** Bytes collected and not handed on. */
    int bytes() {
        return length;
    }

    /** Descriptors that must go before the next {@link #take}; they are handed out once. */
    List<RelationDescriptor> takeDescriptors() {
        if (undescribed.isEmpty()) {
            return List.of();
        }
        List<RelationDescriptor> descriptors = undescribed;
        undescribed = new ArrayList<>();
        return descriptors;
    }

    /** Hands on what was collected as the next part. */
    TenantTransaction take(
            long commitLsn, long commitEpochMicros, long xid, boolean last, long ordinal) {
        long[] fingerprints = new long[ddl ? relationCount + 1 : relationCount];
        if (ddl) {
            fingerprints[relationCount] = TenantTransaction.DDL;
        }
        for (int i = 0; i < relationCount; i++) {
            fingerprints[i] = relations[i].fingerprint;
        }
        TenantTransaction transaction =
                new TenantTransaction(
                        spec.id(),
                        commitLsn,
                        commitEpochMicros,
                        xid,
                        parts,
                        last,
                        rows == 0 ? ordinal : firstOrdinal,
                        rows,
                        fingerprints,
                        Arrays.copyOf(changes, length));
        parts = last ? 0 : parts + 1;
        length = 0;
        rows = 0;
        ddl = false;
        Arrays.fill(relations, 0, relationCount, null);
        relationCount = 0;
        if (changes.length > 64 << 10) {
            changes = new byte[0];
        }
        return transaction;
    }
}
