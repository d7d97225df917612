package io.heliosdb.replication.control.launch;

import io.heliosdb.replication.control.launch.SeenJob.Condition;
import io.heliosdb.replication.control.launch.SourceJob.Phase;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done next about the job of a source: decided from what is wanted and what is seen,
 * never from what was done before.
 */
public enum Step {
    NOTHING,
    /** Choose an id, write it down, and start. */
    BEGIN,
    /** Start again under the id that is written down. */
    START,
    NOTE_RUNNING,
    /** It has run for a while: failures of the past do not count any more. */
    NOTE_STEADY,
    NOTE_FAILED,
    /** It ended although it is wanted, and not by itself. */
    NOTE_ENDED,
    /** The cluster does not know it any more. */
    NOTE_LOST,
    STOP,
    CANCEL,
    NOTE_IDLE;

    /** So long a job runs on after the last replication is gone: the job must hear of it first. */
    public static final Duration LINGER = Duration.ofSeconds(10);

    /** So long it runs on at most until it has told that the last replication has ended. */
    public static final Duration FAREWELL = Duration.ofMinutes(5);

    /** So long a stop with savepoint may take before the job is cancelled. */
    static final Duration STOP_LIMIT = Duration.ofMinutes(5);

    /** So long a job that does not run is waited for, to stop with a savepoint. */
    static final Duration STOP_LIMIT_UNREADY = Duration.ofSeconds(30);

    static final Duration STEADY = Duration.ofMinutes(1);

    /**
     * @param seen how the job with the id of the row is; null: the cluster does not know it
     * @param absent how long the cluster has not known it; zero if it does
     * @param forgetfulness of the cluster
     */
    static Step of(
            SourceJob job,
            @Nullable Condition seen,
            Duration absent,
            Duration forgetfulness,
            LaunchOptions options) {
        Instant unheard = job.unheardSince();
        boolean unwanted =
                !job.wanted()
                        && !job.now().isBefore(job.wantedChangedAt().plus(options.linger()))
                        && (unheard == null
                                || !job.now().isBefore(unheard.plus(options.farewell())));
        if (job.jobId() == null) {
            if (!job.wanted()) {
                return job.phase() == Phase.IDLE ? NOTHING : NOTE_IDLE;
            }
            return isDue(job) ? BEGIN : NOTHING;
        }
        if (seen == null) {
            return ofAbsent(job, unwanted, absent.compareTo(forgetfulness) >= 0);
        }
        return switch (job.phase()) {
            // An id is written down, so it is one of the others.
            case IDLE, FAILED -> NOTHING;
            case STARTING ->
                    seen.hasEnded()
                            ? ended(seen)
                            : unwanted || job.outdated()
                                    ? STOP
                                    : seen == Condition.RUNNING ? NOTE_RUNNING : NOTHING;
            case RUNNING ->
                    seen.hasEnded()
                            ? ended(seen)
                            : unwanted || job.outdated()
                                    ? STOP
                                    : job.failures() > 0
                                                    && seen == Condition.RUNNING
                                                    && isOver(job, STEADY)
                                            ? NOTE_STEADY
                                            : NOTHING;
            case STOPPING ->
                    seen.hasEnded()
                            ? NOTE_IDLE
                            : isOver(job, STOP_LIMIT)
                                            || seen == Condition.STARTING
                                                    && isOver(job, STOP_LIMIT_UNREADY)
                                    ? CANCEL
                                    : STOP;
        };
    }

    private static Step ofAbsent(SourceJob job, boolean unwanted, boolean forgotten) {
        return switch (job.phase()) {
            case IDLE, FAILED -> NOTHING;
            case STARTING ->
                    // A start that is under way cannot be called back; it is seen when it is there.
                    unwanted ? forgotten ? NOTE_IDLE : NOTHING : isDue(job) ? START : NOTHING;
            case RUNNING -> forgotten ? NOTE_LOST : NOTHING;
            case STOPPING -> forgotten ? NOTE_IDLE : NOTHING;
        };
    }

    private static Step ended(Condition seen) {
        return seen == Condition.FAILED ? NOTE_FAILED : NOTE_ENDED;
    }

    private static boolean isDue(SourceJob job) {
        // What was changed may be what made it fail.
        return job.outdated() || job.retryAt() == null || !job.now().isBefore(job.retryAt());
    }

    private static boolean isOver(SourceJob job, Duration limit) {
        return !job.now().isBefore(job.since().plus(limit));
    }
}
