package io.heliosdb.replication.testkit;

import java.time.Duration;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Waits for what nothing announces (another process, a server's state) by looking at it again and
 * again, for a limited time. In vain, it throws an {@link AssertionError} that says what was
 * awaited and what was seen last.
 *
 * <p>A look that throws an exception has not seen it yet: servers may be away for a while. An
 * error, such as a failed assertion, ends the wait at once.
 */
public final class Await {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long PAUSE_MS = 5;

    /** One look at the outside. */
    @FunctionalInterface
    public interface Look<T> {
        T see() throws Exception;
    }

    private Await() {}

    /** Returns once the condition holds; waits a minute at most. */
    public static void until(String what, Look<Boolean> condition) {
        until(what, PATIENCE, condition);
    }

    /** Returns once the condition holds. */
    public static void until(String what, Duration patience, Look<Boolean> condition) {
        until(() -> what, patience, condition, holds -> holds);
    }

    /** Returns the first sight that is wanted; waits a minute at most. */
    public static <T> T until(String what, Look<T> look, Predicate<? super T> wanted) {
        return until(() -> what, PATIENCE, look, wanted);
    }

    /**
     * Returns the first sight that is wanted.
     *
     * @param what is awaited; asked when it was in vain, so it may tell of circumstances
     */
    public static <T> T until(
            Supplier<String> what, Duration patience, Look<T> look, Predicate<? super T> wanted) {
        long begin = System.nanoTime();
        while (true) {
            T seen = null;
            Exception failure = null;
            try {
                seen = look.see();
                if (wanted.test(seen)) {
                    return seen;
                }
            } catch (InterruptedException e) {
                throw interrupted(what, e);
            } catch (Exception e) {
                failure = e;
            }
            if (System.nanoTime() - begin > patience.toNanos()) {
                throw inVain(what, patience, seen, failure);
            }
            try {
                Thread.sleep(PAUSE_MS);
            } catch (InterruptedException e) {
                throw interrupted(what, e);
            }
        }
    }

    private static AssertionError inVain(
            Supplier<String> what,
            Duration patience,
            @Nullable Object seen,
            @Nullable Exception failure) {
        String last = failure == null ? "last seen: " + seen : "last look failed: " + failure;
        return new AssertionError(
                "waited %s in vain for %s; %s".formatted(patience, what.get(), last), failure);
    }

    private static AssertionError interrupted(Supplier<String> what, InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new AssertionError("interrupted while waiting for " + what.get(), cause);
    }
}
