package io.heliosdb.replication.control.launch;

import io.heliosdb.replication.control.launch.SourceJob.Phase;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the launcher writes down about the job of a source.
 *
 * @param expectedJobId what must be there now, else nothing is written
 * @param failures in a row
 * @param retryAfter from now; null: at once
 * @param failure null: leave the last one
 * @param restoredFrom null: leave it, but for a new run
 * @param event what to tell; null: nothing
 */
public record Change(
        UUID connection,
        @Nullable String expectedJobId,
        Phase phase,
        @Nullable String jobId,
        int failures,
        @Nullable Duration retryAfter,
        @Nullable String failure,
        @Nullable String restoredFrom,
        @Nullable Event event) {

    /** What is told of it; the replications of the source too are told what is critical. */
    public record Event(String type, String severity, String message) {}

    static Change of(SourceJob job, Phase phase, @Nullable String jobId) {
        return new Change(
                job.connection(),
                job.jobId(),
                phase,
                jobId,
                job.failures(),
                null,
                null,
                null,
                null);
    }

    Change telling(String type, String severity, String message) {
        return new Change(
                connection,
                expectedJobId,
                phase,
                jobId,
                failures,
                retryAfter,
                failure,
                restoredFrom,
                new Event(type, severity, message));
    }

    Change withFailures(int count, @Nullable Duration pause, @Nullable String text) {
        return new Change(
                connection, expectedJobId, phase, jobId, count, pause, text, restoredFrom, event);
    }

    Change restoredFrom(@Nullable String path) {
        return new Change(
                connection,
                expectedJobId,
                phase,
                jobId,
                failures,
                retryAfter,
                failure,
                path,
                event);
    }
}
