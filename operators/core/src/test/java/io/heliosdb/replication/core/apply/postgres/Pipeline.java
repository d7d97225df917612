package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.control.ResyncOrders;
import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.ingest.SourceTimeline;
import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.core.ingest.WalPosition;
import io.heliosdb.replication.core.ingest.postgres.PostgresWalReader;
import io.heliosdb.replication.core.ingest.postgres.SourceAdmin;
import io.heliosdb.replication.core.lane.LaneEngine;
import io.heliosdb.replication.core.lane.LaneEnvironment;
import io.heliosdb.replication.core.lane.LaneView;
import io.heliosdb.replication.core.lane.MemoryLaneStore;
import io.heliosdb.replication.core.route.Router;
import io.heliosdb.replication.core.route.RouterOutput;
import io.heliosdb.replication.core.snapshot.SourceAndTarget;
import io.heliosdb.replication.core.snapshot.postgres.PostgresSyncEngine;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.core.verify.VerifyListener;
import io.heliosdb.replication.core.verify.VerifyReport;
import io.heliosdb.replication.core.verify.postgres.Verifier;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.JobConfig;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.model.config.ReplicationRule;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.model.config.SourceConfig;
import io.heliosdb.replication.model.config.TargetConfig;
import io.heliosdb.replication.model.config.TenancyConfig;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The data plane between a source and a target database without Flink: reader, router, lanes, first
 * copies and sessions as they are in the job, on one thread beside the reader's.
 */
final class Pipeline implements AutoCloseable {

    static final String PUBLICATION = "p";

    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private final SourceConfig source;
    private final PipelineConfig config;
    private final Router router;
    private final LaneEngine engine;
    private final List<PostgresTargetSession> sessions = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService owner = Executors.newSingleThreadScheduledExecutor();
    private final PostgresWalReader reader;
    private final Thread reading;
    private final Consumer<WalChunk> tap;
    private volatile long routedLsn;
    private volatile Throwable failure;

    /**
     * Begins at once.
     *
     * @param source name of a database on the source server with a publication {@code p}
     * @param target name of a database on the target server
     * @param partBytes size at which a tenant transaction travels in parts
     * @param tap sees all that is read
     */
    Pipeline(
            String source,
            String target,
            TenancyConfig tenants,
            List<ReplicationRule> rules,
            int partBytes,
            Consumer<WalChunk> tap) {
        this.tap = tap;
        this.source =
                new SourceConfig(
                        database(SourceAndTarget.source(), source),
                        "slot_" + source,
                        PUBLICATION,
                        Duration.ofMillis(50),
                        Duration.ofSeconds(1));
        SourceIdentity identity = SourceAdmin.identify(this.source.database());
        Tenancy tenancy = new Tenancy(tenants);
        TargetConfig targetConfig =
                new TargetConfig("target", database(SourceAndTarget.target(), target), 2);
        config =
                new PipelineConfig(
                        this.source,
                        tenants,
                        List.of(targetConfig),
                        rules,
                        new JobConfig(
                                "pipeline",
                                "/tmp/none",
                                JobConfig.DEFAULT_CHECKPOINT_INTERVAL,
                                1,
                                JobConfig.DEFAULT_BACKLOG_MEMORY,
                                JobConfig.DEFAULT_PART_BYTES,
                                1));
        router = new Router(tenancy, partBytes, new Output());
        engine =
                new LaneEngine(
                        new LaneEnvironment(
                                List.of(targetConfig),
                                256L << 20,
                                identity,
                                SourceTimeline.UNKNOWN,
                                new MemoryLaneStore(),
                                (config, name) -> session(config, tenancy, name),
                                config -> new PostgresSyncEngine(this.source, config, tenancy, 2),
                                owner,
                                (delay, action) ->
                                        owner.schedule(
                                                action, delay.toMillis(), TimeUnit.MILLISECONDS),
                                InstantSource.system(),
                                null,
                                ResyncOrders.NONE,
                                replies -> {},
                                null,
                                1));
        onOwner(
                () -> {
                    engine.restore();
                    router.rules(rules);
                    return null;
                });
        reader =
                PostgresWalReader.open(
                        this.source,
                        identity,
                        WalPosition.at(SourceAdmin.begin(this.source).value()));
        reading = new Thread(this::read, "pipeline-" + source);
        reading.start();
    }

    private PostgresTargetSession session(TargetConfig config, Tenancy tenancy, String name) {
        PostgresTargetSession session = new PostgresTargets().openSession(config, tenancy, name);
        sessions.add(session);
        return session;
    }

    private static DatabaseConfig database(PostgresServer server, String name) {
        return new DatabaseConfig(server.url(name), PostgresServer.USER, Secret.EMPTY);
    }

    private void read() {
        try {
            WalChunk chunk = reader.read();
            while (chunk != null) {
                WalChunk next = chunk;
                tap.accept(next);
                onOwner(
                        () -> {
                            router.route(next);
                            return null;
                        });
                if (chunk.last()) {
                    routedLsn = chunk.commitEndLsn();
                }
                chunk = reader.read();
            }
        } catch (Throwable e) {
            failure = e;
        }
    }

    /** Waits until all that has committed at the source is applied; fails if a lane gave up. */
    void settle() throws SQLException {
        long lsn = sourceLsn();
        Await.until(
                () -> "everything is applied: " + views(),
                PATIENCE,
                () -> {
                    if (failure != null) {
                        throw new AssertionError("the pipeline failed", failure);
                    }
                    boolean routed = Long.compareUnsigned(routedLsn, lsn) >= 0;
                    List<LaneView> views = views();
                    for (LaneView view : views) {
                        if (view.state() == ReplicationState.ERROR) {
                            throw new AssertionError(view.replication() + ": " + view.reason());
                        }
                    }
                    return routed && !views.isEmpty() && views.stream().allMatch(Pipeline::rests);
                },
                settled -> settled);
    }

    private static boolean rests(LaneView view) {
        return view.state() == ReplicationState.STREAMING && view.backlogTransactions() == 0;
    }

    List<LaneView> views() {
        return onOwner(engine::views);
    }

    /** What {@code verify} says of source and target, while this runs. */
    VerifyReport verify() {
        return new Verifier(config).run(Optional.empty(), VerifyListener.SILENT);
    }

    /** New specifications of what is replicated. */
    void rules(List<ReplicationRule> rules) {
        onOwner(
                () -> {
                    router.rules(rules);
                    return null;
                });
    }

    /** How often a set was refused and its rows were written one by one. */
    long replays() {
        return sessions.stream().mapToLong(PostgresTargetSession::replays).sum();
    }

    private long sourceLsn() throws SQLException {
        PostgresServer server = SourceAndTarget.source();
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_wal_lsn()::text")) {
            row.next();
            return Lsn.parse(row.getString(1)).value();
        }
    }

    private <T> T onOwner(Callable<T> action) {
        try {
            return owner.submit(action).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        reader.close();
        try {
            reading.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        onOwner(
                () -> {
                    engine.close();
                    return null;
                });
        owner.shutdownNow();
        SourceAdmin.dropSlot(source);
    }

    private final class Output implements RouterOutput {

        @Override
        public void emit(LaneInput record) {
            engine.accept(record);
        }

        @Override
        public void tick(long lsn, long sourceEpochMicros) {
            engine.accept(new LaneInput.Tick("tick", lsn, sourceEpochMicros));
        }

        @Override
        public void discover(ReplicationRule rule) {
            throw new AssertionError("no patterns here");
        }
    }
}
