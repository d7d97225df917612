package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.model.TenantTransaction;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Consecutive transactions of a backlog: in memory, in the store, or in both. */
final class Block {

    final long firstSequence;

    /** Null while it is only in the store. */
    @Nullable List<TenantTransaction> transactions = new ArrayList<>();

    int count;

    /** On the heap, if it were there. */
    long bytes;

    /** When its first transaction was committed; 0 if it has only been seen in the store. */
    long firstCommitMicros;

    boolean stored;

    /** Takes no more. */
    boolean sealed;

    @Nullable Block previous;
    @Nullable Block next;

    Block(long firstSequence) {
        this.firstSequence = firstSequence;
    }

    /** The sequence after its last. */
    long end() {
        return firstSequence + count;
    }
}
