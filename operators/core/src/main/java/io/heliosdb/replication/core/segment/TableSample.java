package io.heliosdb.replication.core.segment;

/**
 * What the changes of one table take in a segment.
 *
 * @param fingerprint of its descriptor
 * @param zstdBytes compressed by Zstd alone at the same level
 * @param bytes compressed as in the segment; its share of what tables have in common is estimated
 */
public record TableSample(long fingerprint, long rawBytes, long zstdBytes, long bytes) {}
