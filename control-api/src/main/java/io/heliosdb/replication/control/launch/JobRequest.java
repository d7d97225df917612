package io.heliosdb.replication.control.launch;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A job to be started.
 *
 * @param connection the source; names of jobs are made of it
 * @param jobId chosen before the job is started and written down first: who is killed between the
 *     two leaves an id that a second start is refused for, or carries out
 * @param arguments of the program, without secrets: they are shown in Flink's web UI
 * @param restoreFrom checkpoint or savepoint to continue from; empty: there is none
 */
public record JobRequest(
        UUID connection,
        String jobId,
        List<String> arguments,
        Optional<Restore> restoreFrom,
        int parallelism) {

    private static final String PREFIX = "heliosdb-";

    public JobRequest {
        arguments = List.copyOf(arguments);
    }

    /** What Flink shows; the same for all runs of a source. */
    public String name() {
        return name(connection);
    }

    public static String name(UUID connection) {
        return PREFIX + connection;
    }

    /** The source of a job that we named; empty for jobs of others. */
    public static Optional<UUID> connectionOf(String jobName) {
        if (!jobName.startsWith(PREFIX)) {
            return Optional.empty();
        }
        try {
            return Optional.of(UUID.fromString(jobName.substring(PREFIX.length())));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
