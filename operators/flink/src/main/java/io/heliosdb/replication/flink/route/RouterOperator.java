package io.heliosdb.replication.flink.route;

import io.heliosdb.replication.core.feed.SealedTarget;
import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.core.route.Router;
import io.heliosdb.replication.core.route.RouterOutput;
import io.heliosdb.replication.core.route.RouterState;
import io.heliosdb.replication.core.route.SourceAccess;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.core.synchronous.CommitWatch;
import io.heliosdb.replication.core.synchronous.StandbyPosition;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.flink.synchronous.RepliesEvent;
import io.heliosdb.replication.flink.synchronous.StandbyPositions;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.model.config.ReplicationRule;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;
import org.apache.flink.runtime.operators.coordination.OperatorEventHandler;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The router: first input the WAL, second what is to be replicated. What holds at a start is known
 * before the first chunk is routed.
 */
final class RouterOperator<S> extends AbstractStreamOperator<LaneInput>
        implements TwoInputStreamOperator<WalChunk, S, LaneInput>,
                RouterOutput,
                OperatorEventHandler {

    static final String STATE = "router";

    private static final Logger LOGGER = LoggerFactory.getLogger(RouterOperator.class);

    private static final long serialVersionUID = 1L;

    private final PipelineConfig config;
    private final TenantDiscovery discovery;
    private final SequenceAccess sequences;
    private final SpecInput<S> specs;
    private final transient MailboxExecutor mailbox;
    private final transient Router router;
    private final transient StandbyPosition standby;
    private final transient CommitWatch commits;
    private final String[] tickKeys;
    private final transient StreamRecord<LaneInput> reused = new StreamRecord<>(null);
    private transient @Nullable ListState<byte[]> state;
    private transient boolean restored;

    /** What holds at the start, until it was handed on. */
    private transient @Nullable S first;

    private transient @Nullable ScheduledExecutorService discoverer;
    private transient @Nullable SequenceWatch watch;

    RouterOperator(
            PipelineConfig config,
            TenantDiscovery discovery,
            SourceAccess source,
            SequenceAccess sequences,
            SpecInput<S> specs,
            MailboxExecutor mailbox,
            ProcessingTimeService processingTime,
            int keyGroups) {
        this.processingTimeService = processingTime;
        this.config = config;
        this.discovery = discovery;
        this.sequences = sequences;
        this.specs = specs;
        this.mailbox = mailbox;
        this.router =
                new Router(
                        new Tenancy(config.tenancy()),
                        config.job().transactionPartBytes(),
                        source,
                        this);
        this.tickKeys = TickKeys.ofKeyGroups(keyGroups);
        this.standby = StandbyPositions.of(config.source());
        this.commits =
                new CommitWatch(
                        config.source().synchronousTimeout(),
                        System::nanoTime,
                        standby,
                        this::emit);
    }

    @Override
    public void processElement1(StreamRecord<WalChunk> element) {
        handFirst();
        router.route(element.getValue());
        commits.routed(element.getValue());
    }

    @Override
    public void processElement2(StreamRecord<S> element) {
        handFirst();
        specs.hand(element.getValue(), router);
    }

    private void handFirst() {
        S known = first;
        if (known != null) {
            first = null;
            specs.hand(known, router);
        }
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        state =
                context.getOperatorStateStore()
                        .getListState(
                                new ListStateDescriptor<>(
                                        STATE, BytePrimitiveArraySerializer.INSTANCE));
        for (byte[] saved : state.get()) {
            router.restore(RouterState.decode(saved));
            restored = true;
        }
    }

    @Override
    public void open() throws Exception {
        super.open();
        standby.hold();
        // While this waits nothing is taken from the source, and no checkpoint can confirm it.
        first = specs.first(!restored);
        watch =
                new SequenceWatch(
                        sequences.open(config),
                        goals -> mailbox.execute(() -> router.sequences(goals), "sequences read"));
        watch.start();
        if (restored) {
            commits.restored(router.specs());
        }
        MetricGroup metrics = getMetricGroup().addGroup("heliosdb");
        metrics.gauge("synchronous_replications", commits::present);
        metrics.gauge("synchronous_degraded", commits::degraded);
        metrics.gauge("synchronous_departures_total", commits::departures);
        lookAtCommits(0);
    }

    private void lookAtCommits(long now) {
        commits.look();
        ProcessingTimeService time = getProcessingTimeService();
        long pause = Math.max(10, config.source().synchronousTimeout().toMillis() / 10);
        time.registerTimer(time.getCurrentProcessingTime() + pause, this::lookAtCommits);
    }

    /** What lanes of Synchronous replications tell. */
    @Override
    public void handleOperatorEvent(OperatorEvent event) {
        commits.replied(((RepliesEvent) event).replies());
    }

    @Override
    public void emit(LaneInput record) {
        if (watch != null && record instanceof LaneInput.Start) {
            watch.wantAll();
        }
        output.collect(reused.replace(record));
        commits.emitted(record);
    }

    @Override
    public void tick(long lsn, long sourceEpochMicros) {
        for (String key : tickKeys) {
            emit(new LaneInput.Tick(key, lsn, sourceEpochMicros));
        }
    }

    @Override
    public void target(SealedTarget target) {
        for (String key : tickKeys) {
            emit(new LaneInput.Target(key, target));
        }
    }

    @Override
    public void discover(ReplicationRule rule) {
        if (discoverer == null) {
            discoverer =
                    Executors.newSingleThreadScheduledExecutor(
                            task -> {
                                Thread thread = new Thread(task, "discover-tenants");
                                thread.setDaemon(true);
                                return thread;
                            });
        }
        discoverer.execute(() -> search(rule));
    }

    private void search(ReplicationRule rule) {
        List<TenantId> found;
        try {
            found = discovery.tenants(config);
        } catch (RuntimeException e) {
            LOGGER.warn(
                    "tenants not discovered, tried again replication={} cause={}",
                    rule.name(),
                    e.getMessage());
            discoverer.schedule(() -> search(rule), 2, TimeUnit.SECONDS);
            return;
        }
        try {
            mailbox.execute(() -> router.discovered(rule, found), "tenants discovered");
        } catch (RejectedExecutionException e) {
            LOGGER.debug("tenants were discovered after the task had ended");
        }
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
        router.flushParts();
        super.prepareSnapshotPreBarrier(checkpointId);
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        state.update(List.of(router.state().encode()));
    }

    @Override
    public void close() throws Exception {
        standby.hold();
        if (discoverer != null) {
            discoverer.shutdownNow();
        }
        if (watch != null) {
            watch.close();
        }
        super.close();
    }
}
