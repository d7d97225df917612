package io.heliosdb.replication.flink.feed;

import io.heliosdb.replication.core.feed.SpecUpserts;
import io.heliosdb.replication.core.feed.SpecView;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;
import org.jspecify.annotations.Nullable;

/**
 * Hands on what a {@link StoreFollower} hears. What was handed on is in every checkpoint; what was
 * not is heard again.
 */
final class FeedReader implements SourceReader<SpecUpserts, FeedSplit> {

    private final SourceReaderContext context;
    private final StoreFollower follower;

    /** What was handed on; on the task's thread. */
    private final SpecView emitted = new SpecView();

    private final Object lock = new Object();
    private final Queue<SpecUpserts> news = new ArrayDeque<>();
    private CompletableFuture<Void> available = new CompletableFuture<>();
    private volatile StoreFollower.@Nullable Following following;
    private boolean assigned;

    FeedReader(SourceReaderContext context, StoreFollower follower) {
        this.context = context;
        this.follower = follower;
    }

    @Override
    public void start() {
        context.metricGroup()
                .addGroup("heliosdb")
                .gauge(
                        "store_followed",
                        () -> {
                            StoreFollower.Following now = following;
                            return now != null && now.isStreaming() ? 1 : 0;
                        });
    }

    @Override
    public void addSplits(List<FeedSplit> splits) {
        assigned = true;
        SpecUpserts known = splits.get(0).known();
        add(known);
        following = follower.begin(context, known, this::add);
    }

    private void add(SpecUpserts more) {
        if (!more.isEmpty()) {
            synchronized (lock) {
                news.add(more);
                available.complete(null);
            }
        }
    }

    @Override
    public InputStatus pollNext(ReaderOutput<SpecUpserts> output) {
        SpecUpserts next;
        boolean more;
        synchronized (lock) {
            next = news.poll();
            more = !news.isEmpty();
            if (!more) {
                available = new CompletableFuture<>();
            }
        }
        if (next != null) {
            emitted.merge(next);
            output.collect(next);
        }
        return more ? InputStatus.MORE_AVAILABLE : InputStatus.NOTHING_AVAILABLE;
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        synchronized (lock) {
            return available;
        }
    }

    @Override
    public List<FeedSplit> snapshotState(long checkpointId) {
        if (!assigned) {
            return List.of();
        }
        emitted.forgetEnded();
        return List.of(new FeedSplit(emitted.live()));
    }

    @Override
    public void notifyNoMoreSplits() {}

    @Override
    public void close() {
        StoreFollower.Following now = following;
        if (now != null) {
            now.close();
        }
    }
}
