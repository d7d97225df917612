package io.heliosdb.replication.flink.stream;

import io.heliosdb.replication.core.report.LaneReport;
import io.heliosdb.replication.core.report.LaneReportCodec;
import io.heliosdb.replication.model.ReplicationId;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Reports on the wire; layout at {@link LaneReportCodec}. */
public final class LaneReportSerializer extends ImmutableSerializer<LaneReport> {

    public static final LaneReportSerializer INSTANCE = new LaneReportSerializer();
    public static final FixedTypeInfo<LaneReport> TYPE =
            new FixedTypeInfo<>(LaneReport.class, INSTANCE);

    private static final long serialVersionUID = 1L;

    @Override
    public LaneReport createInstance() {
        return new LaneReport.Covered(new ReplicationId("none"), 0, 0, 0, 0, -1, 0);
    }

    @Override
    public void serialize(LaneReport report, DataOutputView target) throws IOException {
        LaneReportCodec.write(report, target);
    }

    @Override
    public LaneReport deserialize(DataInputView source) throws IOException {
        return LaneReportCodec.read(source);
    }

    @Override
    public TypeSerializerSnapshot<LaneReport> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Version 1. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<LaneReport> {
        public Snapshot() {
            super(() -> INSTANCE);
        }
    }
}
