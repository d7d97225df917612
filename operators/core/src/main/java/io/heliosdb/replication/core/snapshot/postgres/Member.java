package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.core.snapshot.SyncRequest;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** One replication of a group that is copied together. */
final class Member {

    private final SyncRequest request;
    private final AtomicReference<@Nullable ApplyException> failure = new AtomicReference<>();

    /** What is copied: committed in the target, or on its way. */
    final LongAdder rows = new LongAdder();

    final LongAdder bytes = new LongAdder();

    /** What is expected. Like all below, touched by the coordinator only. */
    double estimatedRows;

    final List<Claim.SyncedTable> synced = new ArrayList<>();
    final Set<TableId> open = new HashSet<>();

    /** What the listener was told: the rows, and that this is over. */
    long toldRows = -1;

    boolean told;

    Member(SyncRequest request) {
        this.request = request;
    }

    SyncRequest request() {
        return request;
    }

    ReplicationId id() {
        return request.spec().id();
    }

    String tenant() {
        return request.spec().tenant().value();
    }

    long epoch() {
        return request.epoch().value();
    }

    /** Never fewer than there are. */
    long expectedRows() {
        return Math.max(Math.round(estimatedRows), rows.sum());
    }

    boolean isActive() {
        return failure.get() == null;
    }

    /** Takes it out of the group; the first reason stands. */
    void fail(ApplyException cause) {
        failure.compareAndSet(null, cause);
    }

    @Nullable ApplyException failure() {
        return failure.get();
    }
}
