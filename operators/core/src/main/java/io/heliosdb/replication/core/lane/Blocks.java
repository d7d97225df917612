package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.segment.SegmentHeader;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TenantTransaction;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The chain of blocks of one backlog, and where each of them is. A block is appended to until it is
 * full. It can be stored (then it survives a restart) and leave memory (then it is only in the
 * store).
 *
 * <p>Small blocks that are stored join those before them, so a backlog that was stored in many
 * small pieces has few small blocks: each piece is rewritten a few times, by sizes that grow by
 * half at least each time.
 */
final class Blocks {

    /** Blocks are full at this size: it compresses well and is read back in one step. */
    static final long BLOCK_BYTES = 256 << 10;

    private final BlockForm form;
    private final Backlog.Store store;
    private final TreeMap<Long, Block> inMemory = new TreeMap<>();
    private @Nullable Block head;
    private @Nullable Block tail;
    private long memoryBytes;
    private long bytes;
    private long rows;
    private long size;

    Blocks(BlockForm form, Backlog.Store store) {
        this.form = form;
        this.store = store;
    }

    @Nullable Block head() {
        return head;
    }

    /** Heap bytes of what is in memory. */
    long memoryBytes() {
        return memoryBytes;
    }

    /** Bytes before compression, in memory and in the store. */
    long bytes() {
        return bytes;
    }

    /** Changes in all of it. */
    long rows() {
        return rows;
    }

    /** Bytes in the store, and of what is not there yet on the heap. */
    long size() {
        return size;
    }

    /** Appends what a checkpoint holds; only its header is looked at. */
    Block restore(long firstSequence, byte[] segment) {
        SegmentHeader header = SegmentHeader.read(segment);
        Block block = new Block(firstSequence);
        block.transactions = null;
        block.count = header.count();
        block.bytes = header.rawBytes();
        block.rows = header.rows();
        block.storedBytes = header.bytes() + header.payloadBytes();
        block.firstCommitMicros = header.firstCommitMicros();
        block.stored = true;
        block.sealed = true;
        link(block);
        bytes += block.bytes;
        rows += block.rows;
        size += block.size();
        return block;
    }

    /** Appends one transaction; returns its block, in which it is the last. */
    Block append(TenantTransaction transaction, long sequence) {
        Block block = tail;
        if (block == null || block.sealed || block.transactions == null) {
            block = new Block(sequence);
            block.firstCommitMicros = transaction.commitEpochMicros();
            link(block);
            inMemory.put(sequence, block);
        }
        long weight = transaction.weight();
        block.transactions.add(transaction);
        block.count++;
        block.bytes += weight;
        block.rows += transaction.rows();
        rows += transaction.rows();
        size += weight;
        block.sealed = block.bytes >= BLOCK_BYTES;
        bytes += weight;
        memoryBytes += weight;
        return block;
    }

    private void link(Block block) {
        if (tail == null) {
            head = block;
        } else {
            tail.next = block;
            block.previous = tail;
        }
        tail = block;
    }

    /** The transactions of a block, which is in memory from then on. */
    List<TenantTransaction> load(Block block) {
        List<TenantTransaction> transactions = block.transactions;
        if (transactions == null) {
            transactions = new ArrayList<>(read(block));
            long weight = transactions.stream().mapToLong(TenantTransaction::weight).sum();
            // A restart knows only the size in the store.
            bytes += weight - block.bytes;
            block.bytes = weight;
            block.transactions = transactions;
            memoryBytes += weight;
            inMemory.put(block.firstSequence, block);
        }
        return transactions;
    }

    private List<TenantTransaction> read(Block block) {
        return form.decode(store.get(block.firstSequence), block.firstSequence);
    }

    /** Forgets the first block, in the store too. */
    void dropHead() {
        Block block = head;
        bytes -= block.bytes;
        rows -= block.rows;
        size -= block.size();
        leaveMemory(block);
        if (block.stored) {
            store.remove(block.firstSequence);
        }
        head = block.next;
        if (head == null) {
            tail = null;
        } else {
            head.previous = null;
        }
    }

    private void leaveMemory(Block block) {
        if (block.transactions != null) {
            inMemory.remove(block.firstSequence);
            memoryBytes -= block.bytes;
            block.transactions = null;
        }
    }

    /** Writes everything that is not in the store yet; joins only what is not before the cursor. */
    void persist(long cursorSequence) {
        for (Block block : List.copyOf(inMemory.values())) {
            if (!block.stored) {
                store(block, cursorSequence);
            }
        }
    }

    /**
     * Moves blocks out of memory into the store until {@code bytesToFree} are freed: first those
     * before the cursor, then the newest.
     *
     * @param whole whether the block at the cursor goes too
     */
    void evict(long bytesToFree, boolean whole, long cursorSequence) {
        long goal = Math.max(0, memoryBytes - bytesToFree);
        while (memoryBytes > goal && inMemory.firstEntry().getValue().end() <= cursorSequence) {
            unload(inMemory.firstEntry().getValue(), cursorSequence);
        }
        while (memoryBytes > goal
                && (whole || inMemory.lastEntry().getValue().firstSequence > cursorSequence)) {
            unload(inMemory.lastEntry().getValue(), cursorSequence);
        }
    }

    private void unload(Block block, long cursorSequence) {
        if (!block.stored) {
            store(block, cursorSequence);
        }
        leaveMemory(block);
    }

    /**
     * Puts a block that is in memory into the store, where it may vanish in the one before it, and
     * so on. What is before or at the cursor is not moved about.
     */
    private void store(Block block, long cursorSequence) {
        List<TenantTransaction> content = block.transactions;
        Block last = block;
        size -= block.size();
        Block before = block.previous;
        while (before != null
                && before.firstSequence >= cursorSequence
                && before.bytes <= 2 * last.bytes
                && before.bytes + last.bytes <= BLOCK_BYTES) {
            List<TenantTransaction> there = readable(before);
            if (there == null) {
                break;
            }
            List<TenantTransaction> joined = new ArrayList<>(before.count + last.count);
            joined.addAll(there);
            joined.addAll(content);
            size -= before.size();
            join(before, last, joined);
            content = joined;
            last = before;
            before = last.previous;
        }
        byte[] segment = form.encode(content, last.firstSequence);
        store.put(last.firstSequence, segment);
        last.storedBytes = segment.length;
        last.stored = true;
        last.sealed = true;
        size += last.size();
    }

    /** Null if it is damaged: whoever needs it will say so. */
    private @Nullable List<TenantTransaction> readable(Block block) {
        if (block.transactions != null) {
            return block.transactions;
        }
        try {
            return read(block);
        } catch (ReplicationException e) {
            return null;
        }
    }

    /** The joined block is in memory if the first was. */
    private void join(Block first, Block second, List<TenantTransaction> joined) {
        leaveMemory(second);
        if (second.stored) {
            store.remove(second.firstSequence);
        }
        if (first.transactions != null) {
            first.transactions = joined;
            memoryBytes += second.bytes;
        }
        first.count += second.count;
        first.bytes += second.bytes;
        first.rows += second.rows;
        first.next = second.next;
        if (second.next == null) {
            tail = first;
        } else {
            second.next.previous = first;
        }
    }
}
