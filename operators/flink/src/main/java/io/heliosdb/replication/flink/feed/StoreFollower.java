package io.heliosdb.replication.flink.feed;

import io.heliosdb.replication.core.feed.SpecUpserts;
import java.io.Serializable;
import java.util.function.Consumer;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.jspecify.annotations.Nullable;

/** Follows a metadata store on threads of its own. Travels with the job graph until it is begun. */
public interface StoreFollower extends Serializable {

    /** A store that is being followed. */
    interface Following extends AutoCloseable {

        /** Whether changes are heard of at once. */
        boolean isStreaming();

        /** Ends it; nothing is said afterwards. Waits a few seconds at most. */
        @Override
        void close();
    }

    /**
     * All that is wanted now, before anything is read from the source. Interruptible.
     *
     * @param anew whether nothing is known; then a store that is away is waited for
     * @return null if the store is away and what is known must do
     */
    @Nullable SpecUpserts first(boolean anew) throws InterruptedException;

    /**
     * Begins, and returns at once. A store that is away is waited for; what is known holds.
     *
     * @param known what counts as known
     * @param news takes what is new, from a thread of the follower, in order
     */
    Following begin(SourceReaderContext context, SpecUpserts known, Consumer<SpecUpserts> news);
}
