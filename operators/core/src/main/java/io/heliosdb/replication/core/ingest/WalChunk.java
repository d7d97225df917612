package io.heliosdb.replication.core.ingest;

/**
 * Consecutive messages of one source transaction, as they came: a whole small transaction, or a
 * part of a large one.
 *
 * <p>{@link #messages} is a sequence of {@code length(4) message(length)}, numbers big-endian, each
 * message a pgoutput message from its type byte on: Relation, Type, Origin, Insert, Update, Delete,
 * Truncate, Message. BEGIN and COMMIT are the fields. Relation and Type messages do not count as
 * changes; all others do, in {@link #firstOrdinal} and {@link #changes}.
 *
 * @param commitLsn LSN of the commit record, from BEGIN
 * @param commitEpochMicros source clock, microseconds since 1970-01-01 UTC
 * @param xid 32-bit transaction id, unsigned
 * @param firstOrdinal number of changes of the transaction before this chunk
 * @param changes number of changes in this chunk
 * @param last whether COMMIT follows the messages
 * @param commitEndLsn end of the commit record if {@code last}, else 0: where a restart begins to
 *     read
 * @param messages handed over, not copied; valid up to {@code length}
 */
public record WalChunk(
        long commitLsn,
        long commitEpochMicros,
        long xid,
        long firstOrdinal,
        int changes,
        boolean last,
        long commitEndLsn,
        byte[] messages,
        int length) {}
