package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.schema.TableScope;
import io.heliosdb.replication.core.schema.postgres.PendingDdl;
import io.heliosdb.replication.core.snapshot.SyncListener;
import io.heliosdb.replication.core.snapshot.SyncRequest;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.SourceConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The copy of one group: the coordinator. Prepares, lets workers copy, and tells the listener; all
 * its fields are its own thread's, except where workers call the methods that say so.
 */
final class GroupCopy implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(GroupCopy.class);

    private static final long REPORT_MS = 1000;
    private static final int FOREIGN_KEY_ATTEMPTS = 5;

    private final SourceConfig sourceConfig;
    private final DatabaseConfig targetDatabase;
    private final TableScope scope;
    private final int workers;
    private final SyncConnections connections;
    private final Semaphore places;
    private final Executor threads;
    private final SyncListener listener;
    private final List<Member> members = new ArrayList<>();

    /** What workers report, to be done by the coordinator. */
    private final BlockingQueue<Runnable> events = new LinkedBlockingQueue<>();

    private final ConcurrentLinkedDeque<CopyTask> tasks = new ConcurrentLinkedDeque<>();
    private final Map<TableId, Integer> openTablesByRoot = new HashMap<>();
    private final List<TablePlan> tables = new ArrayList<>();
    private volatile boolean stopped;
    private volatile @Nullable ExportedSnapshot snapshot;

    GroupCopy(
            SourceConfig sourceConfig,
            DatabaseConfig targetDatabase,
            TableScope scope,
            int workers,
            SyncConnections connections,
            Semaphore places,
            Executor threads,
            List<SyncRequest> requests,
            SyncListener listener) {
        this.sourceConfig = sourceConfig;
        this.targetDatabase = targetDatabase;
        this.scope = scope;
        this.workers = workers;
        this.connections = connections;
        this.places = places;
        this.threads = threads;
        this.listener = listener;
        requests.forEach(request -> members.add(new Member(request)));
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
            failAll(e);
        } catch (ReplicationException e) {
            failAll(Failures.of(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failAll(unexpected(e));
        }
        tellFailures();
    }

    /** Has its own sessions and takes no place: this may last, and others need not wait with it. */
    private void awaitVisibility() throws InterruptedException {
        if (members.stream().allMatch(member -> member.request().pendingXids().length == 0)) {
            return;
        }
        Connection source = connections.source(sourceConfig.database());
        Connection target = connections.target(targetDatabase);
        try {
            Set<Member> told = new HashSet<>();
            new VisibilityWait(source)
                    .await(
                            members,
                            (waiting, reason) -> {
                                told.addAll(waiting);
                                writeReason(target, waiting, reason);
                                waiting.forEach(it -> listener.waits(it.id(), reason));
                            });
            writeReason(target, List.copyOf(told), null);
        } catch (SQLException e) {
            throw Failures.source(e);
        } finally {
            connections.release(source);
            connections.release(target);
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
        Connection target = connections.target(targetDatabase);
        try {
            Set<TableId> created = copyRows(target);
            finishOff(target, created);
        } finally {
            connections.release(target);
        }
    }

    private Set<TableId> copyRows(Connection target) throws InterruptedException {
        Connection source = connections.source(sourceConfig.database());
        try {
            GroupPlan.Prepared plan =
                    new GroupPlan(scope, members, source, target)
                            .prepare(sourceConfig.publication(), workers);
            snapshot = plan.snapshot();
            tellFailures();
            tables.addAll(plan.tables());
            for (TablePlan table : tables) {
                openTablesByRoot.merge(table.root, 1, Integer::sum);
                table.waiting.forEach(member -> member.open.add(table.table()));
            }
            tasks.addAll(plan.tasks());
            for (Member member : active()) {
                tellProgress(member);
                finishIfComplete(member);
            }
            coordinate(source, target);
            return plan.created();
        } finally {
            stopped = true;
            // Ends the snapshot and the locks.
            connections.release(source);
        }
    }

    /** Runs the workers to their end, telling the listener what happens meanwhile. */
    private void coordinate(Connection source, Connection target) throws InterruptedException {
        int running = Math.min(workers, tasks.size());
        int[] ended = {0};
        List<CopyWorker> copying = new ArrayList<>();
        for (int i = 0; i < running; i++) {
            CopyWorker worker = new CopyWorker(connections, this);
            copying.add(worker);
            threads.execute(() -> work(worker, () -> ended[0]++));
        }
        long next = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(REPORT_MS);
        // Until all have ended, whatever happens: nothing may be written behind a told failure.
        while (ended[0] < running) {
            Runnable event = events.poll(next - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (event != null) {
                event.run();
            } else {
                reportOrStop(source, target);
                next = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(REPORT_MS);
            }
            if (stopped) {
                // Whoever waits for a lock or a slow server need not do so any more.
                copying.forEach(CopyWorker::close);
            }
        }
        if (!stopped) {
            writeProgress(target);
        }
    }

    private void reportOrStop(Connection source, Connection target) {
        if (stopped) {
            return;
        }
        try {
            report(source, target);
        } catch (ApplyException e) {
            stopped = true;
            failAll(e);
        } catch (SQLException e) {
            stopped = true;
            failAll(Failures.source(e));
        }
    }

    private void tellProgress(Member member) {
        listener.progressed(
                member.id(), member.rows.sum(), member.bytes.sum(), member.expectedRows());
    }

    private void report(Connection source, Connection target) throws SQLException {
        tellFailures();
        for (Member member : active()) {
            if (!member.told) {
                tellProgress(member);
            }
        }
        writeProgress(target);
        // The snapshot's session must live: its locks keep the tables as they are.
        try (Statement ping = source.createStatement()) {
            ping.execute("SELECT");
        }
    }

    private void writeProgress(Connection target) {
        try {
            new SyncStore(target).progress(members);
            target.commit();
        } catch (SQLException e) {
            throw Failures.target(e);
        }
    }

    /** A worker's thread. */
    private void work(CopyWorker own, Runnable atEnd) {
        try (CopyWorker worker = own) {
            CopyTask task = tasks.poll();
            while (task != null && !stopped) {
                worker.run(task);
                task = tasks.poll();
            }
        } catch (ApplyException e) {
            stopped = true;
            events.add(() -> failAll(e));
        } catch (InterruptedException e) {
            stopped = true;
        } catch (RuntimeException e) {
            stopped = true;
            events.add(() -> failAll(unexpected(e)));
        } finally {
            events.add(atEnd);
        }
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

    void addFirst(CopyTask task) {
        tasks.addFirst(task);
    }

    /** All rows of this table are copied and recorded. */
    void tableCopied(TablePlan table) {
        events.add(
                () -> {
                    for (Member member : table.members.keySet()) {
                        if (member.isActive()) {
                            member.synced.add(snapshot().synced(table.table()));
                        }
                    }
                });
    }

    /**
     * The root of the table's partition tree if no table of the tree is left to copy, else null.
     */
    @Nullable TableId treeCompletedBy(TablePlan table) {
        synchronized (openTablesByRoot) {
            return openTablesByRoot.merge(table.root, -1, Integer::sum) == 0 ? table.root : null;
        }
    }

    /** The tables of this tree are copied and have their indexes. */
    void treeReady(TableId root) {
        events.add(
                () -> {
                    for (Member member : active()) {
                        tables.stream()
                                .filter(table -> table.root.equals(root))
                                .forEach(table -> member.open.remove(table.table()));
                        finishIfComplete(member);
                    }
                });
    }

    void failTree(TableId root, ApplyException cause) {
        for (TablePlan table : tables) {
            if (table.root.equals(root)) {
                table.waiting.forEach(member -> member.fail(cause));
            }
        }
    }

    // ---- the coordinator's own ---------------------------------------------------------------

    private void finishIfComplete(Member member) {
        if (member.isActive() && member.open.isEmpty() && !member.told) {
            member.told = true;
            member.estimatedRows = member.rows.sum();
            tellProgress(member);
            LOG.info(
                    "first copy finished replication={} rows={} bytes={}",
                    member.id(),
                    member.rows.sum(),
                    member.bytes.sum());
            listener.finished(member.id(), member.synced);
        }
    }

    private void failAll(ApplyException cause) {
        active().stream().filter(member -> !member.told).forEach(member -> member.fail(cause));
    }

    private void tellFailures() {
        for (Member member : members) {
            ApplyException failure = member.failure();
            if (failure != null && !member.told && !connections.isClosed()) {
                member.told = true;
                LOG.warn(
                        "first copy failed replication={} code={} reason={}",
                        member.id(),
                        failure.code(),
                        failure.getMessage());
                listener.failed(member.id(), failure);
            }
        }
    }

    private List<Member> active() {
        return members.stream().filter(Member::isActive).toList();
    }

    /**
     * What need not be waited for: foreign keys and statistics of new tables. What fails here is
     * left for the next group.
     */
    private void finishOff(Connection target, Set<TableId> created) throws InterruptedException {
        tellFailures();
        try {
            PendingDdl pending = new PendingDdl(target);
            long pauseMs = 200;
            for (int i = 1; pending.addForeignKeys() > 0 && i < FOREIGN_KEY_ATTEMPTS; i++) {
                Thread.sleep(pauseMs);
                pauseMs *= 2;
            }
            for (TableId table : created) {
                try (Statement statement = target.createStatement()) {
                    statement.execute("ANALYZE " + table.quoted());
                }
                target.commit();
            }
        } catch (SQLException e) {
            if (connections.isClosed()) {
                return;
            }
            LOG.warn("foreign keys or statistics left undone sqlstate={}", e.getSQLState());
        }
    }

    private static ApplyException unexpected(RuntimeException e) {
        return new ApplyException(
                ApplyException.Kind.REJECTED, ErrorCode.INTERNAL, "", e.toString(), e);
    }
}
