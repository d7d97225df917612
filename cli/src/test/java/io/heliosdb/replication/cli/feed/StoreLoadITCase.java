package io.heliosdb.replication.cli.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What reports of very many replications cost the store. */
@EnabledIfSystemProperty(named = "heliosdb.soak", matches = "true")
class StoreLoadITCase {

    private static final Logger LOG = LoggerFactory.getLogger(StoreLoadITCase.class);

    private static final boolean LONG = Boolean.getBoolean("heliosdb.soak");
    private static final int REPLICATIONS = LONG ? 1_000 : 100;
    private static final int SECONDS = LONG ? 60 : 10;

    @TempDir Path directory;

    /**
     * @param rows inserted and updated
     */
    private record Work(long commits, long rows, long walBytes, Duration cpu) {}

    /** Of the store in all, its own background work included; it has a server of its own. */
    private static Work work(StoreStand stand) {
        String[] found =
                stand.inStore(
                                "SELECT xact_commit, tup_inserted + tup_updated,"
                                        + " pg_current_wal_insert_lsn() - '0/0', pg_backend_pid()"
                                        + " FROM pg_stat_database WHERE datname = 'postgres'")
                        .get(0)
                        .split("\\|");
        return new Work(
                Long.parseLong(found[0]),
                Long.parseLong(found[1]),
                Long.parseLong(found[2]),
                cpu(Long.parseLong(found[3])));
    }

    /** Of all processes of the server that this backend belongs to. */
    private static Duration cpu(long backend) {
        ProcessHandle server =
                ProcessHandle.of(backend).flatMap(ProcessHandle::parent).orElseThrow();
        return Stream.concat(Stream.of(server), server.descendants())
                .map(process -> process.info().totalCpuDuration().orElse(Duration.ZERO))
                .reduce(Duration.ZERO, Duration::plus);
    }

    /** Commits and rows of a while, per second. */
    private static double[] measured(StoreStand stand, String what) {
        // Idle sessions, such as those that made the tables, tell their counts after ten seconds.
        pass(12);
        Work before = work(stand);
        long began = System.nanoTime();
        pass(SECONDS);
        Work after = work(stand);
        double seconds = (System.nanoTime() - began) / 1e9;
        double[] rates = {
            (after.commits - before.commits) / seconds, (after.rows - before.rows) / seconds
        };
        LOG.warn(
                "{} {} replications: {} transactions/s, {} rows/s, {} kB/s of WAL, {} of one core at the store",
                REPLICATIONS,
                what,
                "%.1f".formatted(rates[0]),
                "%.1f".formatted(rates[1]),
                "%.1f".formatted((after.walBytes - before.walBytes) / seconds / 1000),
                "%.1f %%".formatted(after.cpu.minus(before.cpu).toNanos() / 1e7 / seconds));
        return rates;
    }

    private static void pass(int seconds) {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        Await.until(
                "time to pass",
                Duration.ofSeconds(2L * seconds),
                () -> System.nanoTime() - end > 0);
    }

    @Test
    void theStoreStaysCool() throws Exception {
        try (PostgresServer server = PostgresServer.start();
                StoreStand stand = new StoreStand(server, directory)) {
            server.execute(
                    stand.source,
                    "INSERT INTO orders SELECT 'load' || g, 1, 'x' FROM generate_series(1, "
                            + REPLICATIONS
                            + ") g");
            for (int i = 1; i <= REPLICATIONS; i++) {
                stand.replicate("load" + i);
            }
            stand.start();
            Await.until(
                    () -> "all to stream" + stand.failure(),
                    Duration.ofMinutes(3),
                    () ->
                            stand.inStore(
                                    "SELECT count(*) FROM heliosdb_control.replication_status"
                                            + " WHERE state = 'Streaming'"),
                    List.of(String.valueOf(REPLICATIONS))::equals);

            double[] idle = measured(stand, "idle");
            assertThat(idle[0]).as("transactions/s, idle").isLessThan(10);
            assertThat(idle[1]).as("rows/s, idle").isLessThan(REPLICATIONS / 5.0);

            LOG.warn(
                    "{} replications: {} MiB of heap after a collection, Flink, API and test included",
                    REPLICATIONS,
                    usedHeapMib());
            double[] busy;
            try (Writer writer = new Writer(server, stand.source)) {
                busy = measured(stand, "busy");
                assertThat(writer.rounds).as("writes went on").isPositive();
            }
            assertThat(busy[0]).as("transactions/s, busy").isLessThan(10);
            assertThat(busy[1]).as("rows/s, busy").isLessThan(REPLICATIONS);
        }
    }

    private static long usedHeapMib() {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        memory.gc();
        return memory.getHeapMemoryUsage().getUsed() >> 20;
    }

    /** Writes a row of every tenant, again and again. */
    private static final class Writer implements AutoCloseable {

        private volatile boolean closed;
        private volatile int rounds;
        private final Thread thread;

        Writer(PostgresServer server, String source) {
            this.thread =
                    new Thread(
                            () -> {
                                while (!closed) {
                                    server.execute(
                                            source,
                                            "UPDATE orders SET note = clock_timestamp()::text");
                                    rounds++;
                                }
                            },
                            "write-load");
            thread.start();
        }

        @Override
        public void close() {
            closed = true;
            try {
                thread.join(10_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
