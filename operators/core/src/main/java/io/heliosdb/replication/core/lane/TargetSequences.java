package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.core.sequence.SequenceGoal;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.TableId;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries sequences to the targets: the newest goal of each, in one statement at a time. What the
 * target does not have yet (its table is being copied), and what it did not answer to, is tried
 * again. Owned by the engine's thread.
 */
final class TargetSequences {

    private static final Logger LOG = LoggerFactory.getLogger(TargetSequences.class);
    private static final int AT_A_TIME = 2_000;

    private final TargetPools pools;
    private final Timers timers;
    private final Map<String, Open> open = new HashMap<>();

    TargetSequences(TargetPools pools, Timers timers) {
        this.pools = pools;
        this.timers = timers;
    }

    /** What a target is yet to be told. */
    private static final class Open {
        final Map<Column, SequenceGoal> goals = new LinkedHashMap<>();
        boolean underWay;
        boolean waiting;
        boolean failed;
        final Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1));
    }

    private record Column(TableId sequence, TableId table, String column) {
        static Column of(SequenceGoal goal) {
            return new Column(goal.sequence(), goal.table(), goal.column());
        }
    }

    void accept(LaneInput.Sequences sequences) {
        TargetPool pool = pools.named(sequences.target());
        if (pool == null) {
            return;
        }
        Open own = open.computeIfAbsent(sequences.target(), it -> new Open());
        sequences.goals().forEach(goal -> own.goals.put(Column.of(goal), goal));
        send(pool, own);
    }

    private void send(TargetPool pool, Open own) {
        if (own.underWay || own.goals.isEmpty()) {
            return;
        }
        own.underWay = true;
        List<SequenceGoal> goals = own.goals.values().stream().limit(AT_A_TIME).toList();
        pool.chore(new Work(pool, own, goals));
    }

    private void later(TargetPool pool, Open own) {
        if (own.waiting || own.goals.isEmpty()) {
            return;
        }
        own.waiting = true;
        timers.after(
                own.backoff.failed(),
                () -> {
                    own.waiting = false;
                    send(pool, own);
                });
    }

    private final class Work implements TargetWorker.Work {
        private final TargetPool pool;
        private final Open own;
        private final List<SequenceGoal> goals;
        private volatile List<SequenceGoal> missing = List.of();

        Work(TargetPool pool, Open own, List<SequenceGoal> goals) {
            this.pool = pool;
            this.own = own;
            this.goals = goals;
        }

        @Override
        public void run(TargetSession session) {
            missing = session.advanceSequences(goals);
        }

        @Override
        public TargetWorker.@Nullable Work succeeded() {
            own.underWay = false;
            own.failed = false;
            // What is missing goes to the end, so that it keeps nobody from his turn.
            goals.forEach(goal -> own.goals.remove(Column.of(goal), goal));
            missing.forEach(goal -> own.goals.putIfAbsent(Column.of(goal), goal));
            if (missing.size() < goals.size()) {
                own.backoff.succeeded();
            }
            if (own.goals.size() > missing.size()) {
                send(pool, own);
            } else {
                later(pool, own);
            }
            return null;
        }

        @Override
        public void failed(ApplyException cause) {
            own.underWay = false;
            if (!own.failed && cause.kind() != ApplyException.Kind.RETRY_TARGET) {
                LOG.warn(
                        "sequences not carried, tried again target={} cause={}",
                        pool.target().name(),
                        cause.getMessage());
            }
            own.failed = true;
            later(pool, own);
        }
    }
}
