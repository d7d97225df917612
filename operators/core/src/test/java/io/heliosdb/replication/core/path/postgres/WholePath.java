package io.heliosdb.replication.core.path.postgres;

import io.heliosdb.replication.core.apply.TargetSessionFactory;
import io.heliosdb.replication.core.apply.postgres.PostgresTargets;
import io.heliosdb.replication.core.control.postgres.ResyncSender;
import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.ingest.SourceTimeline;
import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.core.ingest.WalPosition;
import io.heliosdb.replication.core.ingest.WalReader;
import io.heliosdb.replication.core.ingest.postgres.PostgresWalReader;
import io.heliosdb.replication.core.ingest.postgres.SourceAdmin;
import io.heliosdb.replication.core.lane.LaneEngine;
import io.heliosdb.replication.core.lane.LaneEnvironment;
import io.heliosdb.replication.core.lane.LaneView;
import io.heliosdb.replication.core.lane.MemoryLaneStore;
import io.heliosdb.replication.core.route.Router;
import io.heliosdb.replication.core.route.RouterOutput;
import io.heliosdb.replication.core.route.SourceAccess;
import io.heliosdb.replication.core.route.postgres.SourceColumnQuery;
import io.heliosdb.replication.core.route.postgres.TenantQuery;
import io.heliosdb.replication.core.secret.TenantKeyFiles;
import io.heliosdb.replication.core.signed.postgres.SourceSigningKeys;
import io.heliosdb.replication.core.snapshot.postgres.PostgresSyncEngine;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.model.config.ReplicationRule;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The whole path between real databases in this process and without Flink: reader, router, lanes,
 * first copies. Router and lanes share one thread, as in a job of parallelism one. There are no
 * checkpoints.
 */
final class WholePath implements AutoCloseable, RouterOutput {

    private final PipelineConfig config;
    private final Tenancy tenancy;
    private final MemoryLaneStore store = new MemoryLaneStore();
    private final Router router;
    private final LaneEngine engine;
    private final WalReader reader;
    private final Thread reading;
    private final ScheduledExecutorService owner = Executors.newSingleThreadScheduledExecutor();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile boolean closed;

    WholePath(PipelineConfig config) {
        this.config = config;
        this.tenancy = new Tenancy(config.tenancy());
        this.router =
                new Router(
                        tenancy,
                        config.job().transactionPartBytes(),
                        new SourceAccess(
                                new SourceSigningKeys(config.source().database()),
                                config.source().publication(),
                                new SourceColumnQuery(config.source().database())),
                        this);
        SourceIdentity source = SourceAdmin.identify(config.source().database());
        TargetSessionFactory sessions = new PostgresTargets();
        this.engine =
                new LaneEngine(
                        new LaneEnvironment(
                                config.targets(),
                                config.job().backlogMemoryBytes(),
                                source,
                                SourceTimeline.UNKNOWN,
                                store,
                                (target, name) ->
                                        sessions.open(
                                                target,
                                                tenancy,
                                                config.source().slot() + "-" + name),
                                target ->
                                        new PostgresSyncEngine(
                                                config.source(),
                                                target,
                                                tenancy,
                                                config.job().syncWorkers()),
                                this::execute,
                                (delay, action) ->
                                        owner.schedule(
                                                () -> guarded(action),
                                                delay.toMillis(),
                                                TimeUnit.MILLISECONDS),
                                InstantSource.system(),
                                config.job().encryption() == null
                                        ? null
                                        : TenantKeyFiles.open(config.job().encryption()),
                                new ResyncSender(config.source().database()),
                                replies -> {},
                                null,
                                1));
        execute(() -> router.rules(config.replications()));
        this.reader =
                PostgresWalReader.open(
                        config.source(),
                        source,
                        WalPosition.at(SourceAdmin.begin(config.source()).value()));
        this.reading = new Thread(this::read, "read-wal");
        reading.start();
    }

    private void read() {
        try {
            WalChunk chunk = reader.read();
            while (chunk != null) {
                WalChunk next = chunk;
                owner.submit(() -> guarded(() -> router.route(next))).get();
                chunk = reader.read();
            }
        } catch (RuntimeException | InterruptedException | ExecutionException e) {
            if (!closed) {
                failure.compareAndSet(null, e);
            }
        }
    }

    private void execute(Runnable action) {
        if (!owner.isShutdown()) {
            owner.execute(() -> guarded(action));
        }
    }

    private void guarded(Runnable action) {
        try {
            action.run();
        } catch (Throwable e) {
            failure.compareAndSet(null, e);
        }
    }

    @Override
    public void emit(LaneInput input) {
        engine.accept(input);
    }

    @Override
    public void tick(long lsn, long sourceEpochMicros) {
        engine.accept(new LaneInput.Tick("", lsn, sourceEpochMicros));
    }

    @Override
    public void discover(ReplicationRule rule) {
        execute(
                () -> {
                    List<TenantId> tenants = TenantQuery.tenants(config.source(), tenancy);
                    router.discovered(rule, tenants);
                });
    }

    /** What shall be replicated from now on. */
    void rules(List<ReplicationRule> rules) {
        execute(() -> router.rules(rules));
    }

    /** What of the backlogs is in the store, by replication. */
    MemoryLaneStore store() {
        return store;
    }

    /** The lanes as they are now. Fails if anything in here has failed. */
    List<LaneView> lanes() {
        Throwable failed = failure.get();
        if (failed != null) {
            throw new AssertionError("the path broke", failed);
        }
        try {
            return owner.submit(engine::views).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        closed = true;
        reader.close();
        try {
            reading.join();
            owner.submit(engine::close).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
        owner.shutdownNow();
    }
}
