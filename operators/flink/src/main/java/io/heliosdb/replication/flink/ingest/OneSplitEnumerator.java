package io.heliosdb.replication.flink.ingest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Enumerator of a source with exactly one split, read by one reader. The split is made once in the
 * life of a job, off the coordinator's thread, since that may take a while; from then on it lives
 * in the reader's state, and comes back here only if the reader is lost before its first
 * checkpoint.
 */
public final class OneSplitEnumerator<S extends SourceSplit>
        implements SplitEnumerator<S, OneSplitEnumerator.State<S>> {

    /**
     * What a checkpoint keeps.
     *
     * @param assigned whether a reader has the split
     * @param unassigned the split, if it was made and no reader has it
     */
    public record State<S>(boolean assigned, @Nullable S unassigned) {

        /** Of a new job. */
        public static <S> State<S> first() {
            return new State<>(false, null);
        }
    }

    private final SplitEnumeratorContext<S> context;
    private final Callable<S> maker;
    private boolean assigned;
    private @Nullable S unassigned;

    /**
     * @param maker makes the split of a new job
     */
    public OneSplitEnumerator(
            SplitEnumeratorContext<S> context, Callable<S> maker, State<S> state) {
        this.context = context;
        this.maker = maker;
        this.assigned = state.assigned();
        this.unassigned = state.unassigned();
    }

    @Override
    public void start() {
        if (!assigned && unassigned == null) {
            context.callAsync(maker, this::made);
        }
    }

    private void made(S split, @Nullable Throwable failure) {
        if (failure != null) {
            throw Failures.toFlink(failure);
        }
        unassigned = split;
        assign();
    }

    @Override
    public void addReader(int subtask) {
        assign();
    }

    @Override
    public void addSplitsBack(List<S> splits, int subtask) {
        if (!splits.isEmpty()) {
            unassigned = splits.get(0);
            assigned = false;
            assign();
        }
    }

    private void assign() {
        S split = unassigned;
        if (split != null && !context.registeredReaders().isEmpty()) {
            context.assignSplit(split, context.registeredReaders().keySet().iterator().next());
            assigned = true;
            unassigned = null;
        }
    }

    @Override
    public State<S> snapshotState(long checkpointId) {
        return new State<>(assigned, unassigned);
    }

    @Override
    public void handleSplitRequest(int subtask, @Nullable String host) {}

    @Override
    public void close() {}

    /**
     * {@code assigned(1) [splitVersion(4) split]}; version 1 had no version of the split, which was
     * 1.
     */
    public static final class StateSerializer<S> implements SimpleVersionedSerializer<State<S>> {

        private static final int VERSION = 2;

        private final SimpleVersionedSerializer<S> splits;

        public StateSerializer(SimpleVersionedSerializer<S> splits) {
            this.splits = splits;
        }

        @Override
        public int getVersion() {
            return VERSION;
        }

        @Override
        public byte[] serialize(State<S> state) throws IOException {
            byte[] split = state.unassigned == null ? null : splits.serialize(state.unassigned);
            ByteBuffer bytes = ByteBuffer.allocate(split == null ? 1 : 5 + split.length);
            bytes.put((byte) (state.assigned ? 1 : 0));
            if (split != null) {
                bytes.putInt(splits.getVersion()).put(split);
            }
            return bytes.array();
        }

        @Override
        public State<S> deserialize(int version, byte[] serialized) throws IOException {
            ByteBuffer bytes = ByteBuffer.wrap(serialized);
            boolean assigned = bytes.get() == 1;
            if (!bytes.hasRemaining()) {
                return new State<>(assigned, null);
            }
            int splitVersion = version == 1 ? 1 : bytes.getInt();
            byte[] split = new byte[bytes.remaining()];
            bytes.get(split);
            return new State<>(assigned, splits.deserialize(splitVersion, split));
        }
    }
}
