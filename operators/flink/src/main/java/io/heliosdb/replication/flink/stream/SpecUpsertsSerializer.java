package io.heliosdb.replication.flink.stream;

import io.heliosdb.replication.core.feed.SpecUpserts;
import io.heliosdb.replication.core.stream.FeedCodec;
import java.io.IOException;
import java.util.List;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** What the store wants on the wire and in the state of its source; layout at {@link FeedCodec}. */
public final class SpecUpsertsSerializer extends ImmutableSerializer<SpecUpserts> {

    public static final SpecUpsertsSerializer INSTANCE = new SpecUpsertsSerializer();
    public static final FixedTypeInfo<SpecUpserts> TYPE =
            new FixedTypeInfo<>(SpecUpserts.class, INSTANCE);

    private static final long serialVersionUID = 1L;

    @Override
    public SpecUpserts createInstance() {
        return new SpecUpserts(List.of(), List.of());
    }

    @Override
    public void serialize(SpecUpserts upserts, DataOutputView target) throws IOException {
        FeedCodec.write(upserts, target);
    }

    @Override
    public SpecUpserts deserialize(DataInputView source) throws IOException {
        return FeedCodec.read(source);
    }

    @Override
    public TypeSerializerSnapshot<SpecUpserts> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Version 1. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<SpecUpserts> {
        public Snapshot() {
            super(() -> INSTANCE);
        }
    }
}
