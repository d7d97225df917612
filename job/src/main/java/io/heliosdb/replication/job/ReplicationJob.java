package io.heliosdb.replication.job;

import io.heliosdb.replication.core.feed.SpecUpserts;
import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.core.report.LaneReport;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.flink.feed.FeedSource;
import io.heliosdb.replication.flink.feed.UpsertInput;
import io.heliosdb.replication.flink.feed.postgres.PostgresFollower;
import io.heliosdb.replication.flink.ingest.WalSource;
import io.heliosdb.replication.flink.ingest.postgres.PostgresWalAccess;
import io.heliosdb.replication.flink.lane.LanesOperatorFactory;
import io.heliosdb.replication.flink.lane.postgres.PostgresTargetsFactory;
import io.heliosdb.replication.flink.report.ReportOperatorFactory;
import io.heliosdb.replication.flink.report.postgres.PostgresReportWriter;
import io.heliosdb.replication.flink.route.RouterOperatorFactory;
import io.heliosdb.replication.flink.route.SpecInput;
import io.heliosdb.replication.flink.route.postgres.PostgresSequenceAccess;
import io.heliosdb.replication.flink.route.postgres.PostgresSourceKeys;
import io.heliosdb.replication.flink.route.postgres.PostgresTenantDiscovery;
import io.heliosdb.replication.flink.spec.RuleInput;
import io.heliosdb.replication.flink.spec.RuleSource;
import io.heliosdb.replication.flink.stream.LaneInputSerializer;
import io.heliosdb.replication.flink.stream.LaneReportSerializer;
import io.heliosdb.replication.flink.stream.RuleListing;
import io.heliosdb.replication.flink.stream.RuleListingSerializer;
import io.heliosdb.replication.flink.stream.SpecUpsertsSerializer;
import io.heliosdb.replication.flink.stream.WalChunkSerializer;
import io.heliosdb.replication.model.config.ControlStoreConfig;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.model.config.Secret;
import java.nio.file.Path;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.CheckpointConfig;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * The topology:
 *
 * <pre>
 *   ingest-wal ───┐
 *                 ├─ route-tenants ── keyBy(replication) ── apply-lanes ──► targets
 *   ingest-rules ─┘
 *   └──── parallelism 1 ────────────┘                      └ parallelism N ┘
 * </pre>
 *
 * <p>Exactly once in effect: Flink's checkpoints hold the position in the WAL and every transaction
 * that is not acknowledged; the targets' progress rows tell what has been applied since.
 */
public final class ReplicationJob {

    /** Number of key groups, for ever: state cannot be read with another one. */
    public static final int MAX_PARALLELISM = 128;

    private static final long BUFFER_TIMEOUT_MILLIS = 1;

    private ReplicationJob() {}

    /**
     * Builds the job on an environment.
     *
     * @param watchedFile the configuration file, looked at where the job runs for changes of {@code
     *     replications}; null for none
     */
    public static void build(
            StreamExecutionEnvironment env, PipelineConfig config, @Nullable Path watchedFile) {
        configure(env, config);
        RuleListing submitted = new RuleListing(0, config.replications());
        DataStream<RuleListing> rules =
                env.fromSource(
                                new RuleSource(submitted, watchedFile),
                                WatermarkStrategy.noWatermarks(),
                                OperatorUid.INGEST_RULES.uid(),
                                RuleListingSerializer.TYPE)
                        .setParallelism(1)
                        .uid(OperatorUid.INGEST_RULES.uid());
        apply(env, config, rules, new RuleInput(submitted), null);
    }

    /**
     * Builds the job that follows a metadata store:
     *
     * <pre>
     *   ingest-wal ───┐
     *                 ├─ route-tenants ── keyBy(replication) ── apply-lanes ──► targets
     *   follow-store ─┘                                              │
     *        ▲                                                  report-status
     *        └───────────────────── store ◄──────────────────────────┘
     * </pre>
     *
     * @param config without targets and replications: they come from the store
     */
    static void build(
            StreamExecutionEnvironment env, PipelineConfig config, ControlStoreConfig control) {
        configure(env, config);
        PostgresFollower follower = new PostgresFollower(control);
        DataStream<SpecUpserts> wanted =
                env.fromSource(
                                new FeedSource(follower),
                                WatermarkStrategy.noWatermarks(),
                                OperatorUid.FOLLOW_STORE.uid(),
                                SpecUpsertsSerializer.TYPE)
                        .setParallelism(1)
                        .uid(OperatorUid.FOLLOW_STORE.uid());
        apply(env, config, wanted, new UpsertInput(follower), control.secretKeys())
                .transform(
                        OperatorUid.REPORT_STATUS.uid(),
                        Types.VOID,
                        new ReportOperatorFactory(new PostgresReportWriter(control.store())))
                .setParallelism(1)
                .uid(OperatorUid.REPORT_STATUS.uid());
    }

    private static <S> SingleOutputStreamOperator<LaneReport> apply(
            StreamExecutionEnvironment env,
            PipelineConfig config,
            DataStream<S> specs,
            SpecInput<S> input,
            @Nullable Secret secretKeys) {
        DataStream<WalChunk> wal =
                env.fromSource(
                                new WalSource(config.source(), new PostgresWalAccess()),
                                WatermarkStrategy.noWatermarks(),
                                OperatorUid.INGEST_WAL.uid(),
                                WalChunkSerializer.TYPE)
                        .setParallelism(1)
                        .uid(OperatorUid.INGEST_WAL.uid());
        DataStream<LaneInput> routed =
                wal.connect(specs)
                        .transform(
                                OperatorUid.ROUTE_TENANTS.uid(),
                                LaneInputSerializer.TYPE,
                                new RouterOperatorFactory<>(
                                        config,
                                        new PostgresTenantDiscovery(),
                                        new PostgresSourceKeys(),
                                        new PostgresSequenceAccess(),
                                        input,
                                        MAX_PARALLELISM))
                        .setParallelism(1)
                        .uid(OperatorUid.ROUTE_TENANTS.uid());
        // One process: the router tells the stream what is applied.
        wal.getTransformation().setCoLocationGroupKey(OperatorUid.ROUTE_TENANTS.uid());
        routed.getTransformation().setCoLocationGroupKey(OperatorUid.ROUTE_TENANTS.uid());
        return routed.keyBy(LaneInput::key, Types.STRING)
                .transform(
                        OperatorUid.APPLY_LANES.uid(),
                        LaneReportSerializer.TYPE,
                        new LanesOperatorFactory(config, new PostgresTargetsFactory(), secretKeys))
                .setParallelism(config.job().parallelism())
                .uid(OperatorUid.APPLY_LANES.uid());
    }

    /**
     * What the job's guarantees rest on; sizes, backends and directories belong to the cluster's
     * configuration.
     */
    private static void configure(StreamExecutionEnvironment env, PipelineConfig config) {
        Configuration required = new Configuration();
        required.set(PipelineOptions.NAME, config.job().name());
        required.set(PipelineOptions.GENERIC_TYPES, false);
        required.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        required.set(PipelineOptions.OBJECT_REUSE, true);
        env.configure(required);
        env.setParallelism(config.job().parallelism());
        env.setMaxParallelism(MAX_PARALLELISM);
        env.setBufferTimeout(BUFFER_TIMEOUT_MILLIS);
        env.enableCheckpointing(
                config.job().checkpointInterval().toMillis(), CheckpointingMode.EXACTLY_ONCE);
        CheckpointConfig checkpoints = env.getCheckpointConfig();
        checkpoints.setExternalizedCheckpointRetention(
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        checkpoints.setTolerableCheckpointFailureNumber(Integer.MAX_VALUE);
        checkpoints.setMaxConcurrentCheckpoints(1);
        // A change in flight at a barrier would outlive the Relation message that describes it.
        checkpoints.enableUnalignedCheckpoints(false);
    }
}
