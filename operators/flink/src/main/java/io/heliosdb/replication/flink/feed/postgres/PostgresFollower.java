package io.heliosdb.replication.flink.feed.postgres;

import io.heliosdb.replication.core.feed.SpecUpserts;
import io.heliosdb.replication.flink.feed.StoreFollower;
import io.heliosdb.replication.model.config.ControlStoreConfig;
import java.util.function.Consumer;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.jspecify.annotations.Nullable;

/** Follows a store in PostgreSQL. */
public final class PostgresFollower implements StoreFollower {

    private static final long serialVersionUID = 1L;

    private final ControlStoreConfig config;

    public PostgresFollower(ControlStoreConfig config) {
        this.config = config;
    }

    @Override
    public @Nullable SpecUpserts first(boolean anew) throws InterruptedException {
        return new FirstReading(config, anew).await();
    }

    @Override
    public Following begin(
            SourceReaderContext context, SpecUpserts known, Consumer<SpecUpserts> news) {
        return new FollowedStore(config, context, known, news);
    }
}
