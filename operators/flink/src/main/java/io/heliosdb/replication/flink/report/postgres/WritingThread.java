package io.heliosdb.replication.flink.report.postgres;

import io.heliosdb.replication.core.report.LaneReport;
import io.heliosdb.replication.core.report.ReportBuffer;
import io.heliosdb.replication.flink.report.ReportWriter;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that writes what is in a {@link ReportBuffer}, a batch in one transaction. A batch
 * that cannot be written comes again, until the store takes it; one that the store refuses, though
 * it answers, is dropped, or nothing would ever be written again.
 */
final class WritingThread implements ReportWriter.Writing {

    private static final Logger LOG = LoggerFactory.getLogger(WritingThread.class);

    private static final Duration GATHER = Duration.ofSeconds(1);
    private static final Duration LONGEST_REST = Duration.ofSeconds(5);
    private static final int REFUSALS_TO_DROP = 3;

    private final ReportBuffer buffer = new ReportBuffer();
    private final AtomicLong failures = new AtomicLong();
    private final ReportStore store;
    private final Thread thread;
    private volatile boolean closed;
    private boolean away;
    private int refusals;

    WritingThread(ReportStore store) {
        this.store = store;
        this.thread = new Thread(this::run, "report-status");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void add(LaneReport report) {
        buffer.add(report);
    }

    @Override
    public long failures() {
        return failures.get();
    }

    private void run() {
        Duration rest = Duration.ofMillis(100);
        while (!closed) {
            try {
                ReportBuffer.Batch batch = buffer.take(GATHER.toMillis());
                if (batch.isEmpty() || write(batch)) {
                    rest = Duration.ofMillis(100);
                } else {
                    Thread.sleep(rest.toMillis());
                    rest = rest.multipliedBy(2);
                    rest = rest.compareTo(LONGEST_REST) > 0 ? LONGEST_REST : rest;
                }
            } catch (InterruptedException e) {
                break;
            }
        }
        ReportBuffer.Batch last = buffer.poll();
        if (!away && !last.isEmpty()) {
            write(last);
        }
        store.close();
    }

    private boolean write(ReportBuffer.Batch batch) {
        try {
            store.write(batch);
            if (away) {
                LOG.info("reports written again");
                away = false;
            }
            refusals = 0;
            return true;
        } catch (SQLException | ClassNotFoundException | RuntimeException | LinkageError e) {
            // A class that is missing now may be there when the next connection is made.
            store.close();
            failures.incrementAndGet();
            String state = e instanceof SQLException sql ? String.valueOf(sql.getSQLState()) : "";
            boolean refused = state.startsWith("22") || state.startsWith("23");
            if (refused && ++refusals >= REFUSALS_TO_DROP) {
                LOG.error("reports dropped sqlstate={} cause={}", state, e.getMessage());
                refusals = 0;
                return false;
            }
            if (!away) {
                away = true;
                LOG.warn("reports not written, tried again cause={}", e.getMessage());
            }
            buffer.putBack(batch);
            return false;
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(2_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
