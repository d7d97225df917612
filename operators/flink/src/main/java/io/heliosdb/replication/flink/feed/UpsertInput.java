package io.heliosdb.replication.flink.feed;

import io.heliosdb.replication.core.feed.SpecUpserts;
import io.heliosdb.replication.core.route.Router;
import io.heliosdb.replication.flink.route.SpecInput;
import org.jspecify.annotations.Nullable;

/** What a store wants: read whole at every start, then what {@link FeedSource} hears. */
public final class UpsertInput implements SpecInput<SpecUpserts> {

    private static final long serialVersionUID = 1L;

    private final StoreFollower follower;

    public UpsertInput(StoreFollower follower) {
        this.follower = follower;
    }

    @Override
    public @Nullable SpecUpserts first(boolean anew) throws InterruptedException {
        return follower.first(anew);
    }

    @Override
    public void hand(SpecUpserts upserts, Router router) {
        router.upserts(upserts);
    }
}
