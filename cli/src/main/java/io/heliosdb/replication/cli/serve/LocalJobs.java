package io.heliosdb.replication.cli.serve;

import io.heliosdb.replication.control.launch.ClusterException;
import io.heliosdb.replication.control.launch.JobCluster;
import io.heliosdb.replication.control.launch.JobRequest;
import io.heliosdb.replication.control.launch.Restore;
import io.heliosdb.replication.control.launch.SeenJob;
import io.heliosdb.replication.job.local.LocalCluster;
import io.heliosdb.replication.job.local.LocalClusterOptions;
import io.heliosdb.replication.job.local.LocalJob;
import io.heliosdb.replication.job.local.RestorePoint;
import io.heliosdb.replication.model.ReplicationException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.flink.api.common.JobID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Jobs in this process, each on a MiniCluster of its own: one that takes all memory or fails does
 * not take the others with it, and none waits for another one's slots. When the process dies, so do
 * they, and the next one continues from their last checkpoints.
 */
final class LocalJobs implements JobCluster {

    private static final Logger LOG = LoggerFactory.getLogger(LocalJobs.class);
    private static final Duration CANCEL_LIMIT = Duration.ofSeconds(30);

    private final JobDirectories directories;
    private final JobProgram program;
    private final String webPorts;
    private final Map<UUID, LocalRun> runs = new LinkedHashMap<>();

    /**
     * @param webPorts of Flink's web UI, a port or a range; 0 for any
     */
    LocalJobs(JobDirectories directories, JobProgram program, String webPorts) {
        this.directories = directories;
        this.program = program;
        this.webPorts = webPorts;
    }

    synchronized Optional<String> webUrl(UUID connection) {
        return Optional.ofNullable(runs.get(connection)).map(LocalRun::webUrl);
    }

    @Override
    public synchronized List<SeenJob> look() {
        return runs.entrySet().stream().map(run -> run.getValue().seen(run.getKey())).toList();
    }

    @Override
    public Duration forgetfulness() {
        return Duration.ZERO;
    }

    @Override
    public Optional<Restore> restorePoint(UUID connection) {
        return directories.newest(connection);
    }

    @Override
    public synchronized void start(JobRequest request) {
        LocalRun before = runs.get(request.connection());
        if (before != null) {
            if (before.id().equals(request.jobId())) {
                return;
            }
            before.end(CANCEL_LIMIT);
        }
        LocalCluster cluster = null;
        try {
            cluster =
                    LocalCluster.start(
                            LocalClusterOptions.in(directories.of(request.connection()))
                                    .withSlots(request.parallelism())
                                    .withRestPorts(webPorts));
            LocalJob job =
                    cluster.submit(
                            env -> program.build(env, request.arguments()),
                            request.restoreFrom().map(LocalJobs::point),
                            JobID.fromHexString(request.jobId()));
            LOG.info("job runs here job={} web={}", request.jobId(), cluster.webUrl());
            runs.put(request.connection(), new LocalRun(request.jobId(), cluster, job));
        } catch (RuntimeException e) {
            if (cluster != null) {
                cluster.close();
            }
            throw new ClusterException(text(e), e);
        }
    }

    /** The innermost cause; of ours the outermost, for they are written for people. */
    static String text(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null && !(cause instanceof ReplicationException)) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    private static RestorePoint point(Restore restore) {
        RestorePoint found =
                io.heliosdb.replication.job.local.CheckpointDirectory.at(restore.path());
        return new RestorePoint(
                found.path(), found.checkpointId(), found.completedAt(), restore.owned());
    }

    @Override
    public synchronized void stop(UUID connection, String jobId) {
        LocalRun run = runs.get(connection);
        if (run != null && run.id().equals(jobId)) {
            run.beginStop();
        }
    }

    @Override
    public synchronized void cancel(UUID connection, String jobId) {
        LocalRun run = runs.get(connection);
        if (run != null && run.id().equals(jobId)) {
            run.cancel(CANCEL_LIMIT);
        }
    }

    @Override
    public synchronized Optional<String> failure(UUID connection, String jobId) {
        LocalRun run = runs.get(connection);
        return run == null || !run.id().equals(jobId) ? Optional.empty() : run.failure();
    }

    @Override
    public synchronized void leaseLost() {
        LOG.warn("another process launches jobs now: those of this one end count={}", runs.size());
        runs.values().forEach(run -> run.end(CANCEL_LIMIT));
        runs.clear();
    }

    @Override
    public synchronized Map<UUID, String> suspend() {
        // All at once: each waits for a checkpoint.
        runs.values().forEach(LocalRun::tryStop);
        Map<UUID, String> texts = new LinkedHashMap<>();
        runs.forEach((connection, run) -> texts.put(connection, run.awaitStop(CANCEL_LIMIT)));
        runs.clear();
        return texts;
    }
}
