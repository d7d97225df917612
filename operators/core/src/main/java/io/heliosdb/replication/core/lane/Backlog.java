package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.segment.SegmentCodec;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TenantTransaction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The accepted and not yet acknowledged transactions of one replication, in order, in memory or as
 * segments in the store.
 *
 * <p>It is a chain of blocks. A block is appended to until it is full; it can be stored (then it
 * survives a restart) and evicted (then it is only in the store). Transactions are handed out from
 * a cursor and leave when acknowledged:
 *
 * <pre>
 *   head ──────────── cursor ─────────────── closed ───── tail
 *    │ handed out       │ to be handed out     │ parts of a transaction whose closing part has not arrived
 * </pre>
 *
 * <p>Owned by one thread. After {@link #persist} everything unacknowledged is in the store.
 */
public final class Backlog {

    /**
     * Blocks are sealed at this size: large enough to compress well, small enough to read back in
     * one step.
     */
    static final long BLOCK_BYTES = 256 << 10;

    /** Where segments of this backlog are kept: keyed state. */
    public interface Store {
        void put(long sequence, byte[] segment);

        byte[] get(long sequence);

        void remove(long sequence);
    }

    private static final class Block {
        final long firstSequence;
        @Nullable List<TenantTransaction> transactions = new ArrayList<>();
        int count;
        long bytes;
        boolean stored;
        boolean sealed;
        @Nullable Block next;

        Block(long firstSequence) {
            this.firstSequence = firstSequence;
        }
    }

    /**
     * What is handed out in one go.
     *
     * @param complete whether it ends with a closing part; if not, it is a piece of a transaction
     *     too large to hand out whole
     */
    record Batch(List<TenantTransaction> transactions, boolean complete, long bytes) {}

    private final ReplicationId replication;
    private final Store store;
    private final ArrayDeque<Block> inMemory = new ArrayDeque<>();
    private @Nullable Block head;
    private @Nullable Block tail;
    private int acknowledgedInHead;
    private @Nullable Block cursor;
    private int cursorIndex;
    private long cursorSequence;
    private long nextSequence;
    private long closedSequence;
    private long memoryBytes;
    private long bytes;
    private long transactions;

    Backlog(ReplicationId replication, Store store) {
        this.replication = replication;
        this.store = store;
    }

    /** Rebuilds the chain from what a checkpoint holds. */
    void restore(SortedMap<Long, byte[]> segments, long nextSequence, long closedSequence) {
        for (Map.Entry<Long, byte[]> entry : segments.entrySet()) {
            Block block = new Block(entry.getKey());
            block.transactions = null;
            block.count = SegmentCodec.count(entry.getValue());
            block.bytes = SegmentCodec.rawBytes(entry.getValue());
            block.stored = true;
            block.sealed = true;
            link(block);
            bytes += block.bytes;
            transactions += block.count;
        }
        this.nextSequence = nextSequence;
        this.closedSequence = closedSequence;
        rewind();
    }

    void append(TenantTransaction transaction) {
        Block block = tail;
        if (block == null || block.sealed || block.transactions == null) {
            block = new Block(nextSequence);
            link(block);
            inMemory.addLast(block);
        }
        long weight = transaction.weight();
        block.transactions.add(transaction);
        block.count++;
        block.bytes += weight;
        block.sealed = block.bytes >= BLOCK_BYTES;
        bytes += weight;
        memoryBytes += weight;
        transactions++;
        nextSequence++;
        if (transaction.last()) {
            closedSequence = nextSequence;
        }
        if (cursor == null) {
            cursor = block;
            cursorIndex = block.count - 1;
        }
    }

    private void link(Block block) {
        if (tail == null) {
            head = block;
            acknowledgedInHead = 0;
        } else {
            tail.next = block;
        }
        tail = block;
    }

    /** Whether a whole transaction (or more of one that is being handed out) can be handed out. */
    boolean hasNext() {
        return cursorSequence < closedSequence;
    }

    /** The transaction at the cursor; only if {@link #hasNext}. */
    TenantTransaction peek() {
        return load(settledCursor()).get(cursorIndex);
    }

    /**
     * Hands out up to these limits; at least one, whole transactions if they fit. Only if {@link
     * #hasNext}.
     */
    Batch next(long maxBytes, long maxRows) {
        List<TenantTransaction> taken = new ArrayList<>();
        long takenBytes = 0;
        long takenRows = 0;
        int whole = 0;
        Mark afterWhole = mark();
        long wholeBytes = 0;
        while (hasNext()) {
            TenantTransaction transaction = peek();
            takenBytes += transaction.weight();
            takenRows += transaction.rows();
            boolean over = takenBytes > maxBytes || takenRows > maxRows;
            if (over && whole > 0) {
                break;
            }
            if (over && !taken.isEmpty()) {
                return new Batch(taken, false, takenBytes - transaction.weight());
            }
            taken.add(transaction);
            advance();
            if (transaction.last()) {
                whole = taken.size();
                wholeBytes = takenBytes;
                afterWhole = mark();
                if (over || transaction.part() > 0) {
                    break;
                }
            }
        }
        reset(afterWhole);
        return new Batch(List.copyOf(taken.subList(0, whole)), true, wholeBytes);
    }

    private record Mark(@Nullable Block block, int index, long sequence) {}

    private Mark mark() {
        return new Mark(cursor, cursorIndex, cursorSequence);
    }

    private void reset(Mark mark) {
        cursor = mark.block;
        cursorIndex = mark.index;
        cursorSequence = mark.sequence;
    }

    private void advance() {
        cursorIndex++;
        cursorSequence++;
    }

    private Block settledCursor() {
        Block block = cursor;
        while (cursorIndex >= block.count) {
            block = block.next;
            cursor = block;
            cursorIndex = 0;
        }
        return block;
    }

    private List<TenantTransaction> load(Block block) {
        if (block.transactions == null) {
            block.transactions =
                    new ArrayList<>(
                            SegmentCodec.decode(replication, store.get(block.firstSequence)));
            memoryBytes += block.bytes;
            inMemory.addFirst(block);
        }
        return block.transactions;
    }

    /** Everything handed out is applied: it leaves memory and store. */
    void acknowledge() {
        while (head != null && head != cursor) {
            drop(head.count - acknowledgedInHead);
            head = head.next;
            acknowledgedInHead = 0;
        }
        if (head == null) {
            tail = null;
        } else {
            transactions -= cursorIndex - acknowledgedInHead;
            acknowledgedInHead = cursorIndex;
            if (cursorIndex == head.count) {
                drop(0);
                head = head.next;
                tail = head == null ? null : tail;
                acknowledgedInHead = 0;
                cursor = head;
                cursorIndex = 0;
            }
        }
    }

    private void drop(int unacknowledged) {
        Block block = head;
        transactions -= unacknowledged;
        bytes -= block.bytes;
        if (block.transactions != null) {
            memoryBytes -= block.bytes;
            inMemory.remove(block);
        }
        if (block.stored) {
            store.remove(block.firstSequence);
        }
    }

    /** What was handed out is handed out again. */
    void rewind() {
        cursor = head;
        cursorIndex = acknowledgedInHead;
        cursorSequence = head == null ? nextSequence : head.firstSequence + acknowledgedInHead;
    }

    /** Writes everything unacknowledged that is not in the store yet. */
    void persist() {
        for (Block block : List.copyOf(inMemory)) {
            persist(block);
        }
    }

    private void persist(Block block) {
        if (!block.stored) {
            store.put(block.firstSequence, SegmentCodec.encode(block.transactions));
            block.stored = true;
            block.sealed = true;
        }
    }

    /**
     * Moves blocks out of memory into the store until {@code bytesToFree} are freed or only the
     * block at the cursor is left: first what is handed out and waits for the end of a large
     * transaction, then the newest.
     */
    long evict(long bytesToFree) {
        long before = memoryBytes;
        for (Iterator<Block> blocks = inMemory.iterator();
                blocks.hasNext() && before - memoryBytes < bytesToFree; ) {
            Block block = blocks.next();
            if (block.firstSequence + block.count <= cursorSequence) {
                blocks.remove();
                unload(block);
            }
        }
        for (Iterator<Block> blocks = inMemory.descendingIterator();
                blocks.hasNext() && before - memoryBytes < bytesToFree; ) {
            Block block = blocks.next();
            if (block.firstSequence > cursorSequence) {
                blocks.remove();
                unload(block);
            }
        }
        return before - memoryBytes;
    }

    private void unload(Block block) {
        persist(block);
        block.transactions = null;
        memoryBytes -= block.bytes;
    }

    /** Forgets everything, in the store too. */
    void clear() {
        while (head != null) {
            drop(0);
            head = head.next;
        }
        tail = null;
        inMemory.clear();
        transactions = 0;
        bytes = 0;
        memoryBytes = 0;
        acknowledgedInHead = 0;
        closedSequence = nextSequence;
        rewind();
    }

    boolean isEmpty() {
        return head == null;
    }

    long memoryBytes() {
        return memoryBytes;
    }

    /** Bytes before compression, in memory and in the store. */
    long bytes() {
        return bytes;
    }

    /** Transactions, counting each part of a large one. */
    long transactions() {
        return transactions;
    }

    long nextSequence() {
        return nextSequence;
    }

    long closedSequence() {
        return closedSequence;
    }
}
