package io.heliosdb.replication.flink.route;

import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.config.PipelineConfig;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.YieldingOperatorFactory;

/**
 * The router: WAL and rules in, tenant transactions and control records out, keyed by replication.
 * Parallelism 1.
 */
@SuppressWarnings("deprecation") // Flink 1.20 hands the mailbox to nobody else.
public final class RouterOperatorFactory extends AbstractStreamOperatorFactory<LaneInput>
        implements YieldingOperatorFactory<LaneInput> {

    private static final long serialVersionUID = 1L;

    private final PipelineConfig config;
    private final TenantDiscovery discovery;
    private final int keyGroups;

    /**
     * @param keyGroups max parallelism of the lanes
     */
    public RouterOperatorFactory(PipelineConfig config, TenantDiscovery discovery, int keyGroups) {
        this.config = config;
        this.discovery = discovery;
        this.keyGroups = keyGroups;
        this.chainingStrategy = ChainingStrategy.HEAD_WITH_SOURCES;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends StreamOperator<LaneInput>> T createStreamOperator(
            StreamOperatorParameters<LaneInput> parameters) {
        return (T)
                new RouterOperator(parameters, config, discovery, getMailboxExecutor(), keyGroups);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return RouterOperator.class;
    }
}
