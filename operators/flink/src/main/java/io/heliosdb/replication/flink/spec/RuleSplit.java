package io.heliosdb.replication.flink.spec;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * The one split of the specification stream.
 *
 * @param version of the last listing emitted
 */
record RuleSplit(long version) implements SourceSplit {

    static final SimpleVersionedSerializer<RuleSplit> SERIALIZER = new Serializer();

    @Override
    public String splitId() {
        return "rules";
    }

    private static final class Serializer implements SimpleVersionedSerializer<RuleSplit> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(RuleSplit split) {
            return ByteBuffer.allocate(Long.BYTES).putLong(split.version).array();
        }

        @Override
        public RuleSplit deserialize(int version, byte[] bytes) throws IOException {
            if (version != 1) {
                throw new IOException("rule split of version " + version);
            }
            return new RuleSplit(ByteBuffer.wrap(bytes).getLong());
        }
    }
}
