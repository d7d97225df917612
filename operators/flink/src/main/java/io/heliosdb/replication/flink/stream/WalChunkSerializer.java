package io.heliosdb.replication.flink.stream;

import io.heliosdb.replication.core.ingest.WalChunk;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Chunks between source and router. They are chained, so this runs only if somebody breaks the
 * chain.
 */
public final class WalChunkSerializer extends ImmutableSerializer<WalChunk> {

    public static final WalChunkSerializer INSTANCE = new WalChunkSerializer();
    public static final FixedTypeInfo<WalChunk> TYPE =
            new FixedTypeInfo<>(WalChunk.class, INSTANCE);

    private static final long serialVersionUID = 1L;

    @Override
    public WalChunk createInstance() {
        return new WalChunk(0, 0, 0, 0, 0, true, 0, new byte[0], 0);
    }

    @Override
    public void serialize(WalChunk chunk, DataOutputView target) throws IOException {
        target.writeLong(chunk.commitLsn());
        target.writeLong(chunk.commitEpochMicros());
        target.writeLong(chunk.xid());
        target.writeLong(chunk.firstOrdinal());
        target.writeInt(chunk.changes());
        target.writeBoolean(chunk.last());
        target.writeLong(chunk.commitEndLsn());
        target.writeInt(chunk.length());
        target.write(chunk.messages(), 0, chunk.length());
    }

    @Override
    public WalChunk deserialize(DataInputView source) throws IOException {
        long commitLsn = source.readLong();
        long commitEpochMicros = source.readLong();
        long xid = source.readLong();
        long firstOrdinal = source.readLong();
        int changes = source.readInt();
        boolean last = source.readBoolean();
        long commitEndLsn = source.readLong();
        byte[] messages = new byte[source.readInt()];
        source.readFully(messages);
        return new WalChunk(
                commitLsn,
                commitEpochMicros,
                xid,
                firstOrdinal,
                changes,
                last,
                commitEndLsn,
                messages,
                messages.length);
    }

    @Override
    public TypeSerializerSnapshot<WalChunk> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Version 1. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<WalChunk> {
        public Snapshot() {
            super(() -> INSTANCE);
        }
    }
}
