package io.heliosdb.replication.flink.feed.postgres;

import io.heliosdb.replication.core.feed.SpecUpserts;
import io.heliosdb.replication.core.feed.postgres.ControlStore;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.ControlStoreConfig;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a store before anything is read from the source. A job without state waits for it: what
 * streams by meanwhile would be lost to replications that had begun. One with state waits a moment,
 * for those that were made since its checkpoint; what it knows holds where the store stays away.
 */
final class FirstReading {

    private static final Logger LOG = LoggerFactory.getLogger(FirstReading.class);

    private static final Duration MOMENT = Duration.ofSeconds(5);
    private static final Duration SHORTEST_REST = Duration.ofMillis(100);
    private static final Duration LONGEST_REST = Duration.ofSeconds(1);

    private final ControlStoreConfig config;
    private final boolean anew;

    FirstReading(ControlStoreConfig config, boolean anew) {
        this.config = config;
        this.anew = anew;
    }

    /** Null if the store is away and need not be waited for. */
    @Nullable SpecUpserts await() throws InterruptedException {
        long end = System.nanoTime() + MOMENT.toNanos();
        boolean told = false;
        Duration rest = SHORTEST_REST;
        while (true) {
            try (ControlStore store = ControlStore.open(config)) {
                SpecUpserts wanted = store.wanted(List.of());
                LOG.info(
                        "store read source={} replications={}",
                        config.sourceConnection(),
                        wanted.replications().size());
                return wanted;
            } catch (ReplicationException e) {
                if (!anew && System.nanoTime() - end > 0) {
                    LOG.warn(
                            "store is away, what is in the checkpoint holds source={} cause={}",
                            config.sourceConnection(),
                            e.getMessage());
                    return null;
                }
                if (!told) {
                    told = true;
                    LOG.warn(
                            "nothing is routed until the store tells what is wanted source={} cause={}",
                            config.sourceConnection(),
                            e.getMessage());
                }
            }
            Thread.sleep(rest.toMillis());
            rest = rest.compareTo(LONGEST_REST) < 0 ? rest.multipliedBy(2) : LONGEST_REST;
        }
    }
}
