package io.heliosdb.replication.flink.report;

import io.heliosdb.replication.core.report.LaneReport;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** The end of what lanes tell: the metadata store. Parallelism 1. */
public final class ReportOperatorFactory extends AbstractStreamOperatorFactory<Void>
        implements OneInputStreamOperatorFactory<LaneReport, Void> {

    private static final long serialVersionUID = 1L;

    private final ReportWriter writer;

    public ReportOperatorFactory(ReportWriter writer) {
        this.writer = writer;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends StreamOperator<Void>> T createStreamOperator(
            StreamOperatorParameters<Void> parameters) {
        ReportOperator operator = new ReportOperator(writer);
        operator.setup(
                parameters.getContainingTask(),
                parameters.getStreamConfig(),
                parameters.getOutput());
        return (T) operator;
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return ReportOperator.class;
    }
}
