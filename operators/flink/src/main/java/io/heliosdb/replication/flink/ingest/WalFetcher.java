package io.heliosdb.replication.flink.ingest;

import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.core.ingest.WalReader;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.config.SourceConfig;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that reads the log, ahead of the task by a bounded number of bytes. While the task
 * does not take any more it keeps the connection alive.
 */
final class WalFetcher implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WalFetcher.class);
    private static final long READ_AHEAD_BYTES = 8L << 20;

    /** So often it is looked for what commits wait for, while nothing is read. */
    private static final long REPLY_MILLIS = 20;

    private final SourceConfig config;
    private final WalAccess access;
    private final WalSplit split;
    private final Runnable available;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final ArrayDeque<WalChunk> chunks = new ArrayDeque<>();
    private long bytes;
    private @Nullable RuntimeException failure;
    private volatile boolean closed;
    private volatile long confirmLsn;
    private volatile long timeline;
    private volatile @Nullable WalReader reader;
    private final Thread thread;

    WalFetcher(SourceConfig config, WalAccess access, WalSplit split, Runnable available) {
        this.config = config;
        this.access = access;
        this.split = split;
        this.available = available;
        this.timeline = split.timeline();
        this.thread = new Thread(this::fetch, "fetch-wal-" + split.slot());
        thread.setDaemon(true);
        thread.start();
    }

    private void fetch() {
        try (WalReader opened = access.open(config, split)) {
            reader = opened;
            timeline = opened.timeline();
            if (confirmLsn != 0) {
                opened.confirm(confirmLsn);
            }
            LOG.info(
                    "stream opened slot={} lsn={}",
                    split.slot(),
                    Lsn.format(split.position().restartLsn()));
            for (WalChunk chunk = opened.read(); chunk != null; chunk = opened.read()) {
                put(chunk, opened);
            }
        } catch (RuntimeException e) {
            fail(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            reader = null;
        }
        if (!closed) {
            fail(new IllegalStateException("stream of slot " + split.slot() + " ended"));
        }
    }

    private void put(WalChunk chunk, WalReader opened) throws InterruptedException {
        boolean wasEmpty;
        lock.lockInterruptibly();
        try {
            long told = System.nanoTime();
            while (bytes >= READ_AHEAD_BYTES && !closed) {
                if (!room.await(REPLY_MILLIS, TimeUnit.MILLISECONDS)) {
                    opened.tell();
                    if (System.nanoTime() - told > config.status().toNanos()) {
                        opened.keepAlive();
                        told = System.nanoTime();
                    }
                }
            }
            wasEmpty = chunks.isEmpty();
            chunks.addLast(chunk);
            bytes += chunk.length() + 64;
        } finally {
            lock.unlock();
        }
        if (wasEmpty) {
            available.run();
        }
    }

    private void fail(RuntimeException e) {
        lock.lock();
        try {
            if (failure == null && !closed) {
                failure = e;
            }
        } finally {
            lock.unlock();
        }
        available.run();
    }

    /** The timeline that chunks come from. */
    long timeline() {
        return timeline;
    }

    boolean hasNext() {
        lock.lock();
        try {
            return !chunks.isEmpty() || failure != null;
        } finally {
            lock.unlock();
        }
    }

    /** The next chunk, or null if there is none now; throws what ended the thread. */
    @Nullable WalChunk poll() {
        lock.lock();
        try {
            WalChunk chunk = chunks.pollFirst();
            if (chunk == null && failure != null) {
                throw failure;
            }
            if (chunk != null) {
                boolean wasFull = bytes >= READ_AHEAD_BYTES;
                bytes -= chunk.length() + 64;
                if (wasFull && bytes < READ_AHEAD_BYTES) {
                    room.signal();
                }
            }
            return chunk;
        } finally {
            lock.unlock();
        }
    }

    void confirm(long lsn) {
        confirmLsn = lsn;
        WalReader current = reader;
        if (current != null) {
            current.confirm(lsn);
        }
    }

    @Override
    public void close() {
        closed = true;
        lock.lock();
        try {
            room.signalAll();
        } finally {
            lock.unlock();
        }
        WalReader current = reader;
        if (current != null) {
            current.close();
        }
        try {
            thread.join(5_000);
            thread.interrupt();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
