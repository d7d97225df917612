package io.heliosdb.replication.control.launch;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Where jobs run. Every call may be repeated: none of them does more the second time than the
 * first.
 *
 * <p>Calls that fail throw {@link ClusterException}; after it nothing is known about whether the
 * call was carried out, and it may be made again.
 */
public interface JobCluster {

    /** The jobs of ours that it knows, also ended ones as long as it remembers them. */
    List<SeenJob> look();

    /**
     * How long a job that was seen may be missing from {@link #look} before it counts as lost: so
     * long a cluster may take to recover its own jobs.
     */
    Duration forgetfulness();

    /**
     * The newest checkpoint or savepoint of a source; empty if there never was one. An older one is
     * never taken in place of one that cannot be read.
     */
    Optional<Restore> restorePoint(UUID connection);

    /** Starts it, if no job with its id was ever started. */
    void start(JobRequest request);

    /**
     * Begins a stop with savepoint; the job is FINISHED when it is done, and goes on if it fails.
     */
    void stop(UUID connection, String jobId);

    /** Ends it without a last checkpoint; completed ones stay. */
    void cancel(UUID connection, String jobId);

    /** Why it failed, for people; empty if that is not known. */
    Optional<String> failure(UUID connection, String jobId);

    /** Somebody else launches the jobs from now on: what runs in this process must end. */
    default void leaseLost() {}

    /**
     * Ends the jobs that cannot outlive this process, cleanly if they let themselves be.
     *
     * @return what became of each, for people
     */
    default Map<UUID, String> suspend() {
        return Map.of();
    }
}
