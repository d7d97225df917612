package io.heliosdb.replication.cli.serve;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;

/** Looks all the time how many jobs a cluster has that have not ended. */
final class JobWatch implements AutoCloseable {

    private static final long PAUSE_NANOS = 50_000_000;

    private final TestCluster cluster;
    private final Thread thread;
    private volatile boolean closed;
    private volatile int most;

    JobWatch(TestCluster cluster) {
        this.cluster = cluster;
        this.thread = new Thread(this::look, "watch-jobs");
        thread.start();
    }

    private void look() {
        while (!closed) {
            try {
                most = Math.max(most, cluster.alive().size());
            } catch (IOException e) {
                // It is away.
            } catch (InterruptedException e) {
                return;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    int mostAtOnce() {
        return most;
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
