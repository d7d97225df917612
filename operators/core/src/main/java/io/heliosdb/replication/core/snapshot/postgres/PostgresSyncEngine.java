package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.schema.TableScope;
import io.heliosdb.replication.core.snapshot.SyncEngine;
import io.heliosdb.replication.core.snapshot.SyncListener;
import io.heliosdb.replication.core.snapshot.SyncRequest;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.model.config.SourceConfig;
import io.heliosdb.replication.model.config.TargetConfig;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * First copies from one PostgreSQL source to one PostgreSQL target, with COPY under an exported
 * snapshot.
 *
 * <p>Each group has a coordinating thread, which alone calls the group's listener, and copying
 * threads, each with a session at both ends. A group that is alone has as many as there are
 * workers. Of groups that run side by side each has one of its own, so that none can keep another
 * from moving; the other workers go round, task by task.
 *
 * <p>Needs in the target: {@code heliosdb.replication_progress} with a claimed row per replication,
 * and {@code heliosdb.table_sync} ({@link SyncSql#CREATE_TABLE_SYNC}).
 */
public final class PostgresSyncEngine implements SyncEngine {

    private static final int CLOSE_SECONDS = 30;

    private final SourceConfig source;
    private final TargetConfig target;
    private final TableScope scope;
    private final int workers;
    private final SyncConnections connections = new SyncConnections();
    private final Semaphore places = new Semaphore(GROUPS_AT_A_TIME, true);
    private final Semaphore furtherWorkers;
    private final ExecutorService threads;

    public PostgresSyncEngine(
            SourceConfig source, TargetConfig target, Tenancy tenancy, int workers) {
        this.source = source;
        this.target = target;
        this.scope = new TableScope(tenancy);
        this.workers = workers;
        this.furtherWorkers = new Semaphore(workers - 1, true);
        AtomicInteger number = new AtomicInteger();
        this.threads =
                Executors.newCachedThreadPool(
                        work -> {
                            Thread thread =
                                    new Thread(
                                            work,
                                            "sync-"
                                                    + target.name()
                                                    + "-"
                                                    + number.incrementAndGet());
                            thread.setDaemon(true);
                            return thread;
                        });
    }

    @Override
    public Copying start(List<SyncRequest> group, SyncListener listener) {
        GroupCopy copy =
                new GroupCopy(
                        source,
                        target.database(),
                        scope,
                        workers,
                        connections,
                        places,
                        furtherWorkers,
                        threads,
                        group,
                        listener);
        threads.execute(copy);
        return copy;
    }

    @Override
    public void close() {
        connections.abortAll();
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException(
                        "first copies did not end within " + CLOSE_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
