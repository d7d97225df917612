package io.heliosdb.replication.job;

import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.Pace;
import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/**
 * Watches the rows of {@link SteadyWrites} become visible for one tenant in its target, one by one,
 * looking about every two milliseconds. Every row counts, so a target that stands still shows as
 * the lateness of all that were committed meanwhile.
 */
final class Arrivals {

    private final SteadyWrites writes;
    private final PostgresServer server;
    private final String database;
    private final String tenant;
    private final List<Long> nanos = new ArrayList<>();
    private volatile int seen;

    Arrivals(SteadyWrites writes, PostgresServer server, String database, String tenant) {
        this.writes = writes;
        this.server = server;
        this.database = database;
        this.tenant = tenant;
    }

    void watch(BooleanSupplier over) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement settings = connection.createStatement();
                PreparedStatement look =
                        connection.prepareStatement(
                                "SELECT id FROM public.doc WHERE tenant_id = ? AND id > ?"
                                        + " ORDER BY id")) {
            settings.execute("SET enable_seqscan = off");
            look.setString(1, tenant);
            Pace pace = new Pace(Duration.ofMillis(2));
            while (!over.getAsBoolean()) {
                look.setInt(2, seen);
                try (ResultSet ids = look.executeQuery()) {
                    long now = System.nanoTime();
                    while (ids.next()) {
                        arrived(ids.getInt(1), now);
                    }
                }
                pace.beat();
            }
        }
    }

    private synchronized void arrived(int id, long now) {
        nanos.add(now - writes.commitNanos(id));
        seen = id;
    }

    /** Waits until all that is committed by now is visible. */
    void awaitAll() {
        int last = writes.last();
        Await.until(tenant + " to arrive up to " + last, () -> seen, id -> id >= last);
    }

    /** Commit to visible, of the rows that arrived since this was asked last. */
    synchronized List<Long> takeNanos() {
        List<Long> taken = List.copyOf(nanos);
        nanos.clear();
        return taken;
    }

    /** What the arrivals of a while came to. */
    record Latency(int rows, Duration p50, Duration p99, Duration most) {

        static Latency of(List<Long> nanos) {
            List<Long> sorted = nanos.stream().sorted().toList();
            return new Latency(
                    sorted.size(), share(sorted, 50), share(sorted, 99), share(sorted, 100));
        }

        private static Duration share(List<Long> sorted, int percent) {
            int index = Math.min(sorted.size() - 1, sorted.size() * percent / 100);
            return Duration.ofNanos(sorted.get(index));
        }

        double p99Millis() {
            return p99.toNanos() / 1e6;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%d rows, p50 %.1f ms, p99 %.1f ms, max %.1f ms",
                    rows,
                    p50.toNanos() / 1e6,
                    p99Millis(),
                    most.toNanos() / 1e6);
        }
    }
}
