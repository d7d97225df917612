package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.model.config.TargetConfig;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bounded set of sessions to one target, and the queue of lanes that are ready for it. First
 * come, first served: a lane that has more to do goes to the end.
 *
 * <p>A circuit breaker guards the target: when it is unwell, nothing is sent for a while, then one
 * piece of work tries it.
 */
final class TargetPool implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TargetPool.class);

    private final TargetConfig target;
    private final Timers timers;
    private final Function<TargetPool, TargetWorker.@Nullable Work> nextApply;
    private final List<TargetWorker> workers = new ArrayList<>();
    private final ArrayDeque<TargetWorker> idle = new ArrayDeque<>();
    private final ArrayDeque<TargetWorker.Work> chores = new ArrayDeque<>();
    private final ArrayDeque<Lane> ready = new ArrayDeque<>();
    private final Backoff breaker = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(15));
    private boolean open;
    private boolean advancing;
    private @Nullable String trouble;

    /**
     * @param nextApply makes the next piece of apply work from {@link #pollReady}, or null if there
     *     is none
     */
    TargetPool(
            TargetConfig target,
            Function<String, TargetSession> opener,
            Executor owner,
            Timers timers,
            Function<TargetPool, TargetWorker.@Nullable Work> nextApply) {
        this.target = target;
        this.timers = timers;
        this.nextApply = nextApply;
        for (int i = 0; i < target.lanes(); i++) {
            String name = "apply-" + target.name() + "-" + i;
            workers.add(new TargetWorker(name, () -> opener.apply(name), owner, this::finished));
        }
        idle.addAll(workers);
    }

    TargetConfig target() {
        return target;
    }

    /** Does something short before the next lane gets its turn. */
    void chore(TargetWorker.Work work) {
        chores.add(work);
        pump();
    }

    void enqueue(Lane lane) {
        if (!lane.queued && lane.runnable()) {
            lane.queued = true;
            ready.addLast(lane);
        }
    }

    /** Puts back a lane that was polled and not used, at its place. */
    void putBack(Lane lane) {
        lane.queued = true;
        ready.addFirst(lane);
    }

    /** The next runnable lane, or null. */
    @Nullable Lane pollReady() {
        while (true) {
            Lane lane = ready.pollFirst();
            if (lane == null) {
                return null;
            }
            lane.queued = false;
            if (lane.runnable()) {
                return lane;
            }
        }
    }

    /** Hands work to idle workers as long as there is both. */
    void pump() {
        boolean probing = breaker.failures() > 0;
        while (!open && !idle.isEmpty() && !(probing && idle.size() < workers.size())) {
            TargetWorker.Work work = chores.pollFirst();
            if (work == null) {
                work = nextApply.apply(this);
            }
            if (work == null) {
                return;
            }
            idle.pollFirst().submit(work);
        }
    }

    private void finished(
            TargetWorker worker, TargetWorker.Work work, @Nullable ApplyException failure) {
        if (failure == null || failure.kind() != ApplyException.Kind.RETRY_TARGET) {
            if (breaker.failures() > 0) {
                LOG.info("target is back target={}", target.name());
            }
            breaker.succeeded();
            trouble = null;
        } else {
            trip(failure);
        }
        if (failure == null) {
            TargetWorker.Work next = work.succeeded();
            if (next != null) {
                worker.submit(next);
                return;
            }
        } else {
            work.failed(failure);
        }
        idle.addFirst(worker);
        pump();
    }

    private void trip(ApplyException failure) {
        if (open) {
            return;
        }
        trouble = failure.getMessage();
        Duration rest = breaker.failed();
        if (breaker.failures() == 1) {
            LOG.warn("target is unwell target={} cause={}", target.name(), failure.getMessage());
        }
        open = true;
        timers.after(
                rest,
                () -> {
                    open = false;
                    pump();
                });
    }

    /** Whether the target takes work at the moment. */
    boolean healthy() {
        return breaker.failures() == 0;
    }

    /** Why it does not, or null. */
    @Nullable String trouble() {
        return trouble;
    }

    /** Marks an advance as under way; false if one still is. */
    boolean beginAdvance() {
        if (advancing || !healthy()) {
            return false;
        }
        advancing = true;
        return true;
    }

    void endAdvance() {
        advancing = false;
    }

    @Override
    public void close() {
        workers.forEach(TargetWorker::stop);
        workers.forEach(TargetWorker::close);
    }
}
