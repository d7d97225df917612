package io.heliosdb.replication.flink.stream;

import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.core.stream.LaneInputCodec;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** The keyed stream on the wire; layout at {@link LaneInputCodec}. */
public final class LaneInputSerializer extends ImmutableSerializer<LaneInput> {

    public static final LaneInputSerializer INSTANCE = new LaneInputSerializer();
    public static final FixedTypeInfo<LaneInput> TYPE =
            new FixedTypeInfo<>(LaneInput.class, INSTANCE);

    private static final long serialVersionUID = 1L;

    @Override
    public LaneInput createInstance() {
        return new LaneInput.Tick("", 0, 0);
    }

    @Override
    public void serialize(LaneInput record, DataOutputView target) throws IOException {
        LaneInputCodec.write(record, target);
    }

    @Override
    public LaneInput deserialize(DataInputView source) throws IOException {
        return LaneInputCodec.read(source);
    }

    @Override
    public TypeSerializerSnapshot<LaneInput> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Version 1. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<LaneInput> {
        public Snapshot() {
            super(() -> INSTANCE);
        }
    }
}
