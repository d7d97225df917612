package io.heliosdb.replication.flink.route;

import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.flink.synchronous.ReplyCoordinator;
import io.heliosdb.replication.model.config.PipelineConfig;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.CoordinatedOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.YieldingOperatorFactory;

/**
 * The router: WAL and what is to be replicated in, tenant transactions and control records out,
 * keyed by replication. Parallelism 1.
 */
@SuppressWarnings("deprecation") // Flink 1.20 hands the mailbox to nobody else.
public final class RouterOperatorFactory<S> extends AbstractStreamOperatorFactory<LaneInput>
        implements TwoInputStreamOperatorFactory<WalChunk, S, LaneInput>,
                YieldingOperatorFactory<LaneInput>,
                CoordinatedOperatorFactory<LaneInput> {

    private static final long serialVersionUID = 1L;

    private final PipelineConfig config;
    private final TenantDiscovery discovery;
    private final SourceKeys keys;
    private final SequenceAccess sequences;
    private final SpecInput<S> specs;
    private final int keyGroups;

    /**
     * @param specs takes the second input
     * @param keyGroups max parallelism of the lanes
     */
    public RouterOperatorFactory(
            PipelineConfig config,
            TenantDiscovery discovery,
            SourceKeys keys,
            SequenceAccess sequences,
            SpecInput<S> specs,
            int keyGroups) {
        this.config = config;
        this.discovery = discovery;
        this.keys = keys;
        this.sequences = sequences;
        this.specs = specs;
        this.keyGroups = keyGroups;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends StreamOperator<LaneInput>> T createStreamOperator(
            StreamOperatorParameters<LaneInput> parameters) {
        RouterOperator<S> operator =
                new RouterOperator<>(
                        config,
                        discovery,
                        keys.open(config),
                        sequences,
                        specs,
                        getMailboxExecutor(),
                        processingTimeService,
                        keyGroups);
        operator.setup(
                parameters.getContainingTask(),
                parameters.getStreamConfig(),
                parameters.getOutput());
        parameters
                .getOperatorEventDispatcher()
                .registerEventHandler(operator.getOperatorID(), operator);
        return (T) operator;
    }

    @Override
    public OperatorCoordinator.Provider getCoordinatorProvider(String name, OperatorID operator) {
        return new ReplyCoordinator.Maker(operator, ReplyCoordinator.End.ROUTER);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return RouterOperator.class;
    }
}
