package io.heliosdb.replication.core.lane;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Guards a target: when it is unwell, nothing is sent for a while, then one piece of work tries it.
 * Owned by the engine's thread.
 */
final class Breaker {

    private static final Logger LOG = LoggerFactory.getLogger(Breaker.class);

    private final String target;
    private final Timers timers;
    private final Runnable rested;
    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(15));
    private boolean resting;
    private long rests;
    private long recoveries;

    /** The one worker that tries a target that was unwell. */
    private @Nullable TargetWorker probe;

    /**
     * @param rested told when the target may be tried again
     */
    Breaker(String target, Timers timers, Runnable rested) {
        this.target = target;
        this.timers = timers;
        this.rested = rested;
    }

    /** Whether the last that was heard of the target is good. */
    boolean well() {
        return backoff.failures() == 0;
    }

    /** Whether something may be sent now; if the target is not well, it is a probe. */
    boolean letsThrough() {
        return !resting && (well() || probe == null);
    }

    /** Something was sent. */
    void sent(TargetWorker worker) {
        if (!well()) {
            probe = worker;
        }
    }

    /** The target answered. */
    void succeeded(TargetWorker worker) {
        if (!well()) {
            recoveries++;
            LOG.info("target is back target={}", target);
        }
        backoff.succeeded();
        answered(worker);
    }

    /** The target was not there, or went away. */
    void failed(TargetWorker worker, String cause) {
        answered(worker);
        if (resting) {
            return;
        }
        Duration rest = backoff.failed();
        if (backoff.failures() == 1) {
            LOG.warn("target is unwell target={} cause={}", target, cause);
        }
        resting = true;
        long own = ++rests;
        timers.after(
                rest,
                () -> {
                    if (own == rests) {
                        tryNow();
                    }
                });
    }

    /** Ends a rest. */
    void tryNow() {
        resting = false;
        rests++;
        rested.run();
    }

    private void answered(TargetWorker worker) {
        if (worker == probe) {
            probe = null;
        }
    }

    /** How often the target has come back. */
    long recoveries() {
        return recoveries;
    }
}
