package io.heliosdb.replication.job.local;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.executiongraph.ErrorInfo;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;

/** A job that was submitted to a {@link LocalCluster}. Safe for use by several threads. */
public final class LocalJob {

    private final MiniCluster cluster;
    private final CheckpointDirectory checkpoints;
    private final JobID id;

    LocalJob(MiniCluster cluster, CheckpointDirectory checkpoints, JobID id) {
        this.cluster = cluster;
        this.checkpoints = checkpoints;
        this.id = id;
    }

    public JobID id() {
        return id;
    }

    public JobStatus status() {
        return await(cluster.getJobStatus(id), Duration.ofSeconds(30));
    }

    /** Completes when the job is finished, cancelled or failed for good. */
    public CompletableFuture<JobResult> result() {
        return cluster.requestJobResult(id);
    }

    /** What made the job fail or restart last. */
    public Optional<String> lastFailure() {
        ErrorInfo error =
                await(cluster.getExecutionGraph(id), Duration.ofSeconds(30)).getFailureInfo();
        return Optional.ofNullable(error).map(ErrorInfo::getExceptionAsString);
    }

    /** Completes a checkpoint now. Returns its path. */
    public String triggerCheckpoint(Duration limit) {
        return await(cluster.triggerCheckpoint(id), limit);
    }

    /** Takes a savepoint that stays until somebody deletes it, in the portable format. */
    public String savepoint(Duration limit) {
        return await(
                cluster.triggerSavepoint(
                        id, checkpoints.savepointsUri(), false, SavepointFormatType.CANONICAL),
                limit);
    }

    /**
     * The clean stop: takes a savepoint, confirms it to the source and ends the job. Returns the
     * savepoint's path.
     *
     * <p>If it fails, the job goes on; {@link #cancel} then leaves the last checkpoint to continue
     * from.
     */
    public String stopWithSavepoint(Duration limit) {
        return await(
                cluster.stopWithSavepoint(
                        id, checkpoints.stopsUri(), false, SavepointFormatType.NATIVE),
                limit);
    }

    /** Ends the job without a last checkpoint; completed ones stay. Waits for the end. */
    public void cancel(Duration limit) {
        await(cluster.cancelJob(id), limit);
        await(cluster.requestJobResult(id), limit);
    }

    static <T> T await(CompletableFuture<T> future, Duration limit) {
        try {
            return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for Flink", e);
        } catch (TimeoutException e) {
            throw new IllegalStateException("Flink did not answer within " + limit, e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(rootMessage(e), e.getCause());
        }
    }

    private static String rootMessage(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }
}
