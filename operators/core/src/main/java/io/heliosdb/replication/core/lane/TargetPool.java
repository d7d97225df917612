package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.core.schedule.TokenBucket;
import io.heliosdb.replication.model.config.TargetConfig;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bounded set of sessions to one target, and the lanes that are ready for it, see {@link
 * ReadyLanes}.
 *
 * <p>Lanes that may hold a session for long, because their transaction is large, because they have
 * very much to do or because they failed in a group, go alone and never take the last session: the
 * others need one. A target with one session serves both in turn. Some lanes have a session of
 * their own, see {@link KeptSessions}.
 *
 * <p>A {@link Breaker} guards the target.
 */
final class TargetPool implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TargetPool.class);

    /** Read by the workers too. */
    private volatile TargetConfig target;

    private final Timers timers;
    private final Applies applies;
    private final List<TargetWorker> workers = new ArrayList<>();
    private final ArrayDeque<TargetWorker> idle = new ArrayDeque<>();
    private final ArrayDeque<TargetWorker.Work> chores = new ArrayDeque<>();
    private final ReadyLanes ready;
    private final Set<TargetWorker> aloneOut = new HashSet<>();
    private final KeptSessions kept;

    /** What this subtask may send to the target. */
    private TokenBucket rate;

    private final int subtasks;
    private boolean waitingForRate;

    /** Lanes whose next row finds its place taken. */
    private final Set<Lane> waiting = new LinkedHashSet<>();

    private boolean aloneWasLast;
    private final Breaker breaker;
    private final Backoff refusals = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(15));
    private final Gathering gathering = new Gathering(System::nanoTime);
    private boolean lookingAgain;

    private boolean advancing;

    /** Makes work of the lanes that are ready. */
    interface Applies {

        /** Of lanes that may share a transaction; null if none of them has anything to apply. */
        TargetWorker.@Nullable Work group(TargetPool pool);

        /**
         * Of this lane; null if it has nothing to apply.
         *
         * @param waiting lanes whose next row finds its place taken
         */
        TargetWorker.@Nullable Work alone(Lane lane, List<Lane> waiting);
    }

    /**
     * @param subtasks so many share what may go to the target
     * @param sourceNowMicros by the source's clock, as commit times are
     */
    TargetPool(
            TargetConfig target,
            int subtasks,
            BiFunction<TargetConfig, String, TargetSession> opener,
            Executor owner,
            LongSupplier sourceNowMicros,
            Timers timers,
            Applies applies) {
        this.target = target;
        this.subtasks = subtasks;
        this.rate = rateOf(target);
        this.timers = timers;
        this.applies = applies;
        this.breaker = new Breaker(target.name(), timers, this::pump);
        for (int i = 0; i < target.lanes(); i++) {
            String name = "apply-" + target.name() + "-" + i;
            workers.add(
                    new TargetWorker(
                            name, () -> opener.apply(this.target, name), owner, this::finished));
        }
        idle.addAll(workers);
        this.kept =
                new KeptSessions(
                        number -> {
                            String name = "apply-" + target.name() + "-kept-" + number;
                            return new TargetWorker(
                                    name,
                                    () -> opener.apply(this.target, name),
                                    owner,
                                    this::finished);
                        },
                        idle::isEmpty,
                        target.lanes());
        this.ready = new ReadyLanes(sourceNowMicros, kept::keeps);
    }

    private TokenBucket rateOf(TargetConfig config) {
        return new TokenBucket(config.bytesPerSecond() / subtasks, System.nanoTime());
    }

    /** What this subtask may send to the target. */
    TokenBucket rate() {
        return rate;
    }

    TargetConfig target() {
        return target;
    }

    /**
     * The target is reached otherwise from now on; sessions that are in use stay until they break.
     */
    void moved(TargetConfig next) {
        boolean changed = !target.equals(next);
        target = next;
        if (changed) {
            rate = rateOf(next);
            workers.forEach(TargetWorker::reconnect);
            kept.reconnect();
            kept.mayOpen();
            breaker.tryNow();
        }
    }

    /** Does something short before the next lane gets its turn. */
    void chore(TargetWorker.Work work) {
        chores.add(work);
        pump();
    }

    /** How many lanes have a session of their own. */
    int keptSessions() {
        return kept.size();
    }

    /** Who is ready for this target. */
    ReadyLanes ready() {
        return ready;
    }

    /** The next row of this lane finds its place taken: others may wait for it as well. */
    void waits(Lane lane) {
        waiting.add(lane);
    }

    private List<Lane> waiting() {
        waiting.removeIf(lane -> lane.removed || !lane.taken.isWaiting());
        return List.copyOf(waiting);
    }

    /** Hands work to idle workers as long as there is both. */
    void pump() {
        pumpKept();
        pumpShared();
        if (idle.isEmpty()) {
            Lane first = ready.peekShared();
            if (first != null && kept.helps(first)) {
                ready.moved(first);
                pumpKept();
            }
        }
    }

    private void pumpShared() {
        while (breaker.letsThrough() && !idle.isEmpty()) {
            TargetWorker.Work chore = chores.pollFirst();
            if (chore != null) {
                dispatch(chore);
            } else if (Discipline.CURRENT == Discipline.FIFO && breaker.well()) {
                pumpInOrder();
                return;
            } else if (isOverRate()
                    || !(breaker.well()
                            ? pumpAlone() || pumpGroup() || pumpAlone()
                            : pumpProbe())) {
                return;
            }
        }
    }

    /** Whether nothing may go out for now; if so, it is pumped again once something may. */
    private boolean isOverRate() {
        long wait = rate.waitNanos(System.nanoTime());
        if (wait > 0 && !waitingForRate) {
            waitingForRate = true;
            timers.after(
                    roundedUp(wait),
                    () -> {
                        waitingForRate = false;
                        pump();
                    });
        }
        return wait > 0;
    }

    /** What was committed first, once nothing is out. */
    private void pumpInOrder() {
        if (!gathering.isEmpty() || !aloneOut.isEmpty() || isOverRate()) {
            return;
        }
        Lane single = ready.aloneIsOlder() ? ready.pollAlone() : null;
        TargetWorker.Work work =
                single == null ? applies.group(this) : applies.alone(single, waiting());
        if (work != null && single != null) {
            aloneOut.add(dispatch(work));
        } else if (work != null) {
            gathering.sent(dispatch(work));
        }
    }

    /** Timers know milliseconds only. */
    static Duration roundedUp(long nanos) {
        return Duration.ofMillis((nanos + 999_999) / 1_000_000);
    }

    private void pumpKept() {
        while (breaker.well() && breaker.letsThrough() && !isOverRate()) {
            Lane lane = ready.pollKept();
            if (lane == null) {
                return;
            }
            TargetWorker worker = kept.of(lane);
            if (worker == null) {
                ready.add(lane);
                continue;
            }
            TargetWorker.Work work = applies.alone(lane, waiting());
            if (work != null) {
                worker.submit(work);
            }
        }
    }

    /**
     * One lane tries a target that was unwell, each time another: if it is a batch that breaks the
     * connection, those of the others find the target well.
     */
    private boolean pumpProbe() {
        while (true) {
            Lane lane = ready.pollLongestWaiting();
            if (lane == null) {
                return false;
            }
            TargetWorker.Work work = applies.alone(lane, waiting());
            if (work != null) {
                aloneOut.add(dispatch(work));
                return true;
            }
        }
    }

    private boolean pumpGroup() {
        aloneWasLast = false;
        Lane first = ready.peekShared();
        if (first == null) {
            return false;
        }
        if (!gathering.isWorthASession(first, ready.shared(), !aloneOut.isEmpty())) {
            lookAgain();
            return false;
        }
        TargetWorker.Work work = applies.group(this);
        if (work == null) {
            return false;
        }
        gathering.sent(dispatch(work));
        lookAgain();
        return true;
    }

    /** In turn with groups, so that neither waits for all of the other. */
    private boolean pumpAlone() {
        int most = Math.max(1, workers.size() - 1);
        while (!aloneWasLast && aloneOut.size() < most) {
            Lane lane = ready.pollAlone();
            if (lane == null) {
                return false;
            }
            TargetWorker.Work work = applies.alone(lane, waiting());
            if (work != null) {
                aloneWasLast = true;
                aloneOut.add(dispatch(work));
                return true;
            }
        }
        return false;
    }

    /** Commit to applied, of what was applied last. */
    void lagged(long micros) {
        gathering.lagged(micros);
    }

    private TargetWorker dispatch(TargetWorker.Work work) {
        TargetWorker worker = idle.removeFirst();
        breaker.sent(worker);
        worker.submit(work);
        return worker;
    }

    /** A group that does not come back soon must not hold up what is ready. */
    private void lookAgain() {
        if (lookingAgain) {
            return;
        }
        lookingAgain = true;
        timers.after(
                Gathering.PATIENCE,
                () -> {
                    lookingAgain = false;
                    pump();
                    if (ready.shared() > 0 && !idle.isEmpty() && breaker.letsThrough()) {
                        lookAgain();
                    }
                });
    }

    private void finished(
            TargetWorker worker, TargetWorker.Work work, @Nullable ApplyException failure) {
        boolean unwell = failure != null && failure.kind() == ApplyException.Kind.RETRY_TARGET;
        boolean refused = unwell && breaker.well() && worker.wasRefused() && othersAreConnected();
        if (!unwell) {
            refusals.succeeded();
            breaker.succeeded(worker);
        } else if (!refused) {
            // What broke one connection broke those that nobody used meanwhile.
            idle.forEach(TargetWorker::reconnect);
            kept.reconnect();
            breaker.failed(worker, failure.getMessage());
        }
        if (failure == null) {
            TargetWorker.Work next = work.succeeded();
            if (next != null) {
                goOn(worker, next);
                pump();
                return;
            }
        } else {
            work.failed(failure);
        }
        if (worker.kept) {
            if (refused) {
                kept.refused(worker);
                timers.after(refusals.failed(), kept::mayOpen);
            }
            kept.finished(worker);
            pump();
            return;
        }
        gathering.back(worker);
        aloneOut.remove(worker);
        if (refused) {
            rest(worker, failure);
        } else if (unwell && worker.wasRefused()) {
            // Next time another one: it may have what this one does not get.
            idle.addLast(worker);
        } else {
            idle.addFirst(worker);
        }
        pump();
    }

    /** The next piece of a large transaction, once it may. */
    private void goOn(TargetWorker worker, TargetWorker.Work next) {
        long wait = next.waitNanos();
        if (wait > 0) {
            timers.after(roundedUp(wait), () -> worker.submit(next));
        } else {
            worker.submit(next);
        }
    }

    private boolean othersAreConnected() {
        return workers.stream().anyMatch(TargetWorker::isConnected) || kept.isConnected();
    }

    /**
     * The target has no connection for this worker, and serves others: they go on, and this one
     * tries again later.
     */
    private void rest(TargetWorker worker, ApplyException cause) {
        Duration rest = refusals.failed();
        if (refusals.failures() == 1) {
            LOG.warn(
                    "target refuses a further session target={} cause={}",
                    target.name(),
                    cause.getMessage());
        }
        timers.after(
                rest,
                () -> {
                    idle.addLast(worker);
                    pump();
                });
    }

    /** Somebody says that the target may be well again: it is tried without waiting. */
    void tryNow() {
        breaker.tryNow();
    }

    /** Whether the target takes work at the moment. */
    boolean healthy() {
        return breaker.well();
    }

    /** How often the target has come back. */
    long recoveries() {
        return breaker.recoveries();
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
        kept.stop();
        workers.forEach(TargetWorker::close);
        kept.close();
    }
}
