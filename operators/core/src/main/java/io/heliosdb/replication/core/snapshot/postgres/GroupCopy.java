package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.schema.TableScope;
import io.heliosdb.replication.core.snapshot.SyncEngine;
import io.heliosdb.replication.core.snapshot.SyncListener;
import io.heliosdb.replication.core.snapshot.SyncRequest;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.SourceConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The copy of one group: the coordinator. Prepares, lets workers copy, and tells the listener; all
 * its fields are its own thread's, except where workers call the methods that say so.
 */
final class GroupCopy implements Runnable, SyncEngine.Copying {

    private static final long REPORT_MS = 1000;

    /** So many figures may be written a second; larger groups report less often. */
    private static final long FIGURES_PER_SECOND = 1000;

    private final SourceConfig sourceConfig;
    private final DatabaseConfig targetDatabase;
    private final TableScope scope;
    private final int workers;
    private final SyncConnections connections;
    private final Semaphore places;
    private final Executor threads;
    private final Members members;

    /** What workers report, to be done by the coordinator. */
    private final BlockingQueue<Runnable> events = new LinkedBlockingQueue<>();

    private final TaskQueue tasks;
    private final List<TablePlan> tables = new ArrayList<>();

    /** Members that may have become complete. */
    private final Set<Member> ready = new LinkedHashSet<>();

    private final List<CopyWorker> copying = new CopyOnWriteArrayList<>();

    /** The coordinator's own. */
    private final Set<Connection> sessions = ConcurrentHashMap.newKeySet();

    private volatile boolean stopped;
    private volatile @Nullable ExportedSnapshot snapshot;

    GroupCopy(
            SourceConfig sourceConfig,
            DatabaseConfig targetDatabase,
            TableScope scope,
            int workers,
            SyncConnections connections,
            Semaphore places,
            Semaphore furtherWorkers,
            Executor threads,
            List<SyncRequest> requests,
            SyncListener listener) {
        this.sourceConfig = sourceConfig;
        this.targetDatabase = targetDatabase;
        this.scope = scope;
        this.workers = workers;
        this.connections = connections;
        this.places = places;
        this.tasks = new TaskQueue(furtherWorkers);
        this.threads = threads;
        this.members = new Members(requests, listener, connections::isClosed);
    }

    @Override
    public void run() {
        try {
            awaitVisibility();
            places.acquire();
            try {
                copy();
            } finally {
                places.release();
            }
        } catch (ApplyException e) {
            members.failAll(e);
        } catch (ReplicationException e) {
            members.failAll(Failures.of(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        } catch (RuntimeException e) {
            members.failAll(unexpected(e));
        }
        members.tellFailures();
    }

    /** Has its own sessions and takes no place: this may last, and others need not wait with it. */
    private void awaitVisibility() throws InterruptedException {
        if (members.all().stream().allMatch(it -> it.request().pendingXids().length == 0)) {
            return;
        }
        Connection source = own(connections.source(sourceConfig.database()));
        Connection target = own(connections.target(targetDatabase));
        try {
            Set<Member> told = new HashSet<>();
            new VisibilityWait(source)
                    .await(
                            members.all(),
                            (waiting, reason) -> {
                                told.addAll(waiting);
                                writeReason(target, waiting, reason);
                                members.tellWait(waiting, reason);
                            });
            writeReason(target, List.copyOf(told), null);
        } catch (SQLException e) {
            throw Failures.source(e);
        } finally {
            release(source);
            release(target);
        }
    }

    private static void writeReason(
            Connection target, List<Member> waiting, @Nullable String reason) {
        try {
            if (!waiting.isEmpty()) {
                new SyncStore(target).reason(waiting, reason);
                target.commit();
            }
        } catch (SQLException e) {
            throw Failures.target(e);
        }
    }

    private void copy() throws InterruptedException {
        Connection target = own(connections.target(targetDatabase));
        try {
            Set<TableId> created = copyRows(target);
            members.tellFailures();
            Afterwards.run(target, created);
        } finally {
            release(target);
        }
    }

    private Set<TableId> copyRows(Connection target) throws InterruptedException {
        Connection source = own(connections.source(sourceConfig.database()));
        try {
            GroupPlan.Prepared plan =
                    new GroupPlan(scope, members.all(), source, target, furtherSessions())
                            .prepare(sourceConfig.publication(), workers);
            snapshot = plan.snapshot();
            members.tellFailures();
            tables.addAll(plan.tables());
            for (TablePlan table : tables) {
                table.waiting.forEach(member -> member.open.add(table.table()));
            }
            members.tellPlanned(tables);
            tasks.add(tables, plan.tasks());
            members.tellProgress();
            finishComplete(target, members.completeAmong(members.all()));
            coordinate(source, target);
            members.failAll(
                    Failures.rejected(ErrorCode.INTERNAL, "the copy ended without an outcome"));
            Set<TableId> analyze = new TreeSet<>(plan.created());
            analyze.retainAll(tables.stream().map(TablePlan::table).toList());
            return analyze;
        } finally {
            stopped = true;
            // Ends the snapshot and the locks.
            release(source);
        }
    }

    private GroupSource.Sessions furtherSessions() {
        return new GroupSource.Sessions() {
            @Override
            public Connection open() {
                return own(connections.source(sourceConfig.database()));
            }

            @Override
            public void release(Connection session) {
                GroupCopy.this.release(session);
            }
        };
    }

    /** Runs the workers to their end, telling the listener what happens meanwhile. */
    private void coordinate(Connection source, Connection target) throws InterruptedException {
        int running = Math.min(workers, tasks.size());
        int[] ended = {0};
        for (int i = 0; i < running; i++) {
            CopyWorker worker = new CopyWorker(connections, this);
            boolean further = i > 0;
            copying.add(worker);
            threads.execute(() -> work(worker, further, () -> ended[0]++));
        }
        long interval =
                TimeUnit.MILLISECONDS.toNanos(
                        REPORT_MS * (1 + members.all().size() / FIGURES_PER_SECOND));
        long next = System.nanoTime() + interval;
        // Until all have ended, whatever happens: nothing may be written behind a told failure.
        while (ended[0] < running) {
            Runnable event = events.poll(next - System.nanoTime(), TimeUnit.NANOSECONDS);
            try {
                if (event != null) {
                    event.run();
                    finishComplete(target, members.completeAmong(ready));
                    ready.clear();
                    members.tellFailures();
                } else {
                    next = System.nanoTime() + interval;
                    if (!stopped) {
                        report(source, target);
                    }
                }
            } catch (ApplyException e) {
                stopped = true;
                members.failAll(e);
            }
            if (stopped) {
                // Whoever waits for a lock or a slow server need not do so any more.
                copying.forEach(CopyWorker::close);
            }
        }
        if (!stopped) {
            writeProgress(target, members.all());
        }
    }

    /** Figures first: whoever hears that a copy is finished finds them final. */
    private void finishComplete(Connection target, List<Member> complete) {
        if (!complete.isEmpty()) {
            writeProgress(target, complete);
            members.tellFinished(complete);
        }
    }

    private void report(Connection source, Connection target) {
        members.tellFailures();
        writeProgress(target, members.tellProgress());
        // The snapshot's session must live: its locks keep the tables as they are.
        try (Statement ping = source.createStatement()) {
            ping.execute("SELECT");
        } catch (SQLException e) {
            throw Failures.snapshotLost(e);
        }
    }

    private static void writeProgress(Connection target, List<Member> moved) {
        try {
            new SyncStore(target).progress(moved);
            target.commit();
        } catch (SQLException e) {
            throw Failures.target(e);
        }
    }

    /** A worker's thread. */
    private void work(CopyWorker own, boolean further, Runnable atEnd) {
        try (CopyWorker worker = own) {
            tasks.carryOut(worker, further, () -> stopped);
        } catch (ApplyException e) {
            stopped = true;
            events.add(() -> members.failAll(e));
        } catch (InterruptedException e) {
            stopped = true;
        } catch (RuntimeException e) {
            stopped = true;
            events.add(() -> members.failAll(unexpected(e)));
        } finally {
            events.add(atEnd);
        }
    }

    // ---- called by the owner of the group ----------------------------------------------------

    @Override
    public void cancel(ReplicationId replication) {
        for (Member member : members.all()) {
            if (member.id().equals(replication)) {
                member.fail(Failures.fenced("the copy of " + replication + " was cancelled"));
                copying.forEach(worker -> worker.without(member));
            }
        }
        if (members.active().isEmpty()) {
            stopped = true;
            copying.forEach(CopyWorker::close);
            sessions.forEach(this::release);
        }
        // The coordinator looks who has failed.
        events.add(() -> {});
    }

    /** A session of the coordinator, which ends if nobody is left to be copied. */
    private Connection own(Connection session) {
        sessions.add(session);
        if (members.active().isEmpty()) {
            release(session);
            throw Failures.fenced("nobody is left to be copied");
        }
        return session;
    }

    private void release(Connection session) {
        sessions.remove(session);
        connections.release(session);
    }

    // ---- called by workers -------------------------------------------------------------------

    DatabaseConfig sourceDatabase() {
        return sourceConfig.database();
    }

    DatabaseConfig targetDatabase() {
        return targetDatabase;
    }

    ExportedSnapshot snapshot() {
        ExportedSnapshot taken = snapshot;
        if (taken == null) {
            throw new IllegalStateException("no snapshot yet");
        }
        return taken;
    }

    TaskQueue tasks() {
        return tasks;
    }

    /** All rows of this table are copied and recorded. */
    void tableCopied(TablePlan table) {
        events.add(
                () -> {
                    table.members.forEach(
                            (member, counts) -> {
                                if (member.isActive()) {
                                    member.synced.add(snapshot().synced(table.table()));
                                    members.tellCopied(member, table.table(), counts);
                                }
                            });
                });
    }

    /** The tables of this tree are copied and have their indexes. */
    void treeReady(TableId root) {
        events.add(
                () -> {
                    Set<Member> concerned = new LinkedHashSet<>();
                    for (TablePlan table : tables) {
                        if (table.root.equals(root)) {
                            table.waiting.forEach(member -> member.open.remove(table.table()));
                            concerned.addAll(table.waiting);
                        }
                    }
                    ready.addAll(concerned);
                });
    }

    void failTree(TableId root, ApplyException cause) {
        for (TablePlan table : tables) {
            if (table.root.equals(root)) {
                table.waiting.forEach(member -> member.fail(cause));
            }
        }
    }

    private static ApplyException unexpected(RuntimeException e) {
        return new ApplyException(
                ApplyException.Kind.REJECTED, ErrorCode.INTERNAL, "", e.toString(), e);
    }
}
