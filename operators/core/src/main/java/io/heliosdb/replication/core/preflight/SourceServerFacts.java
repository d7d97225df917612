package io.heliosdb.replication.core.preflight;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What only concerns the server as a source.
 *
 * @param canReplicate whether the role may speak the replication protocol
 * @param walSenderTimeout zero if there is none
 * @param slotWalKeepMegabytes {@code max_slot_wal_keep_size}, -1 if unlimited
 * @param slot the slot of the configured name, or null
 */
public record SourceServerFacts(
        ServerFacts server,
        String walLevel,
        boolean canReplicate,
        int slots,
        int maxSlots,
        int senders,
        int maxSenders,
        Duration walSenderTimeout,
        long slotWalKeepMegabytes,
        @Nullable Slot slot) {

    /**
     * A replication slot.
     *
     * @param plugin null if physical
     * @param database null if physical
     * @param reader the process that reads it, or 0
     * @param readerName application name and address of that process, as far as visible
     * @param walStatus {@code reserved}, {@code extended}, {@code unreserved}, {@code lost}; null
     *     if it reserves nothing
     */
    public record Slot(
            String name,
            @Nullable String plugin,
            @Nullable String database,
            int reader,
            String readerName,
            @Nullable String walStatus) {}
}
