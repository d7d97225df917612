package io.heliosdb.replication.benchmark;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * From the return of each COMMIT at the source until a reader of the target sees it, by tenant. The
 * first letter of a tenant is its tier.
 */
final class TierLags implements AutoCloseable {

    private static final int MOST_TRANSACTIONS = 1 << 16;
    private static final long PAUSE_NANOS = 3_000_000;
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /** A transaction became visible so long after the start, with this lag. */
    record Sample(double atSeconds, double lagMillis) {}

    private final Map<String, Commits> tenants = new HashMap<>();
    private final long startNanos = System.nanoTime();
    private final Thread reader;
    private volatile boolean closed;
    private volatile SQLException failure;

    private static final class Commits {
        final AtomicLong last = new AtomicLong();
        final AtomicLongArray nanos = new AtomicLongArray(MOST_TRANSACTIONS);
        final AtomicLong seen = new AtomicLong();
        final List<Sample> samples = new ArrayList<>();
    }

    TierLags(Databases databases, String database, List<String> tenants) {
        tenants.forEach(it -> this.tenants.put(it, new Commits()));
        this.reader = new Thread(() -> read(databases, database), "lags");
        reader.setDaemon(true);
        reader.start();
    }

    double nowSeconds() {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    /** The number of a tenant's next transaction. */
    long next(String tenant) {
        long number = tenants.get(tenant).last.incrementAndGet();
        if (number >= MOST_TRANSACTIONS) {
            throw new IllegalStateException("more than " + MOST_TRANSACTIONS + " transactions");
        }
        return number;
    }

    void committed(String tenant, long number) {
        tenants.get(tenant).nanos.set((int) number, System.nanoTime());
    }

    private void read(Databases databases, String database) {
        try (Connection target = databases.target().connect(database);
                PreparedStatement query =
                        target.prepareStatement("SELECT tenant_id, version FROM account")) {
            while (!closed) {
                try (ResultSet row = query.executeQuery()) {
                    long now = System.nanoTime();
                    while (row.next()) {
                        seen(tenants.get(row.getString(1)), row.getLong(2), now);
                    }
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        } catch (SQLException e) {
            failure = e;
        }
    }

    private void seen(Commits commits, long version, long now) {
        for (long number = commits.seen.get() + 1; number <= version; number++) {
            long committed = commits.nanos.get((int) number);
            while (committed == 0) {
                // It was seen before its writer has noted it.
                Thread.onSpinWait();
                committed = commits.nanos.get((int) number);
            }
            synchronized (commits) {
                commits.samples.add(
                        new Sample((now - startNanos) / 1e9, Math.max(0, now - committed) / 1e6));
            }
            commits.seen.set(number);
        }
    }

    /** Waits until everything that was written so far is visible, of these tenants. */
    void awaitVisible(List<String> its) {
        Map<String, Long> wanted = new HashMap<>();
        its.forEach(it -> wanted.put(it, tenants.get(it).last.get()));
        Databases.await(
                "everything to be visible",
                PATIENCE,
                () -> {
                    if (failure != null) {
                        throw new IllegalStateException("the reader failed", failure);
                    }
                    return wanted.entrySet().stream()
                            .allMatch(it -> tenants.get(it.getKey()).seen.get() >= it.getValue());
                });
    }

    /** Of a tier's tenants, what became visible in this time, in order. */
    List<Sample> samples(char tier, double fromSeconds, double toSeconds) {
        List<Sample> all = new ArrayList<>();
        tenants.forEach(
                (tenant, commits) -> {
                    if (tenant.charAt(0) == tier) {
                        synchronized (commits) {
                            commits.samples.stream()
                                    .filter(
                                            it ->
                                                    it.atSeconds() >= fromSeconds
                                                            && it.atSeconds() < toSeconds)
                                    .forEach(all::add);
                        }
                    }
                });
        all.sort((a, b) -> Double.compare(a.atSeconds(), b.atSeconds()));
        return all;
    }

    /** Milliseconds; NaN if there are none. */
    static double percentile(List<Sample> samples, double share) {
        double[] lags = samples.stream().mapToDouble(Sample::lagMillis).toArray();
        Arrays.sort(lags);
        return lags.length == 0 ? Double.NaN : Latency.percentile(lags, share);
    }

    @Override
    public void close() {
        closed = true;
        try {
            reader.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
