package io.heliosdb.replication.flink.feed.postgres;

import io.heliosdb.replication.core.feed.postgres.ControlStore;
import io.heliosdb.replication.model.config.ControlStoreConfig;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.cdc.connectors.base.options.StartupOptions;
import org.apache.flink.cdc.connectors.base.source.meta.split.SourceSplitBase;
import org.apache.flink.cdc.connectors.postgres.source.PostgresSourceBuilder;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * The changes of the store's tables, from flink-connector-postgres-cdc: when to read. Used by one
 * thread.
 */
final class StoreChanges {

    private static final String SCHEMA = "heliosdb_control";

    /** The connector does not know the others, which it does by itself. */
    private static final Set<String> SSL_MODES =
            Set.of("disable", "require", "verify-ca", "verify-full");

    private static final Duration POLL = Duration.ofMillis(5);

    /**
     * The connector opens the slot, closes it, and opens it again: where the server has not let go
     * of it by then, it would be deaf for ten seconds.
     */
    private static final Duration SLOT_AGAIN = Duration.ofMillis(100);

    private static final int SLOT_TRIES = 100;

    private final NestedSource<Boolean, SourceSplitBase> source;
    private boolean changed;
    private boolean heard;

    private StoreChanges(ControlStoreConfig config, SourceReaderContext context) throws Exception {
        this.source =
                new NestedSource<>(
                        source(config),
                        context,
                        it -> {
                            heard = true;
                            changed |= it;
                        });
    }

    /**
     * Makes the slot, which must not exist, and begins with what changes from then on; from which
     * moment exactly is known once the slot is being read.
     *
     * @throws Exception the store has no logical decoding for us, or is away
     */
    static StoreChanges open(ControlStoreConfig config, SourceReaderContext context)
            throws Exception {
        ConnectorLog.silence();
        return new StoreChanges(config, context);
    }

    private static PostgresSourceBuilder.PostgresIncrementalSource<Boolean> source(
            ControlStoreConfig config) {
        Properties url = Driver.parseURL(config.store().url(), null);
        Properties debezium = new Properties();
        debezium.setProperty("publication.name", ControlStore.publication());
        debezium.setProperty("publication.autocreate.mode", "disabled");
        debezium.setProperty("poll.interval.ms", String.valueOf(POLL.toMillis()));
        debezium.setProperty("slot.retry.delay.ms", String.valueOf(SLOT_AGAIN.toMillis()));
        debezium.setProperty("slot.max.retries", String.valueOf(SLOT_TRIES));
        // It reads no secret, so it can tell none.
        debezium.setProperty("column.exclude.list", SCHEMA + ".connections.secret");
        String mode = PGProperty.SSL_MODE.getOrDefault(url);
        if (mode != null && SSL_MODES.contains(mode)) {
            debezium.setProperty("database.sslmode", mode);
        }
        return PostgresSourceBuilder.PostgresIncrementalSource.<Boolean>builder()
                .hostname(PGProperty.PG_HOST.getOrDefault(url))
                .port(Integer.parseInt(PGProperty.PG_PORT.getOrDefault(url)))
                .database(PGProperty.PG_DBNAME.getOrDefault(url))
                .username(config.store().user())
                .password(config.store().password().value())
                .schemaList(SCHEMA)
                .tableList(
                        SCHEMA + ".connections",
                        SCHEMA + ".replication_configs",
                        SCHEMA + ".feed_beats")
                .decodingPluginName("pgoutput")
                .slotName(ControlStore.slot(config.sourceConnection()))
                .startupOptions(StartupOptions.latest())
                .lsnCommitCheckpointsDelay(0)
                .connectionPoolSize(2)
                .connectMaxRetries(1)
                .connectTimeout(Duration.ofSeconds(10))
                .debeziumProperties(debezium)
                .deserializer(new ChangedTable(config.sourceConnection().toString()))
                .build();
    }

    /** Whether anything has changed since the last time; waits for it this long. */
    boolean await(Duration time) throws Exception {
        changed = false;
        source.pump(time);
        return changed;
    }

    /** Whether anything has come at all, be it a beat: until then it may be on its way still. */
    boolean hasHeard() {
        return heard;
    }

    /** Lets the store forget what came so far. */
    void confirm() throws Exception {
        source.confirm();
    }

    void close() throws Exception {
        source.close();
    }
}
