package io.heliosdb.replication.flink.report;

import io.heliosdb.replication.core.report.LaneReport;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Hands reports to a writer and goes on: a store that is slow or away must not hold up the lanes.
 * It has no state, since all that is told is told again after a restart.
 */
final class ReportOperator extends AbstractStreamOperator<Void>
        implements OneInputStreamOperator<LaneReport, Void> {

    private static final long serialVersionUID = 1L;

    private final ReportWriter writer;
    private transient ReportWriter.@Nullable Writing writing;

    ReportOperator(ReportWriter writer) {
        this.writer = writer;
    }

    @Override
    public void open() throws Exception {
        super.open();
        ReportWriter.Writing opened = writer.begin();
        writing = opened;
        getMetricGroup().addGroup("heliosdb").gauge("report_failures_total", opened::failures);
    }

    @Override
    public void processElement(StreamRecord<LaneReport> element) {
        writing.add(element.getValue());
    }

    @Override
    public void close() throws Exception {
        if (writing != null) {
            writing.close();
        }
        super.close();
    }
}
