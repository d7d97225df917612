package io.heliosdb.replication.flink.ingest;

import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.model.config.SourceConfig;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * How the source reaches the log. Travels with the job graph; the implementation over PostgreSQL is
 * in core.
 */
public interface WalAccess extends Serializable {

    /** Looks at the source and makes the slot if there is none: where a new job begins. */
    WalSplit begin(SourceConfig config);

    /**
     * Opens the stream at the split's position, after checking that it is the same source and slot.
     */
    Feed open(SourceConfig config, WalSplit split);

    /** An open stream. One thread reads; {@link #confirm} and {@link #close} may come from any. */
    interface Feed extends AutoCloseable {

        /** Waits for the next chunk; null if it has been closed. */
        @Nullable WalChunk read();

        /**
         * Everything up to here is covered by a completed checkpoint and may be forgotten at the
         * source.
         */
        void confirm(long lsn);

        /**
         * Tells the source that we are alive, when reading has to wait; called by the reading
         * thread.
         */
        void keepAlive();

        @Override
        void close();
    }
}
