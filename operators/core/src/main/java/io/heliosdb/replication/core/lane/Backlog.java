package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.model.TenantTransaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The accepted and not yet acknowledged transactions of one replication, in order, in memory or as
 * segments in the store.
 *
 * <p>It is a chain of {@link Blocks}. Transactions are handed out from a cursor and leave when
 * acknowledged:
 *
 * <pre>
 *   head ──────────── cursor ─────────────── closed ───── tail
 *    │ handed out       │ to be handed out     │ parts of a transaction whose closing part has not arrived
 * </pre>
 *
 * <p>Owned by one thread. After {@link #persist} everything unacknowledged is in the store.
 */
public final class Backlog {

    /** Where segments of this backlog are kept: keyed state. */
    public interface Store {
        void put(long sequence, byte[] segment);

        byte[] get(long sequence);

        void remove(long sequence);
    }

    /**
     * What is handed out in one go.
     *
     * @param complete whether it ends with a closing part; if not, it is a piece of a transaction
     *     too large to hand out whole
     */
    record Batch(List<TenantTransaction> transactions, boolean complete, long bytes) {
        boolean hasDdl() {
            return transactions.stream().anyMatch(TenantTransaction::hasDdl);
        }
    }

    private final Blocks blocks;
    private int acknowledgedInHead;
    private @Nullable Block cursor;
    private int cursorIndex;
    private long cursorSequence;
    private long nextSequence;
    private long closedSequence;
    private long transactions;

    Backlog(BlockForm form, Store store) {
        this.blocks = new Blocks(form, store);
    }

    /** Rebuilds the chain from what a checkpoint holds; whether nothing of it is missing. */
    boolean restore(SortedMap<Long, byte[]> segments, long nextSequence, long closedSequence) {
        long end = segments.isEmpty() ? nextSequence : segments.firstKey();
        boolean whole = true;
        for (Map.Entry<Long, byte[]> entry : segments.entrySet()) {
            Block block = blocks.restore(entry.getKey(), entry.getValue());
            whole &= block.firstSequence == end;
            end = block.end();
            transactions += block.count;
        }
        this.nextSequence = nextSequence;
        this.closedSequence = closedSequence;
        rewind();
        return whole && end == nextSequence;
    }

    void append(TenantTransaction transaction) {
        Block block = blocks.append(transaction, nextSequence);
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

    /** Whether a whole transaction (or more of one that is being handed out) can be handed out. */
    boolean hasNext() {
        return cursorSequence < closedSequence;
    }

    /** The transaction at the cursor; only if {@link #hasNext}. */
    TenantTransaction peek() {
        return blocks.load(settledCursor()).get(cursorIndex);
    }

    /**
     * When the transaction at the cursor was committed, or one not long before it; 0 if that would
     * have to be read from the store. Only if {@link #hasNext}.
     */
    long oldestCommitMicros() {
        Block block = settledCursor();
        return block.transactions == null
                ? block.firstCommitMicros
                : block.transactions.get(cursorIndex).commitEpochMicros();
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

    /** So many blocks are about what is handed out in one go. */
    private static final int READ_AHEAD_BLOCKS = 4;

    /** Whether something that is needed soon is only in the store. */
    boolean lacksSoon() {
        Block block = cursor;
        for (int i = 0; i < READ_AHEAD_BLOCKS && block != null; i++, block = block.next) {
            if (block.transactions == null) {
                return true;
            }
        }
        return false;
    }

    /**
     * Reads what is needed soon from the store, while what was handed out is applied; returns the
     * bytes of heap taken.
     */
    long readAhead() {
        long before = blocks.memoryBytes();
        Block block = cursor;
        for (int i = 0; i < READ_AHEAD_BLOCKS && block != null; i++, block = block.next) {
            blocks.load(block);
        }
        return blocks.memoryBytes() - before;
    }

    /** Everything handed out is applied: it leaves memory and store. */
    void acknowledge() {
        while (blocks.head() != null && blocks.head() != cursor) {
            dropHead();
        }
        Block head = blocks.head();
        if (head != null) {
            transactions -= cursorIndex - acknowledgedInHead;
            acknowledgedInHead = cursorIndex;
            if (cursorIndex == head.count) {
                dropHead();
                cursor = blocks.head();
                cursorIndex = 0;
            }
        }
    }

    private void dropHead() {
        transactions -= blocks.head().count - acknowledgedInHead;
        acknowledgedInHead = 0;
        blocks.dropHead();
    }

    /** Everything before this sequence is acknowledged. */
    long acknowledgedSequence() {
        Block head = blocks.head();
        return head == null ? nextSequence : head.firstSequence + acknowledgedInHead;
    }

    /** What was handed out is handed out again. */
    void rewind() {
        cursor = blocks.head();
        cursorIndex = acknowledgedInHead;
        cursorSequence = acknowledgedSequence();
    }

    /** Writes everything unacknowledged that is not in the store yet; returns the bytes freed. */
    long persist() {
        long before = blocks.memoryBytes();
        blocks.persist(cursorSequence);
        return before - blocks.memoryBytes();
    }

    /**
     * Moves blocks out of memory into the store until {@code bytesToFree} are freed: first what is
     * handed out and waits for the end of a large transaction, then the newest.
     *
     * @param whole whether the block at the cursor, which is needed next, goes too
     * @return the bytes freed; all that there are if need be, and {@code whole}
     */
    long evict(long bytesToFree, boolean whole) {
        long before = blocks.memoryBytes();
        blocks.evict(bytesToFree, whole, cursorSequence);
        return before - blocks.memoryBytes();
    }

    /** Forgets everything, in the store too. */
    void clear() {
        while (blocks.head() != null) {
            dropHead();
        }
        closedSequence = nextSequence;
        rewind();
    }

    boolean isEmpty() {
        return blocks.head() == null;
    }

    long memoryBytes() {
        return blocks.memoryBytes();
    }

    /** Bytes before compression, in memory and in the store. */
    long bytes() {
        return blocks.bytes();
    }

    /** Changes, counting all those of the block that is being applied. */
    long rows() {
        return blocks.rows();
    }

    /** Bytes as compressed in the store, and of what is not there yet on the heap. */
    long size() {
        return blocks.size();
    }

    /** When the oldest was committed; 0 if there is none, or an earlier version has stored it. */
    long oldestMicros() {
        Block head = blocks.head();
        if (head == null) {
            return 0;
        }
        // Of a block that is on the heap some may be applied: a lane that always has something to
        // do keeps filling it.
        return head.transactions == null
                ? head.firstCommitMicros
                : head.transactions.get(acknowledgedInHead).commitEpochMicros();
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
