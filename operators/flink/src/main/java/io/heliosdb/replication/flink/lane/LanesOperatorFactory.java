package io.heliosdb.replication.flink.lane;

import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.config.PipelineConfig;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.YieldingOperatorFactory;

/**
 * The lanes: a keyed operator that applies tenant transactions to their targets.
 *
 * <p>Guarantees: per replication in source commit order, each transaction exactly once in effect.
 * Nothing waits for anything but its own target.
 */
@SuppressWarnings("deprecation") // Flink 1.20 hands the mailbox to nobody else.
public final class LanesOperatorFactory extends AbstractStreamOperatorFactory<Void>
        implements OneInputStreamOperatorFactory<LaneInput, Void>, YieldingOperatorFactory<Void> {

    private static final long serialVersionUID = 1L;

    private final PipelineConfig config;
    private final TargetsFactory targets;

    public LanesOperatorFactory(PipelineConfig config, TargetsFactory targets) {
        this.config = config;
        this.targets = targets;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends StreamOperator<Void>> T createStreamOperator(
            StreamOperatorParameters<Void> parameters) {
        LanesOperator operator =
                new LanesOperator(config, targets, getMailboxExecutor(), processingTimeService);
        operator.setup(
                parameters.getContainingTask(),
                parameters.getStreamConfig(),
                parameters.getOutput());
        return (T) operator;
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return LanesOperator.class;
    }
}
