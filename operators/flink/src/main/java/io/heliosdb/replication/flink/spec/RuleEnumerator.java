package io.heliosdb.replication.flink.spec;

import io.heliosdb.replication.flink.ingest.OneSplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Hands the one split to the first reader. */
final class RuleEnumerator extends OneSplitEnumerator<RuleSplit, Boolean> {

    static final SimpleVersionedSerializer<Boolean> SERIALIZER = new Serializer();

    RuleEnumerator(SplitEnumeratorContext<RuleSplit> context, boolean assigned) {
        super(context, assigned);
    }

    @Override
    protected RuleSplit firstSplit() {
        return new RuleSplit(0);
    }

    @Override
    public Boolean snapshotState(long checkpointId) {
        return isAssigned();
    }

    private static final class Serializer implements SimpleVersionedSerializer<Boolean> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(Boolean assigned) {
            return new byte[] {(byte) (assigned ? 1 : 0)};
        }

        @Override
        public Boolean deserialize(int version, byte[] bytes) {
            return bytes[0] == 1;
        }
    }
}
