package io.heliosdb.replication.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** How much the source's sender has not sent yet: nothing after it can help with that. */
final class SourceLag implements AutoCloseable {

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final List<Long> samples = new ArrayList<>();

    SourceLag(Databases databases, String slot) {
        String sql =
                "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), sent_lsn)::bigint"
                        + " FROM pg_stat_replication JOIN pg_replication_slots"
                        + " ON active_pid = pid WHERE slot_name = '"
                        + slot
                        + "'";
        thread.scheduleAtFixedRate(
                () -> {
                    String bytes = Databases.value(databases.source(), "postgres", sql);
                    synchronized (samples) {
                        if (!bytes.isEmpty()) {
                            samples.add(Long.parseLong(bytes));
                        }
                    }
                },
                0,
                500,
                TimeUnit.MILLISECONDS);
    }

    long percentile(double share) {
        synchronized (samples) {
            List<Long> sorted = samples.stream().sorted().toList();
            return sorted.isEmpty()
                    ? 0
                    : sorted.get(Math.max(0, (int) Math.ceil(share * sorted.size()) - 1));
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
