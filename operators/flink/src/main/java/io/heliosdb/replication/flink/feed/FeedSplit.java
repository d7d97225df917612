package io.heliosdb.replication.flink.feed;

import io.heliosdb.replication.core.feed.SpecUpserts;
import io.heliosdb.replication.core.stream.FeedCodec;
import java.io.IOException;
import java.util.List;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * The one split of the feed: what is known to be wanted, passwords encrypted. A job that restarts
 * while the store is away goes on with it.
 */
record FeedSplit(SpecUpserts known) implements SourceSplit {

    static final FeedSplit FIRST = new FeedSplit(new SpecUpserts(List.of(), List.of()));
    static final SimpleVersionedSerializer<FeedSplit> SERIALIZER = new Serializer();

    @Override
    public String splitId() {
        return "store";
    }

    /** {@link FeedCodec}, of its version. */
    private static final class Serializer implements SimpleVersionedSerializer<FeedSplit> {

        @Override
        public int getVersion() {
            return FeedCodec.VERSION;
        }

        @Override
        public byte[] serialize(FeedSplit split) throws IOException {
            DataOutputSerializer out = new DataOutputSerializer(1024);
            FeedCodec.write(split.known, out);
            return out.getCopyOfBuffer();
        }

        @Override
        public FeedSplit deserialize(int version, byte[] bytes) throws IOException {
            return new FeedSplit(FeedCodec.read(new DataInputDeserializer(bytes), version));
        }
    }
}
