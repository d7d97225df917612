package io.heliosdb.replication.core.route;

import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.core.wire.PgOutput;
import io.heliosdb.replication.core.wire.PgOutputMessage;
import io.heliosdb.replication.model.RelationDescriptor;
import java.util.ArrayList;
import java.util.List;

/**
 * What the current source transaction has brought for each replication. It goes out at COMMIT, or
 * in parts if it grows large.
 */
final class OpenTransaction {

    private final RouterOutput output;
    private final int partBytes;
    private final long limitBytes;
    private final List<ReplicationRoute> touched = new ArrayList<>();

    /** The sum of {@link ReplicationRoute#bytes} over all routes. */
    private long collectedBytes;

    private WalChunk chunk = new WalChunk(0, 0, 0, 0, 0, true, 0, new byte[0], 0);

    /**
     * @param partBytes one replication's share that grows beyond goes out in parts
     * @param limitBytes beyond this much collected in all, everything goes out in parts
     */
    OpenTransaction(int partBytes, long limitBytes, RouterOutput output) {
        this.partBytes = partBytes;
        this.limitBytes = limitBytes;
        this.output = output;
    }

    /** The transaction begins or goes on with this chunk. */
    void enter(WalChunk next) {
        chunk = next;
    }

    WalChunk chunk() {
        return chunk;
    }

    void insert(
            ReplicationRoute route, RelationRoute relation, long ordinal, PgOutputMessage change) {
        touch(route);
        int before = route.bytes();
        int tuple = change.newTuple();
        route.append(PgOutput.INSERT, relation, ordinal, change.bytes(), tuple, change.end());
        grew(route, before);
    }

    /** As above, of a row that is not in the stream as it stands here. */
    void insert(ReplicationRoute route, RelationRoute relation, long ordinal, byte[] row) {
        touch(route);
        int before = route.bytes();
        route.append(PgOutput.INSERT, relation, ordinal, row, 0, row.length);
        grew(route, before);
    }

    void update(
            ReplicationRoute route, RelationRoute relation, long ordinal, PgOutputMessage change) {
        touch(route);
        int before = route.bytes();
        route.appendUpdate(relation, ordinal, change);
        grew(route, before);
    }

    /** The row is deleted for this replication: the kind of old image and the image. */
    void delete(
            ReplicationRoute route, RelationRoute relation, long ordinal, PgOutputMessage change) {
        touch(route);
        int before = route.bytes();
        int from = change.oldTuple() - 1;
        route.append(PgOutput.DELETE, relation, ordinal, change.bytes(), from, change.oldEnd());
        grew(route, before);
    }

    void truncate(ReplicationRoute route, RelationRoute relation, long ordinal, byte flags) {
        touch(route);
        int before = route.bytes();
        route.appendTruncate(relation, ordinal, flags);
        grew(route, before);
    }

    void ddl(ReplicationRoute route, long ordinal, byte[] event) {
        touch(route);
        int before = route.bytes();
        route.appendDdl(ordinal, event);
        grew(route, before);
    }

    /** The replication takes part in this transaction, and will get its closing part. */
    void touch(ReplicationRoute route) {
        if (!route.touched) {
            route.touched = true;
            touched.add(route);
        }
    }

    private void grew(ReplicationRoute route, int before) {
        collectedBytes += route.bytes() - before;
        if (route.bytes() >= partBytes) {
            collectedBytes -= route.bytes();
            emit(route, false);
        }
    }

    boolean isLarge() {
        return collectedBytes > limitBytes;
    }

    /** Hands on everything collected as parts; the transaction stays open. */
    void flush() {
        for (ReplicationRoute route : touched) {
            if (route.bytes() > 0) {
                emit(route, false);
            }
        }
        collectedBytes = 0;
    }

    void commit() {
        for (ReplicationRoute route : touched) {
            emit(route, true);
            route.touched = false;
        }
        touched.clear();
        collectedBytes = 0;
    }

    private void emit(ReplicationRoute route, boolean last) {
        List<RelationDescriptor> descriptors = route.takeDescriptors();
        if (!descriptors.isEmpty()) {
            output.emit(new LaneInput.Relations(route.spec.id(), descriptors));
        }
        output.emit(
                new LaneInput.Transaction(
                        route.take(
                                chunk.commitLsn(),
                                chunk.commitEpochMicros(),
                                chunk.xid(),
                                last,
                                chunk.firstOrdinal())));
    }
}
