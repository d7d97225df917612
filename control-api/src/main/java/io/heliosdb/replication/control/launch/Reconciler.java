package io.heliosdb.replication.control.launch;

import io.heliosdb.replication.control.launch.SeenJob.Condition;
import io.heliosdb.replication.control.launch.SourceJob.Phase;
import io.heliosdb.replication.control.launch.postgres.SourceJobRepository;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings about that each source that needs a job has exactly one: looks at what runs, compares it
 * with what the store wants, and does the next step for each source. Nothing is remembered between
 * rounds that a new instance would need, so whoever is killed at any point is followed by one that
 * goes on.
 *
 * <p>One thread.
 */
final class Reconciler {

    private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
    private static final int LONGEST_TEXT = 1000;

    private final SourceJobRepository store;
    private final JobCluster cluster;
    private final LaunchOptions options;
    private final LongSupplier nanoTime;

    /** Since when jobs are missing that should be there; for the patience with their cluster. */
    private final Map<String, Long> absentSince = new HashMap<>();

    Reconciler(
            SourceJobRepository store,
            JobCluster cluster,
            LaunchOptions options,
            LongSupplier nanoTime) {
        this.store = store;
        this.cluster = cluster;
        this.options = options;
        this.nanoTime = nanoTime;
    }

    /**
     * One look and one step per source.
     *
     * @param epoch of the lease that we hold
     * @throws ClusterException if the cluster cannot be looked at; nothing was done then
     */
    void round(long epoch) {
        // In this order: an id is written down before its job is started, so a job that was seen
        // and is not in the store is wanted by nobody.
        List<SeenJob> seen = cluster.look();
        List<SourceJob> jobs = store.jobs();
        Map<String, Condition> conditions = new HashMap<>();
        seen.forEach(job -> conditions.put(job.jobId(), job.condition()));
        Set<String> ids = new HashSet<>();
        for (SourceJob job : jobs) {
            if (job.jobId() != null) {
                ids.add(job.jobId());
            }
        }
        endOrphans(seen, ids);
        absentSince.keySet().retainAll(ids);
        for (SourceJob job : jobs) {
            Condition condition = job.jobId() == null ? null : conditions.get(job.jobId());
            Step step =
                    Step.of(
                            job,
                            condition,
                            absent(job.jobId(), condition),
                            cluster.forgetfulness(),
                            options);
            try {
                take(step, job, condition, epoch);
            } catch (ClusterException e) {
                LOG.warn(
                        "step not taken, tried again connection={} step={} cause={}",
                        job.connection(),
                        step,
                        e.getMessage());
            }
        }
    }

    private Duration absent(@Nullable String id, @Nullable Condition condition) {
        if (id == null || condition != null) {
            absentSince.remove(String.valueOf(id));
            return Duration.ZERO;
        }
        long now = nanoTime.getAsLong();
        return Duration.ofNanos(now - absentSince.computeIfAbsent(id, key -> now));
    }

    /** Jobs of our sources that are not the ones that the store names: started by the dead. */
    private void endOrphans(List<SeenJob> seen, Set<String> ids) {
        for (SeenJob job : seen) {
            if (!job.condition().hasEnded()
                    && job.condition() != Condition.ENDING
                    && !ids.contains(job.jobId())
                    && store.isKnown(job.connection())) {
                LOG.warn(
                        "job cancelled that nobody wants connection={} job={}",
                        job.connection(),
                        job.jobId());
                cluster.cancel(job.connection(), job.jobId());
            }
        }
    }

    private void take(Step step, SourceJob job, @Nullable Condition seen, long epoch) {
        String id = job.jobId();
        if (id == null) {
            switch (step) {
                case BEGIN -> begin(job, epoch);
                case NOTE_IDLE ->
                        write(epoch, Change.of(job, Phase.IDLE, null).withFailures(0, null, null));
                default -> {
                    // Waits for its time.
                }
            }
            return;
        }
        switch (step) {
            case NOTHING, BEGIN -> {
                // As it is to be.
            }
            case START -> start(job, id, cluster.restorePoint(job.connection()), epoch);
            case NOTE_RUNNING -> write(epoch, running(job, id));
            case NOTE_STEADY ->
                    write(epoch, Change.of(job, Phase.RUNNING, id).withFailures(0, null, null));
            case NOTE_FAILED -> write(epoch, failed(job, id));
            case NOTE_ENDED -> write(epoch, ended(job, seen));
            case NOTE_LOST ->
                    write(
                            epoch,
                            Change.of(job, Phase.FAILED, null)
                                    .telling(
                                            "JobLost",
                                            "Warning",
                                            "the cluster does not know the job any more; it is started"
                                                    + " again"));
            case STOP -> {
                boolean first = job.phase() != Phase.STOPPING;
                if (!first
                        || write(
                                epoch,
                                Change.of(job, Phase.STOPPING, id)
                                        .telling(
                                                "JobStopping",
                                                "Info",
                                                job.wanted()
                                                        ? "the connection has changed: the job is"
                                                                + " stopped and started again"
                                                        : "no replication needs the job any more"))) {
                    cluster.stop(job.connection(), id);
                }
            }
            case CANCEL -> cluster.cancel(job.connection(), id);
            case NOTE_IDLE -> write(epoch, idle(job, seen));
        }
    }

    private void begin(SourceJob job, long epoch) {
        String id = UUID.randomUUID().toString().replace("-", "");
        Optional<Restore> restore;
        try {
            restore = cluster.restorePoint(job.connection());
        } catch (ClusterException e) {
            write(
                    epoch,
                    notStarted(job, Phase.FAILED, null, "RestorePointUnreadable", e.getMessage()));
            return;
        }
        String path = restore.map(Restore::path).orElse(null);
        Change change =
                Change.of(job, Phase.STARTING, id)
                        .restoredFrom(path)
                        .telling(
                                "JobStarting",
                                "Info",
                                path == null ? "begins anew" : "continues from " + path);
        if (write(epoch, change)) {
            start(
                    new SourceJob(
                            job.connection(),
                            job.wanted(),
                            job.wantedChangedAt(),
                            job.unheardSince(),
                            Phase.STARTING,
                            id,
                            job.now(),
                            job.failures(),
                            null,
                            false,
                            job.now()),
                    id,
                    restore,
                    epoch);
        }
    }

    private void start(SourceJob job, String id, Optional<Restore> restore, long epoch) {
        JobRequest request =
                new JobRequest(
                        job.connection(),
                        id,
                        options.arguments().apply(job.connection()),
                        restore,
                        options.parallelism());
        try {
            cluster.start(request);
            LOG.info(
                    "job ordered connection={} job={} restored={}",
                    job.connection(),
                    id,
                    restore.map(Restore::path).orElse("none"));
        } catch (ClusterException e) {
            write(epoch, notStarted(job, Phase.STARTING, id, "JobNotStarted", e.getMessage()));
        }
    }

    private static Change notStarted(
            SourceJob job, Phase phase, @Nullable String id, String type, @Nullable String text) {
        int failures = job.failures() + 1;
        return Change.of(job, phase, id)
                .withFailures(failures, pause(failures), cut(text))
                .telling(type, failures == 1 ? "Critical" : "Error", cut(text));
    }

    private static Change running(SourceJob job, String id) {
        Change change = Change.of(job, Phase.RUNNING, id);
        return job.failures() == 0
                ? change.telling("JobStarted", "Info", "the job runs")
                : change.telling("JobRecovered", "Info", "the job runs again");
    }

    private Change failed(SourceJob job, String id) {
        String text =
                cut(cluster.failure(job.connection(), id).orElse("the job failed, why is unknown"));
        int failures = job.failures() + 1;
        return Change.of(job, Phase.FAILED, null)
                .withFailures(failures, pause(failures), text)
                .telling("JobFailed", failures == 1 ? "Critical" : "Error", text);
    }

    private static Change ended(SourceJob job, @Nullable Condition seen) {
        int failures = job.failures() + 1;
        return Change.of(job, Phase.FAILED, null)
                .withFailures(failures, pause(failures), null)
                .telling(
                        "JobEnded",
                        "Warning",
                        "somebody else ended the job ("
                                + Objects.toString(seen, "").toLowerCase()
                                + "); it is started again");
    }

    private static Change idle(SourceJob job, @Nullable Condition seen) {
        return Change.of(job, Phase.IDLE, null)
                .withFailures(0, null, null)
                .telling(
                        "JobStopped",
                        seen == Condition.FINISHED ? "Info" : "Warning",
                        seen == Condition.FINISHED
                                ? "stopped with savepoint"
                                : "ended without savepoint; its last checkpoint stays");
    }

    /** Ends what runs in this process, and says so. */
    void suspend(long epoch) {
        Map<UUID, String> suspended = cluster.suspend();
        for (SourceJob job : store.jobs()) {
            String text = suspended.get(job.connection());
            if (text != null && job.jobId() != null) {
                write(
                        epoch,
                        Change.of(job, Phase.IDLE, null).telling("JobSuspended", "Info", text));
            }
        }
    }

    private boolean write(long epoch, Change change) {
        boolean written = store.change(epoch, change);
        if (!written) {
            LOG.warn(
                    "change not written, another instance launches now connection={} phase={}",
                    change.connection(),
                    change.phase());
        } else if (change.event() != null) {
            LOG.info(
                    "job changed connection={} phase={} event={} message={}",
                    change.connection(),
                    change.phase(),
                    change.event().type(),
                    change.event().message());
        }
        return written;
    }

    static Duration pause(int failures) {
        Duration pause = Duration.ofSeconds(1L << Math.min(failures - 1, 20));
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }

    private static String cut(@Nullable String text) {
        String known = text == null ? "not known" : text;
        return known.length() > LONGEST_TEXT ? known.substring(0, LONGEST_TEXT) + "…" : known;
    }
}
