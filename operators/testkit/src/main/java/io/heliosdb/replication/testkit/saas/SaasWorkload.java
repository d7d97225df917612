package io.heliosdb.replication.testkit.saas;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Users of a {@link SaasApplication} at work: several connections that place, pay, ship and delete
 * orders, log in, reprice, restock, write events, now and then over several tenants in one
 * transaction, and sometimes roll back.
 *
 * <p>What each writer does follows from the seed. Writers come back after a lost connection, so the
 * source may be restarted under them.
 */
public final class SaasWorkload implements AutoCloseable {

    private final List<Thread> threads = new ArrayList<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicLong transactions = new AtomicLong();
    private final AtomicLong rows = new AtomicLong();
    private volatile @Nullable Throwable failure;

    private SaasWorkload() {}

    /**
     * Starts the writers.
     *
     * @param transactionsPerSecond of all writers together; 0 for as many as they can
     */
    public static SaasWorkload start(
            SaasApplication application, int writers, int transactionsPerSecond, long seed) {
        SaasWorkload workload = new SaasWorkload();
        for (int i = 0; i < writers; i++) {
            SaasWriter writer = new SaasWriter(application, seed * 1_000 + i);
            long intervalNanos =
                    transactionsPerSecond == 0
                            ? 0
                            : TimeUnit.SECONDS.toNanos(1) * writers / transactionsPerSecond;
            Thread thread =
                    new Thread(() -> workload.work(writer, intervalNanos), "saas-writer-" + i);
            thread.setDaemon(true);
            workload.threads.add(thread);
        }
        workload.threads.forEach(Thread::start);
        return workload;
    }

    private void work(SaasWriter writer, long intervalNanos) {
        long next = System.nanoTime();
        try (writer) {
            while (!stopped.get()) {
                int written = writer.transaction(stopped::get);
                if (written > 0) {
                    transactions.incrementAndGet();
                    rows.addAndGet(written);
                }
                long now = System.nanoTime();
                // A writer that was held up does not make up for it: users do not either.
                next = Math.max(next + intervalNanos, now - intervalNanos);
                while (next > System.nanoTime() && !stopped.get()) {
                    TimeUnit.NANOSECONDS.sleep(Math.min(next - now, 50_000_000L));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    /** Transactions that committed and changed something. */
    public long transactions() {
        return transactions.get();
    }

    /** Rows that they wrote, cascaded deletes not counted. */
    public long rows() {
        return rows.get();
    }

    /**
     * Stops the writers and waits until the last transaction is over.
     *
     * @throws IllegalStateException if a writer had failed
     */
    @Override
    public void close() {
        stopped.set(true);
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
        if (failure != null) {
            throw new IllegalStateException("workload failed: " + failure.getMessage(), failure);
        }
    }
}
