package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.core.apply.ClaimRequest;
import io.heliosdb.replication.core.apply.LaneBatch;
import io.heliosdb.replication.core.apply.QuarantinedRow;
import io.heliosdb.replication.core.apply.Removal;
import io.heliosdb.replication.core.apply.Resync;
import io.heliosdb.replication.core.apply.SkipOrder;
import io.heliosdb.replication.core.apply.StateReport;
import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.sequence.SequenceGoal;
import io.heliosdb.replication.model.Epoch;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.TenantTransaction;
import io.heliosdb.replication.model.config.TableFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** A target in memory: keeps what was applied, and fails as told. */
final class FakeTarget {

    /** Whose rows were to be removed. */
    final List<ReplicationId> removed = new CopyOnWriteArrayList<>();

    /** For whom the next removals wait; each is asked for again until there is none. */
    final Queue<Optional<String>> carriers = new ConcurrentLinkedQueue<>();

    final Map<ReplicationId, List<Long>> applied = new HashMap<>();
    final Map<ReplicationId, Position> progress = new HashMap<>();
    final Map<ReplicationId, StateReport> states = new HashMap<>();
    final Map<ReplicationId, Long> epochs = new HashMap<>();
    final Map<ReplicationId, TableFilter> filters = new HashMap<>();
    final Map<String, Long> sequences = new ConcurrentHashMap<>();
    final Set<String> missingSequences = ConcurrentHashMap.newKeySet();
    final Map<ReplicationId, Resync> resyncs = new HashMap<>();
    final Map<ReplicationId, Long> resyncedLsn = new HashMap<>();
    final Map<ReplicationId, List<Long>> skipped = new HashMap<>();
    final List<Integer> groupSizes = new ArrayList<>();
    volatile Function<LaneBatch, ApplyException> trouble = batch -> null;
    volatile Function<ReplicationSpec, ApplyException> claimTrouble = spec -> null;
    volatile ApplyException reportTrouble;
    final List<StateReport> reports = new CopyOnWriteArrayList<>();
    volatile int reportAttempts;
    volatile boolean down;
    volatile boolean sawDown;
    volatile int connectionLimit = Integer.MAX_VALUE;

    /** What its sessions were called. */
    final Set<String> names = ConcurrentHashMap.newKeySet();

    private int open;
    private int refusals;
    int sessions;

    synchronized List<Long> appliedOf(String replication) {
        return List.copyOf(applied.getOrDefault(new ReplicationId(replication), List.of()));
    }

    synchronized int openSessions() {
        return open;
    }

    synchronized int refusals() {
        return refusals;
    }

    synchronized int appliedTransactions() {
        return applied.values().stream().mapToInt(List::size).sum();
    }

    synchronized StateReport stateOf(String replication) {
        return states.get(new ReplicationId(replication));
    }

    synchronized TableFilter filterOf(String replication) {
        return filters.get(new ReplicationId(replication));
    }

    synchronized void setProgress(String replication, Position position) {
        progress.put(new ReplicationId(replication), position);
    }

    synchronized TargetSession open(String name) {
        names.add(name);
        if (down || open >= connectionLimit) {
            refusals++;
            throw down();
        }
        open++;
        return new Session();
    }

    private static ApplyException down() {
        return new ApplyException(
                ApplyException.Kind.RETRY_TARGET,
                ErrorCode.TARGET_UNREACHABLE,
                "08006",
                "target is down",
                null);
    }

    private final class Session implements TargetSession {

        private final List<TenantTransaction> streamed = new ArrayList<>();

        @Override
        public Claim claim(ClaimRequest request) {
            check();
            ReplicationSpec spec = request.spec();
            TableFilter known = request.known();
            TableFilter now = request.now();
            ApplyException problem = claimTrouble.apply(spec);
            if (problem != null) {
                throw problem;
            }
            synchronized (FakeTarget.this) {
                long epoch = epochs.merge(spec.id(), 1L, Long::sum);
                Position position = progress.getOrDefault(spec.id(), Position.START);
                if (position.equals(Position.START)
                        || Objects.equals(filters.get(spec.id()), known)) {
                    filters.put(spec.id(), now);
                }
                Resync begin = request.begin();
                Resync done = request.done();
                Resync pending = resyncs.get(spec.id());
                if (done != null && pending != null && done.commandLsn() == pending.commandLsn()) {
                    resyncs.remove(spec.id());
                } else if (begin != null
                        && begin.commandLsn() > resyncedLsn.getOrDefault(spec.id(), 0L)) {
                    resyncs.put(spec.id(), begin);
                    resyncedLsn.put(spec.id(), begin.commandLsn());
                    if (begin.isWhole()) {
                        position = Position.after(new Lsn(begin.commandLsn()));
                        progress.put(spec.id(), position);
                    }
                }
                return new Claim(
                        new Epoch(epoch),
                        position,
                        ReplicationState.STREAMING,
                        List.of(),
                        filters.get(spec.id()),
                        resyncs.get(spec.id()),
                        null);
            }
        }

        @Override
        public List<QuarantinedRow> quarantined(ReplicationId replication, long commitLsn) {
            return List.of();
        }

        @Override
        public Removal removeRows(ReplicationSpec ended) {
            check();
            removed.add(ended.id());
            return new Removal(1, carriers.isEmpty() ? Optional.empty() : carriers.remove());
        }

        @Override
        public ApplyResult apply(List<LaneBatch> group) {
            check();
            for (LaneBatch batch : group) {
                ApplyException problem = trouble.apply(batch);
                if (problem != null) {
                    throw group.size() == 1 || problem.kind() == ApplyException.Kind.RETRY_TARGET
                            ? problem
                            : new ApplyException(
                                    ApplyException.Kind.SPLIT_GROUP,
                                    problem.code(),
                                    problem.sqlState(),
                                    problem.getMessage(),
                                    null);
                }
            }
            synchronized (FakeTarget.this) {
                groupSizes.add(group.size());
                group.forEach(batch -> record(batch, batch.transactions()));
            }
            return new ApplyResult(0, 0, 0);
        }

        @Override
        public List<SequenceGoal> advanceSequences(List<SequenceGoal> goals) {
            check();
            synchronized (FakeTarget.this) {
                goals.stream()
                        .filter(goal -> !missingSequences.contains(goal.column()))
                        .forEach(goal -> sequences.put(goal.column(), goal.value()));
                return goals.stream()
                        .filter(goal -> missingSequences.contains(goal.column()))
                        .toList();
            }
        }

        @Override
        public void skip(LaneBatch piece, SkipOrder order) {
            check();
            synchronized (FakeTarget.this) {
                if (piece.lastTransaction().last()) {
                    skipped.computeIfAbsent(piece.replication(), id -> new ArrayList<>())
                            .add(order.commitLsn());
                    progress.put(piece.replication(), piece.lastTransaction().position());
                }
            }
        }

        private void record(LaneBatch batch, List<TenantTransaction> transactions) {
            long before =
                    progress.getOrDefault(batch.replication(), Position.START).commitLsn().value();
            for (TenantTransaction transaction : transactions) {
                if (transaction.commitLsn() > before) {
                    applied.computeIfAbsent(batch.replication(), id -> new ArrayList<>())
                            .add(transaction.commitLsn() * 1000 + transaction.part());
                }
            }
            progress.put(
                    batch.replication(),
                    Position.after(new Lsn(batch.lastTransaction().commitLsn())));
        }

        @Override
        public ApplyResult stream(LaneBatch parts) {
            check();
            ApplyException problem = trouble.apply(parts);
            if (problem != null) {
                streamed.clear();
                throw problem;
            }
            streamed.addAll(parts.transactions());
            return new ApplyResult(0, 0, 0);
        }

        @Override
        public ApplyResult commitStream(LaneBatch closing) {
            stream(closing);
            synchronized (FakeTarget.this) {
                record(closing, streamed);
            }
            streamed.clear();
            return new ApplyResult(0, 0, 0);
        }

        @Override
        public void rollbackStream() {
            streamed.clear();
        }

        @Override
        public void advance(List<Advance> advances) {
            check();
            synchronized (FakeTarget.this) {
                for (Advance advance : advances) {
                    progress.merge(
                            advance.replication(),
                            advance.position(),
                            (old, now) -> now.isAfter(old) ? now : old);
                }
            }
        }

        @Override
        public void report(ReplicationId replication, Epoch epoch, StateReport report) {
            check();
            synchronized (FakeTarget.this) {
                checkReport();
                if (epochs.get(replication) <= epoch.value()) {
                    record(replication, report);
                }
            }
        }

        @Override
        public Epoch reportUnclaimed(
                ReplicationSpec spec, SourceIdentity source, Epoch lastHeld, StateReport report) {
            check();
            synchronized (FakeTarget.this) {
                checkReport();
                StateReport there = states.get(spec.id());
                long epoch = epochs.computeIfAbsent(spec.id(), id -> 0L);
                boolean free = there != null && there.state() == ReplicationState.STOPPED;
                if (epoch <= lastHeld.value() || free) {
                    record(spec.id(), report);
                    return new Epoch(epoch);
                }
                return lastHeld;
            }
        }

        @Override
        public void release(ReplicationId replication, Epoch epoch) {
            check();
            synchronized (FakeTarget.this) {
                if (epochs.get(replication) == epoch.value()) {
                    epochs.merge(replication, 1L, Long::sum);
                    states.put(replication, new StateReport(ReplicationState.STOPPED, null, null));
                }
            }
        }

        private void checkReport() {
            reportAttempts++;
            if (reportTrouble != null) {
                throw reportTrouble;
            }
        }

        private void record(ReplicationId replication, StateReport report) {
            states.put(replication, report);
            reports.add(report);
        }

        private void check() {
            if (down) {
                sawDown = true;
                throw down();
            }
        }

        @Override
        public void abort() {}

        @Override
        public void close() {
            synchronized (FakeTarget.this) {
                open--;
            }
        }
    }
}
