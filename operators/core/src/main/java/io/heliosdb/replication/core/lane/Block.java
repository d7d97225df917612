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

    long rows;

    /** In the store; 0 while it is not there. */
    long storedBytes;

    /** When its first transaction was committed; 0 if a store of an earlier version has it. */
    long firstCommitMicros;

    boolean stored;

    /** Takes no more. */
    boolean sealed;

    @Nullable Block previous;
    @Nullable Block next;

    Block(long firstSequence) {
        this.firstSequence = firstSequence;
    }

    /** What it takes where it is: in the store, or else on the heap. */
    long size() {
        return stored ? storedBytes : bytes;
    }

    /** The sequence after its last. */
    long end() {
        return firstSequence + count;
    }
}
