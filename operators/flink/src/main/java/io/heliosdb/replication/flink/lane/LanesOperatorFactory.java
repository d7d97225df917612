package io.heliosdb.replication.flink.lane;

import io.heliosdb.replication.core.report.LaneReport;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.flink.synchronous.ReplyCoordinator;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.model.config.Secret;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.CoordinatedOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.YieldingOperatorFactory;
import org.jspecify.annotations.Nullable;

/**
 * The lanes: a keyed operator that applies tenant transactions to their targets.
 *
 * <p>Guarantees: per replication in source commit order, each transaction exactly once in effect.
 * Nothing waits for anything but its own target.
 */
@SuppressWarnings("deprecation") // Flink 1.20 hands the mailbox to nobody else.
public final class LanesOperatorFactory extends AbstractStreamOperatorFactory<LaneReport>
        implements OneInputStreamOperatorFactory<LaneInput, LaneReport>,
                YieldingOperatorFactory<LaneReport>,
                CoordinatedOperatorFactory<LaneReport> {

    private static final long serialVersionUID = 1L;

    private final PipelineConfig config;
    private final TargetsFactory targets;
    private final @Nullable Secret secretKeys;

    /** Of targets that are all known, whose lanes tell nothing. */
    public LanesOperatorFactory(PipelineConfig config, TargetsFactory targets) {
        this(config, targets, null);
    }

    /**
     * Of targets that come in the stream.
     *
     * @param secretKeys their passwords are encrypted with
     */
    public LanesOperatorFactory(
            PipelineConfig config, TargetsFactory targets, @Nullable Secret secretKeys) {
        this.secretKeys = secretKeys;
        this.config = config;
        this.targets = targets;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends StreamOperator<LaneReport>> T createStreamOperator(
            StreamOperatorParameters<LaneReport> parameters) {
        LanesOperator operator =
                new LanesOperator(
                        config,
                        targets,
                        secretKeys,
                        getMailboxExecutor(),
                        processingTimeService,
                        parameters
                                .getOperatorEventDispatcher()
                                .getOperatorEventGateway(
                                        parameters.getStreamConfig().getOperatorID()));
        operator.setup(
                parameters.getContainingTask(),
                parameters.getStreamConfig(),
                parameters.getOutput());
        return (T) operator;
    }

    @Override
    public OperatorCoordinator.Provider getCoordinatorProvider(String name, OperatorID operator) {
        return new ReplyCoordinator.Maker(operator, ReplyCoordinator.End.LANES);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return LanesOperator.class;
    }
}
