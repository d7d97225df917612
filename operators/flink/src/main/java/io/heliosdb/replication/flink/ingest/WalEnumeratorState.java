package io.heliosdb.replication.flink.ingest;

import java.io.IOException;
import java.util.Arrays;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.jspecify.annotations.Nullable;

/**
 * State of the enumerator.
 *
 * @param assigned whether a reader has the split
 * @param unassigned the split, if it was made and no reader has it
 */
public record WalEnumeratorState(boolean assigned, @Nullable WalSplit unassigned) {

    static final WalEnumeratorState NEW = new WalEnumeratorState(false, null);
    static final SimpleVersionedSerializer<WalEnumeratorState> SERIALIZER = new Serializer();

    private static final class Serializer implements SimpleVersionedSerializer<WalEnumeratorState> {

        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(WalEnumeratorState state) throws IOException {
            byte[] split =
                    state.unassigned == null
                            ? new byte[0]
                            : WalSplit.SERIALIZER.serialize(state.unassigned);
            byte[] bytes = new byte[1 + split.length];
            bytes[0] = (byte) (state.assigned ? 1 : 0);
            System.arraycopy(split, 0, bytes, 1, split.length);
            return bytes;
        }

        @Override
        public WalEnumeratorState deserialize(int version, byte[] bytes) throws IOException {
            byte[] split = Arrays.copyOfRange(bytes, 1, bytes.length);
            return new WalEnumeratorState(
                    bytes[0] == 1,
                    split.length == 0 ? null : WalSplit.SERIALIZER.deserialize(version, split));
        }
    }
}
