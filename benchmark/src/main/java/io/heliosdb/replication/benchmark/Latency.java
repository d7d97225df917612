package io.heliosdb.replication.benchmark;

import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** From the return of a COMMIT at the source until a reader of the target sees the row. */
final class Latency {

    private static final int PER_SECOND = 500;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Databases databases;
    private final AtomicLong sequence = new AtomicLong();

    Latency(Databases databases) {
        this.databases = databases;
    }

    /** Milliseconds, ascending. */
    double[] milliseconds(Contender contender, int seconds) throws SQLException {
        ConcurrentHashMap<Long, Long> committed = new ConcurrentHashMap<>();
        long first = sequence.get();
        int count = PER_SECOND * seconds;
        ExecutorService writer = Executors.newSingleThreadExecutor();
        try {
            Future<?> writing =
                    writer.submit(
                            () -> {
                                write(contender, first, count, committed);
                                return null;
                            });
            double[] samples = poll(contender, first, count, committed);
            writing.get();
            sequence.addAndGet(count);
            Arrays.sort(samples);
            return samples;
        } catch (ExecutionException e) {
            throw new IllegalStateException("the writer failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } finally {
            writer.shutdownNow();
        }
    }

    private void write(
            Contender contender, long first, int count, ConcurrentHashMap<Long, Long> committed)
            throws SQLException {
        PostgresServer source = databases.source();
        try (Connection connection = source.connect(contender.database());
                PreparedStatement ping =
                        connection.prepareStatement("INSERT INTO ping VALUES (?, ?)");
                PreparedStatement line =
                        connection.prepareStatement("INSERT INTO order_line VALUES (?, ?, 0, 1)")) {
            connection.setAutoCommit(false);
            long begin = System.nanoTime();
            for (int i = 0; i < count; i++) {
                long wait = begin + i * (1_000_000_000L / PER_SECOND) - System.nanoTime();
                if (wait > 0) {
                    LockSupport.parkNanos(wait);
                }
                long seq = first + i;
                String tenant = "t" + seq * 7919 % Databases.TENANTS;
                ping.setLong(1, seq);
                ping.setString(2, tenant);
                ping.executeUpdate();
                line.setLong(1, -seq - 1);
                line.setString(2, tenant);
                line.executeUpdate();
                connection.commit();
                committed.put(seq, System.nanoTime());
            }
        }
    }

    private double[] poll(
            Contender contender, long first, int count, ConcurrentHashMap<Long, Long> committed)
            throws SQLException {
        boolean[] seen = new boolean[count];
        List<long[]> sightings = new ArrayList<>(count);
        long lowest = first;
        long lastProgress = System.nanoTime();
        try (Connection target = databases.target().connect(contender.database());
                PreparedStatement query =
                        target.prepareStatement("SELECT seq FROM ping WHERE seq >= ?")) {
            while (sightings.size() < count) {
                query.setLong(1, lowest);
                try (ResultSet row = query.executeQuery()) {
                    long now = System.nanoTime();
                    while (row.next()) {
                        int index = (int) (row.getLong(1) - first);
                        if (!seen[index]) {
                            seen[index] = true;
                            sightings.add(new long[] {first + index, now});
                            lastProgress = now;
                        }
                    }
                }
                while (lowest < first + count && seen[(int) (lowest - first)]) {
                    lowest++;
                }
                if (System.nanoTime() - lastProgress > PATIENCE.toNanos()) {
                    throw new IllegalStateException(contender + " shows no new row any more");
                }
                LockSupport.parkNanos(100_000);
            }
        }
        return sightings.stream()
                .mapToDouble(
                        sighting -> {
                            // The row may be seen before the writer's thread has noted the commit.
                            Databases.await(
                                    "the writer",
                                    PATIENCE,
                                    () -> committed.containsKey(sighting[0]));
                            return (sighting[1] - committed.get(sighting[0])) / 1e6;
                        })
                .toArray();
    }

    static double percentile(double[] ascending, double share) {
        int index = (int) Math.ceil(share * ascending.length) - 1;
        return ascending[Math.max(0, index)];
    }
}
