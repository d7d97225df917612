package io.heliosdb.replication.core.ingest;

import org.jspecify.annotations.Nullable;

/**
 * An open stream of one slot. One thread reads; {@link #confirm} and {@link #close} may come from
 * any.
 */
public interface WalReader extends AutoCloseable {

    /** Waits for the next chunk; null once closed. */
    @Nullable WalChunk read();

    /**
     * Everything before this LSN is covered by a completed checkpoint: it goes to the source as the
     * flush position with the next status reply. Nothing else ever moves it.
     */
    void confirm(long lsn);

    /** The timeline of the source; 0 if unknown. */
    default long timeline() {
        return 0;
    }

    /** Tells the source what is applied, if it waits for that; by the reading thread. */
    default void tell() {}

    /** Tells the source that we are alive while reading has to wait; by the reading thread. */
    void keepAlive();

    /**
     * Ends reading; the last confirmed position is still sent. Waits for the reading thread to let
     * go, within bounds.
     */
    @Override
    void close();
}
