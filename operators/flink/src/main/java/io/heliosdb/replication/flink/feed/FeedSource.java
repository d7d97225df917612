package io.heliosdb.replication.flink.feed;

import io.heliosdb.replication.core.feed.SpecUpserts;
import io.heliosdb.replication.flink.ingest.OneSplitEnumerator;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * The control feed: what the metadata store wants, as versioned upserts.
 *
 * <p>Level-triggered: everything is read at every start and every half minute, and change data
 * capture only tells when to read at once. So whatever the capture loses or doubles does no harm,
 * and a store that is away stops nothing: what is known, which is in every checkpoint, holds.
 */
public final class FeedSource
        implements Source<SpecUpserts, FeedSplit, OneSplitEnumerator.State<FeedSplit>> {

    private static final long serialVersionUID = 1L;

    private final StoreFollower follower;

    public FeedSource(StoreFollower follower) {
        this.follower = follower;
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<SpecUpserts, FeedSplit> createReader(SourceReaderContext context) {
        return new FeedReader(context, follower);
    }

    @Override
    public OneSplitEnumerator<FeedSplit> createEnumerator(
            SplitEnumeratorContext<FeedSplit> context) {
        return restoreEnumerator(context, OneSplitEnumerator.State.first());
    }

    @Override
    public OneSplitEnumerator<FeedSplit> restoreEnumerator(
            SplitEnumeratorContext<FeedSplit> context, OneSplitEnumerator.State<FeedSplit> state) {
        return new OneSplitEnumerator<>(context, () -> FeedSplit.FIRST, state);
    }

    @Override
    public SimpleVersionedSerializer<FeedSplit> getSplitSerializer() {
        return FeedSplit.SERIALIZER;
    }

    @Override
    public SimpleVersionedSerializer<OneSplitEnumerator.State<FeedSplit>>
            getEnumeratorCheckpointSerializer() {
        return new OneSplitEnumerator.StateSerializer<>(FeedSplit.SERIALIZER);
    }
}
