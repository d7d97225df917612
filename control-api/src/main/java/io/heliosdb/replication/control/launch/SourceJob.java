package io.heliosdb.replication.control.launch;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The job of a source, as the store has it.
 *
 * @param wanted whether a replication needs it: one that is neither deleted nor stopped, or whose
 *     rows are still to be removed from its target
 * @param wantedChangedAt when a replication of the source changed its state last, by the store's
 *     clock
 * @param unheardSince when a replication was stopped or deleted of which the job has not yet said
 *     that it has ended; null: there is none
 * @param jobId the run that was ordered and has not been seen to end; null: none
 * @param since when the phase began
 * @param failures in a row
 * @param retryAt not to be started before; null: at once
 * @param outdated the connection has changed since the run was started, which has read it then
 * @param now by the store's clock
 */
public record SourceJob(
        UUID connection,
        boolean wanted,
        Instant wantedChangedAt,
        @Nullable Instant unheardSince,
        Phase phase,
        @Nullable String jobId,
        Instant since,
        int failures,
        @Nullable Instant retryAt,
        boolean outdated,
        Instant now) {

    /** What the launcher is about. */
    public enum Phase {
        /** No job, and none is wanted. */
        IDLE,
        STARTING,
        RUNNING,
        STOPPING,
        /** Ended although wanted; started again after a while. */
        FAILED
    }
}
