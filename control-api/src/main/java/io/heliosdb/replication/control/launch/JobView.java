package io.heliosdb.replication.control.launch;

import io.heliosdb.replication.control.launch.SourceJob.Phase;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The job of a source, to be looked at.
 *
 * @param wanted whether a replication needs it
 * @param jobId of Flink; null while there is none
 * @param failures in a row
 * @param restoredFrom what the current run continues from; null: it began anew
 * @param events the last ones, newest first
 */
public record JobView(
        UUID connectionId,
        boolean wanted,
        Phase phase,
        @Nullable Instant phaseSince,
        @Nullable String jobId,
        @Nullable Instant startedAt,
        @Nullable String restoredFrom,
        int failures,
        @Nullable Instant retryAt,
        @Nullable String lastFailure,
        @Nullable Instant lastFailureAt,
        List<Event> events) {

    /** Something that happened to the job. */
    public record Event(
            String eventType,
            String severity,
            String message,
            @Nullable String jobId,
            Instant createdAt) {}
}
