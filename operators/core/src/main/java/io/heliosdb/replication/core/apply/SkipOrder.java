package io.heliosdb.replication.core.apply;

/**
 * The order to leave out one transaction that the target refuses, or the DDL in it.
 *
 * @param commitLsn which one
 * @param ddl whether only DDL is left out, that which the target refuses or this replication does
 *     not allow; the rows are applied
 * @param who and {@code reason}: recorded beside what is left out
 */
public record SkipOrder(long commitLsn, boolean ddl, String who, String reason) {

    /** Of all that is in it. */
    public SkipOrder(long commitLsn, String who, String reason) {
        this(commitLsn, false, who, reason);
    }
}
