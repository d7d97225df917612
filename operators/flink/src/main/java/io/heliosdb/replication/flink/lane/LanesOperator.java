package io.heliosdb.replication.flink.lane;

import io.heliosdb.replication.core.feed.SecretOpener;
import io.heliosdb.replication.core.lane.LaneEngine;
import io.heliosdb.replication.core.lane.LaneEnvironment;
import io.heliosdb.replication.core.lane.TierFigures;
import io.heliosdb.replication.core.report.LaneReport;
import io.heliosdb.replication.core.secret.TenantKeyFiles;
import io.heliosdb.replication.core.secret.TenantKeys;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.flink.ingest.Failures;
import io.heliosdb.replication.flink.synchronous.RepliesEvent;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.EncryptionConfig;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.model.config.Secret;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.operators.coordination.OperatorEventGateway;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
import org.jspecify.annotations.Nullable;

/**
 * The lanes of one subtask in a Flink task: {@link LaneEngine} with keyed state as its store and
 * the task's mailbox as its thread.
 *
 * <p>The task thread never waits for a database: outcomes come back as mails. What is not
 * acknowledged by a target is in every checkpoint.
 */
final class LanesOperator extends AbstractStreamOperator<LaneReport>
        implements OneInputStreamOperator<LaneInput, LaneReport> {

    private static final long serialVersionUID = 1L;

    private final PipelineConfig config;
    private final TargetsFactory targets;
    private final @Nullable Secret secretKeys;
    private final transient StreamRecord<LaneReport> reused = new StreamRecord<>(null);
    private final transient MailboxExecutor mailbox;
    private final transient OperatorEventGateway coordinator;
    private transient @Nullable LaneEngine engine;
    private transient @Nullable LaneState state;
    private transient volatile boolean closed;

    LanesOperator(
            PipelineConfig config,
            TargetsFactory targets,
            @Nullable Secret secretKeys,
            MailboxExecutor mailbox,
            ProcessingTimeService processingTime,
            OperatorEventGateway coordinator) {
        this.config = config;
        this.targets = targets;
        this.secretKeys = secretKeys;
        this.mailbox = mailbox;
        this.coordinator = coordinator;
        this.processingTimeService = processingTime;
        this.chainingStrategy = ChainingStrategy.ALWAYS;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        state = new LaneState(getKeyedStateBackend(), context.getKeyedStateStore());
    }

    @Override
    public void open() throws Exception {
        super.open();
        try {
            begin();
        } catch (ReplicationException e) {
            throw Failures.toFlink(e);
        }
    }

    private void begin() {
        TargetsFactory.Targets opened =
                targets.open(config, getRuntimeContext().getTaskInfo().getIndexOfThisSubtask());
        engine =
                new LaneEngine(
                        new LaneEnvironment(
                                config.targets(),
                                config.job().backlogMemoryBytes(),
                                opened.source(),
                                opened.timeline(),
                                state,
                                opened.sessions(),
                                opened.syncEngines(),
                                owner(),
                                this::after,
                                InstantSource.system(),
                                keys(config.job().encryption()),
                                opened.orders(),
                                replies ->
                                        coordinator.sendEventToCoordinator(
                                                new RepliesEvent(replies)),
                                secretKeys == null
                                        ? null
                                        : new LaneEnvironment.Control(
                                                SecretOpener.of(secretKeys), this::tell),
                                getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks()));
        registerMetrics(getMetricGroup().addGroup("heliosdb"), engine);
        engine.restore();
    }

    private static @Nullable TenantKeys keys(@Nullable EncryptionConfig encryption) {
        return encryption == null ? null : TenantKeyFiles.open(encryption);
    }

    private void tell(LaneReport report) {
        output.collect(reused.replace(report));
    }

    private Executor owner() {
        return action -> {
            try {
                mailbox.execute(() -> runUnlessClosed(action), "lane outcome");
            } catch (RejectedExecutionException e) {
                LOG.debug("outcome came after the task had ended");
            }
        };
    }

    private void after(Duration delay, Runnable action) {
        ProcessingTimeService time = getProcessingTimeService();
        time.registerTimer(
                time.getCurrentProcessingTime() + delay.toMillis(),
                timestamp -> runUnlessClosed(action));
    }

    private void runUnlessClosed(Runnable action) {
        if (!closed) {
            action.run();
        }
    }

    private static void registerMetrics(MetricGroup group, LaneEngine engine) {
        group.gauge("applied_rows_total", () -> engine.figures().rows());
        group.gauge("applied_transactions_total", () -> engine.figures().transactions());
        group.gauge("replication_failures_total", () -> engine.figures().failures());
        group.gauge("backlog_evictions_total", () -> engine.figures().evictions());
        group.gauge("backlog_memory_bytes", engine::memoryBytes);
        group.gauge("backlog_transactions", () -> engine.figures().backlogs().transactions());
        group.gauge("backlog_rows", () -> engine.figures().backlogs().rows());
        group.gauge("backlog_raw_bytes", () -> engine.figures().backlogs().rawBytes());
        group.gauge("backlog_bytes", () -> engine.figures().backlogs().bytes());
        group.gauge("backlog_oldest_age_micros", engine::oldestBacklogMicros);
        group.gauge("backlog_alarms", () -> engine.figures().backlogs().alarms());
        group.gauge("avg_compression_ratio", () -> engine.figures().backlogs().compressionRatio());
        group.gauge("backlogs_dropped_total", () -> engine.figures().dropped());
        group.gauge("worst_lag_micros", () -> engine.figures().worstLagMicros());
        group.gauge("unknown_lags", () -> engine.figures().unknownLags());
        group.gauge("last_apply_lag_micros", () -> engine.figures().lagMicros());
        for (Tier tier : Tier.values()) {
            registerMetrics(
                    group.addGroup("tier", tier.name().toLowerCase(Locale.ROOT)),
                    () -> engine.figures().of(tier));
        }
    }

    private static void registerMetrics(MetricGroup group, Supplier<TierFigures> tier) {
        group.gauge("tenants_by_qos_tier", () -> tier.get().replications());
        group.gauge("sla_late_replications", () -> tier.get().late());
        group.gauge("sla_violations_total", () -> tier.get().violations());
        group.gauge("sla_compliance_ratio", () -> tier.get().complianceRatio());
        group.gauge("sla_lag_p50_micros", () -> tier.get().lagP50Micros());
        group.gauge("sla_lag_p99_micros", () -> tier.get().lagP99Micros());
        group.gauge("sla_lag_worst_micros", () -> tier.get().lagWorstMicros());
        group.gauge("tier_backlog_transactions", () -> tier.get().backlogTransactions());
        group.gauge("tier_backlog_rows", () -> tier.get().backlogRows());
        group.gauge("tier_backlog_bytes", () -> tier.get().backlogBytes());
    }

    @Override
    public void processElement(StreamRecord<LaneInput> element) {
        engine.accept(element.getValue());
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        engine.persist();
        engine.checkpointTaken(context.getCheckpointId());
        super.snapshotState(context);
    }

    @Override
    public void notifyCheckpointComplete(long checkpoint) throws Exception {
        super.notifyCheckpointComplete(checkpoint);
        if (!closed && engine != null) {
            engine.checkpointCompleted(checkpoint);
        }
    }

    @Override
    public void close() throws Exception {
        closed = true;
        if (engine != null) {
            engine.close();
        }
        super.close();
    }
}
