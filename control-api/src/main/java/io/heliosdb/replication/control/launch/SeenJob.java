package io.heliosdb.replication.control.launch;

import java.util.UUID;

/**
 * A job as its cluster shows it.
 *
 * @param jobId the run of it
 */
public record SeenJob(UUID connection, String jobId, Condition condition) {

    /** How a job is. */
    public enum Condition {
        /** It is being made, or its tasks are being deployed again after a failure. */
        STARTING,
        RUNNING,
        /** It is ending, in whatever way. */
        ENDING,
        /** Ended by a stop with savepoint. */
        FINISHED,
        CANCELED,
        /** Ended because it cannot go on. */
        FAILED;

        public boolean hasEnded() {
            return this == FINISHED || this == CANCELED || this == FAILED;
        }
    }
}
