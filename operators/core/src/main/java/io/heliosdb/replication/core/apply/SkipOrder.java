package io.heliosdb.replication.core.apply;

/**
 * The order to leave out one transaction that the target refuses.
 *
 * @param commitLsn which one
 * @param who and {@code reason}: recorded beside what is left out
 */
public record SkipOrder(long commitLsn, String who, String reason) {}
