package io.heliosdb.replication.cli.submit;

import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.cli.Home;
import io.heliosdb.replication.cli.Refusal;
import io.heliosdb.replication.job.ReplicationJob;
import io.heliosdb.replication.job.local.CheckpointDirectory;
import io.heliosdb.replication.job.local.RestorePoint;
import io.heliosdb.replication.model.config.PipelineConfig;
import java.net.ConnectException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.client.deployment.StandaloneClusterId;
import org.apache.flink.client.program.rest.RestClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.client.JobStatusMessage;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.concurrent.FutureUtils.RetryException;

/** The jobs of one Flink cluster, over its REST API. */
final class RemoteJobs implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofMinutes(5);

    private final URI rest;
    private final RestClusterClient<StandaloneClusterId> client;

    RemoteJobs(URI rest) {
        this.rest = rest;
        Configuration flink = new Configuration();
        flink.set(RestOptions.ADDRESS, rest.getHost());
        flink.set(RestOptions.PORT, rest.getPort() < 0 ? 8081 : rest.getPort());
        // Somebody waits at the terminal: the default is an hour.
        flink.set(RestOptions.RETRY_MAX_ATTEMPTS, 3);
        flink.set(RestOptions.RETRY_DELAY, Duration.ofMillis(500));
        try {
            client = new RestClusterClient<>(flink, StandaloneClusterId.getInstance());
        } catch (Exception e) {
            throw new IllegalStateException("no client for " + rest + ": " + e.getMessage(), e);
        }
    }

    /**
     * Submits the job of a configuration.
     *
     * @param file watched by the job where it runs
     */
    JobID submit(PipelineConfig config, Path file, Optional<RestorePoint> restore) {
        running(config.job().name())
                .ifPresent(
                        id -> {
                            throw new Refusal(
                                    ExitCode.FINDING,
                                    "job '" + config.job().name() + "' already runs as " + id);
                        });
        StreamExecutionEnvironment env =
                new StreamExecutionEnvironment(
                        CheckpointDirectory.configuration(config.job().checkpointDirectory()));
        ReplicationJob.build(env, config, file);
        JobGraph graph = env.getStreamGraph().getJobGraph();
        graph.addJar(new org.apache.flink.core.fs.Path(Home.jobJar().toUri()));
        graph.setSavepointRestoreSettings(
                restore.map(RestorePoint::settings).orElse(SavepointRestoreSettings.none()));
        return await(client.submitJob(graph));
    }

    /** The job of that name which has not ended, if there is one. */
    Optional<JobID> running(String name) {
        List<JobID> found =
                await(client.listJobs()).stream()
                        .filter(job -> job.getJobName().equals(name))
                        .filter(job -> !job.getJobState().isGloballyTerminalState())
                        .map(JobStatusMessage::getJobId)
                        .toList();
        if (found.size() > 1) {
            throw new Refusal(
                    ExitCode.FINDING,
                    "several jobs are named '" + name + "': " + found + "; use Flink's web UI");
        }
        return found.stream().findFirst();
    }

    JobID require(String name) {
        return running(name)
                .orElseThrow(
                        () ->
                                new Refusal(
                                        ExitCode.FINDING, "no job '" + name + "' runs at " + rest));
    }

    JobStatus status(JobID job) {
        return await(client.getJobStatus(job));
    }

    /** Takes a savepoint that nobody but the user deletes. Returns its path. */
    String savepoint(JobID job, CheckpointDirectory checkpoints) {
        return await(
                client.triggerSavepoint(
                        job, checkpoints.savepointsUri(), SavepointFormatType.CANONICAL));
    }

    /** Takes a savepoint, confirms it to the source and ends the job. Returns its path. */
    String stop(JobID job, CheckpointDirectory checkpoints) {
        return await(
                client.stopWithSavepoint(
                        job, false, checkpoints.stopsUri(), SavepointFormatType.NATIVE));
    }

    /** Ends the job; its last completed checkpoint stays. */
    void cancel(JobID job) {
        await(client.cancel(job));
        await(client.requestJobResult(job));
    }

    private <T> T await(CompletableFuture<T> answer) {
        try {
            return answer.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (TimeoutException e) {
            throw new IllegalStateException(rest + " did not answer within " + LIMIT, e);
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        }
    }

    private RuntimeException failure(Throwable cause) {
        for (Throwable inner = cause; inner != null; inner = inner.getCause()) {
            if (inner instanceof ConnectException || inner instanceof RetryException) {
                return new Refusal(
                        ExitCode.UNREACHABLE,
                        "no Flink cluster answers at " + rest + ": " + inner.getMessage());
            }
        }
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return new IllegalStateException(String.valueOf(root.getMessage()), cause);
    }

    @Override
    public void close() {
        client.close();
    }
}
