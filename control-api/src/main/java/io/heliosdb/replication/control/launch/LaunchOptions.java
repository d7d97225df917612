package io.heliosdb.replication.control.launch;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How jobs are launched.
 *
 * @param arguments of the program for a source, without secrets
 * @param parallelism of each job
 * @param interval between two looks
 * @param lease so long an instance that was killed keeps the others from going on
 * @param linger so long a job runs on after its last replication is gone
 * @param farewell so long it runs on at most until it has told that the last one has ended
 * @param encrypts whether the arguments name keys that what waits is encrypted with
 * @param holder of the lease: a name that no other living process has. One that is killed and
 *     started again under it goes on at once; null: a new one for each process
 */
public record LaunchOptions(
        Function<UUID, List<String>> arguments,
        int parallelism,
        Duration interval,
        Duration lease,
        Duration linger,
        Duration farewell,
        boolean encrypts,
        @Nullable String holder) {

    public static final Duration DEFAULT_LEASE = Duration.ofSeconds(15);
    private static final Duration DEFAULT_INTERVAL = Duration.ofMillis(500);

    public LaunchOptions {
        if (parallelism < 1 || parallelism > 128) {
            throw new IllegalArgumentException(
                    "parallelism must be between 1 and 128, got " + parallelism);
        }
    }

    public static LaunchOptions of(Function<UUID, List<String>> arguments, int parallelism) {
        return new LaunchOptions(
                arguments,
                parallelism,
                DEFAULT_INTERVAL,
                DEFAULT_LEASE,
                Step.LINGER,
                Step.FAREWELL,
                false,
                null);
    }

    public LaunchOptions heldBy(String name) {
        return new LaunchOptions(
                arguments, parallelism, interval, lease, linger, farewell, encrypts, name);
    }

    public LaunchOptions encrypting(boolean keys) {
        return new LaunchOptions(
                arguments, parallelism, interval, lease, linger, farewell, keys, holder);
    }
}
