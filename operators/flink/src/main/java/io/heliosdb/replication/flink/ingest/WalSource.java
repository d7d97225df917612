package io.heliosdb.replication.flink.ingest;

import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.model.config.SourceConfig;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * The write-ahead log of one PostgreSQL database, by logical replication: source transactions in
 * commit order, whole or in parts.
 *
 * <p>Exactly once within Flink: the position is in the checkpoint, and after a restore the stream
 * goes on with the very next change. The slot's confirmed position follows completed checkpoints
 * only. Parallelism 1.
 */
public final class WalSource
        implements Source<WalChunk, WalSplit, OneSplitEnumerator.State<WalSplit>> {

    private static final long serialVersionUID = 1L;

    private final SourceConfig config;
    private final WalAccess access;

    public WalSource(SourceConfig config, WalAccess access) {
        this.config = config;
        this.access = access;
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<WalChunk, WalSplit> createReader(SourceReaderContext context) {
        return new WalSourceReader(config, access, context.metricGroup());
    }

    /** A new job prepares the slot first. */
    @Override
    public OneSplitEnumerator<WalSplit> createEnumerator(SplitEnumeratorContext<WalSplit> context) {
        return restoreEnumerator(context, OneSplitEnumerator.State.first());
    }

    @Override
    public OneSplitEnumerator<WalSplit> restoreEnumerator(
            SplitEnumeratorContext<WalSplit> context, OneSplitEnumerator.State<WalSplit> state) {
        return new OneSplitEnumerator<>(context, () -> access.begin(config), state);
    }

    @Override
    public SimpleVersionedSerializer<WalSplit> getSplitSerializer() {
        return WalSplit.SERIALIZER;
    }

    @Override
    public SimpleVersionedSerializer<OneSplitEnumerator.State<WalSplit>>
            getEnumeratorCheckpointSerializer() {
        return new OneSplitEnumerator.StateSerializer<>(WalSplit.SERIALIZER);
    }
}
