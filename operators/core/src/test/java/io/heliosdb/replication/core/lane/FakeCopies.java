package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.snapshot.SyncEngine;
import io.heliosdb.replication.core.snapshot.SyncListener;
import io.heliosdb.replication.core.snapshot.SyncRequest;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** First copies that end at once, or when the test says so. */
final class FakeCopies implements SyncEngine {

    /** A copy under way. */
    record Running(SyncRequest request, SyncListener listener) {}

    private final Map<ReplicationId, Running> running = new LinkedHashMap<>();
    private final boolean atOnce;
    private int groups;

    FakeCopies() {
        this(true);
    }

    FakeCopies(boolean atOnce) {
        this.atOnce = atOnce;
    }

    @Override
    public synchronized Copying start(List<SyncRequest> group, SyncListener listener) {
        groups++;
        for (SyncRequest request : group) {
            if (atOnce) {
                listener.finished(request.spec().id(), List.of());
            } else {
                running.put(request.spec().id(), new Running(request, listener));
            }
        }
        return id ->
                end(
                        id.value(),
                        new ApplyException(
                                ApplyException.Kind.FENCED,
                                ErrorCode.FENCED,
                                "",
                                "cancelled",
                                null));
    }

    synchronized int groups() {
        return groups;
    }

    synchronized boolean copies(String replication) {
        return running.containsKey(new ReplicationId(replication));
    }

    synchronized int copying() {
        return running.size();
    }

    synchronized SyncRequest requestOf(String replication) {
        return running.get(new ReplicationId(replication)).request();
    }

    synchronized long epochOf(String replication) {
        return running.get(new ReplicationId(replication)).request().epoch().value();
    }

    synchronized void move(String replication) {
        ReplicationId id = new ReplicationId(replication);
        running.get(id).listener().progressed(id, 1, 1, 1);
    }

    synchronized void waits(String replication, String reason) {
        ReplicationId id = new ReplicationId(replication);
        running.get(id).listener().waits(id, reason);
    }

    synchronized void finish(String replication) {
        ReplicationId id = new ReplicationId(replication);
        running.remove(id).listener().finished(id, List.of());
    }

    synchronized void end(String replication, ApplyException cause) {
        ReplicationId id = new ReplicationId(replication);
        Running copy = running.remove(id);
        if (copy != null) {
            copy.listener().failed(id, cause);
        }
    }

    @Override
    public void close() {}
}
