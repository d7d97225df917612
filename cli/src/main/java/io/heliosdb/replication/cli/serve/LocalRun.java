package io.heliosdb.replication.cli.serve;

import io.heliosdb.replication.control.launch.ClusterException;
import io.heliosdb.replication.control.launch.SeenJob;
import io.heliosdb.replication.control.launch.SeenJob.Condition;
import io.heliosdb.replication.control.launch.StackTraces;
import io.heliosdb.replication.job.local.LocalCluster;
import io.heliosdb.replication.job.local.LocalJob;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.flink.api.common.JobStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A job and the MiniCluster that it has for itself, which ends with it. Guarded by its owner; only
 * the stop itself goes on in a thread of its own.
 */
final class LocalRun {

    private static final Logger LOG = LoggerFactory.getLogger(LocalRun.class);
    private static final Duration STOP_LIMIT = Duration.ofMinutes(1);

    private final String id;
    private final LocalCluster cluster;
    private final LocalJob job;
    private @Nullable CompletableFuture<String> stop;

    /** How it ended; the cluster is closed then. */
    private @Nullable Condition end;

    private @Nullable String failure;

    LocalRun(String id, LocalCluster cluster, LocalJob job) {
        this.id = id;
        this.cluster = cluster;
        this.job = job;
    }

    String id() {
        return id;
    }

    String webUrl() {
        return cluster.webUrl();
    }

    SeenJob seen(UUID connection) {
        return new SeenJob(connection, id, condition());
    }

    private Condition condition() {
        Condition known = end;
        if (known != null) {
            return known;
        }
        Condition now = of(job.status());
        if (now.hasEnded()) {
            failure = job.lastFailure().map(StackTraces::reason).orElse(null);
            close(now);
        }
        return now;
    }

    private static Condition of(JobStatus status) {
        return switch (status) {
            case RUNNING -> Condition.RUNNING;
            case CANCELLING -> Condition.ENDING;
            case FINISHED -> Condition.FINISHED;
            case CANCELED -> Condition.CANCELED;
            case FAILED -> Condition.FAILED;
            case INITIALIZING, CREATED, FAILING, RESTARTING, SUSPENDED, RECONCILING ->
                    Condition.STARTING;
        };
    }

    Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    /**
     * Begins a stop with savepoint, or looks after the one that is under way.
     *
     * @throws ClusterException if the last one failed; the next call tries again
     */
    void beginStop() {
        CompletableFuture<String> running = stop;
        if (running == null) {
            tryStop();
        } else if (running.isCompletedExceptionally()) {
            stop = null;
            try {
                running.join();
            } catch (CompletionException e) {
                throw new ClusterException(
                        "no stop with savepoint: " + LocalJobs.text(e), e.getCause());
            }
        }
    }

    void tryStop() {
        if (end == null && stop == null) {
            stop = CompletableFuture.supplyAsync(() -> job.stopWithSavepoint(STOP_LIMIT));
        }
    }

    /**
     * Waits for the stop that was begun; what cannot stop is cancelled. Tells what became of it.
     */
    String awaitStop(Duration limit) {
        CompletableFuture<String> running = stop;
        if (end != null || running == null) {
            end(limit);
            return "had ended";
        }
        try {
            String path = running.join();
            close(Condition.FINISHED);
            return "stopped with this process, state in " + path;
        } catch (CompletionException e) {
            end(limit);
            return "ended with this process without savepoint (" + LocalJobs.text(e) + ")";
        }
    }

    void cancel(Duration limit) {
        if (end == null) {
            job.cancel(limit);
            condition();
        }
    }

    /** Ends it in any case, at the latest with its cluster. */
    void end(Duration limit) {
        if (end != null) {
            return;
        }
        try {
            job.cancel(limit);
        } catch (IllegalStateException e) {
            LOG.warn("job not cancelled, its cluster ends job={} cause={}", id, e.getMessage());
        }
        close(Condition.CANCELED);
    }

    private void close(Condition how) {
        end = how;
        try {
            cluster.close();
        } catch (IllegalStateException e) {
            LOG.warn("cluster not closed job={} cause={}", id, e.getMessage());
        }
    }
}
