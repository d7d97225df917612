package io.heliosdb.replication.model;

import java.util.Objects;

/**
 * The changes of one source transaction that belong to one replication, or one part of them if they
 * are many.
 *
 * <p>Parts of one transaction have the same {@link #commitLsn()} and follow each other without a
 * gap in the replication's stream; {@link #last()} marks the closing one, which may be empty. The
 * transaction is applied atomically.
 *
 * <p>{@link #changes()} is a sequence of changes, numbers big-endian:
 *
 * <pre>
 *   change   := op(1) relation(2) body
 *   op       := 'I' | 'U' | 'D' | 'T' | 'M'
 *   relation := index into {@link #relations()}, unsigned
 *   body     := I: tuple
 *             | U: 'N' tuple                 key unchanged, no old image
 *             | U: ('K' | 'O') tuple tuple   old key or whole old row, then the new row
 *             | D: ('K' | 'O') tuple
 *             | T: flags(1)                  1 = restart identity, 2 = cascade; truncates the tenant's rows
 *             | M: length(4) bytes           DDL of the source at this place ({@code core.ddl.DdlEvent}); its
 *                                            relation is {@link #DDL}
 *   tuple    := columns(2) column*           exactly pgoutput's TupleData
 *   column   := 'n' | 'u' | 't' length(4) bytes    null, unchanged TOAST value, value as text in UTF-8
 * </pre>
 *
 * <p>The relation index of a change refers to {@link #relations()} of the same part: fingerprints
 * of {@link RelationDescriptor}s. Descriptors travel apart, each before its first use in the
 * replication's stream.
 *
 * <p>Not immutable for speed: {@link #changes()} is handed over, not copied. Nobody writes to it
 * after construction.
 *
 * @param replication whose changes these are
 * @param commitLsn LSN of the commit record: the order key
 * @param commitEpochMicros commit time by the source's clock, microseconds since 1970-01-01 UTC
 * @param xid 32-bit transaction id, as an unsigned value
 * @param part number of this part, from 0
 * @param last whether the transaction is complete with this part
 * @param firstOrdinal ordinal in the source transaction of the first change in this part
 * @param rows number of changes in this part
 */
public record TenantTransaction(
        ReplicationId replication,
        long commitLsn,
        long commitEpochMicros,
        long xid,
        int part,
        boolean last,
        long firstOrdinal,
        int rows,
        long[] relations,
        byte[] changes) {

    /** Among {@link #relations()} if there is DDL in this part; no relation's fingerprint. */
    public static final long DDL = 0x44444c2d44444c21L;

    public TenantTransaction {
        Objects.requireNonNull(replication);
        if (rows < 0 || part < 0) {
            throw new IllegalArgumentException("rows " + rows + ", part " + part);
        }
    }

    /** Whether there is DDL in this part. */
    public boolean hasDdl() {
        for (long relation : relations) {
            if (relation == DDL) {
                return true;
            }
        }
        return false;
    }

    public Position position() {
        return Position.after(new Lsn(commitLsn));
    }

    /** Bytes on the heap, roughly: for memory budgets. */
    public long weight() {
        return 120L + 8L * relations.length + changes.length;
    }

    @Override
    public String toString() {
        return "TenantTransaction["
                + replication
                + " "
                + Lsn.format(commitLsn)
                + " part "
                + part
                + (last ? " last" : "")
                + ", "
                + rows
                + " rows]";
    }
}
