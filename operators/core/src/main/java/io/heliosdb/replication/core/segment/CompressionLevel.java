package io.heliosdb.replication.core.segment;

/** How much processor time a segment may cost. */
public enum CompressionLevel {
    LOW(1),
    MEDIUM(3),
    HIGH(9);

    private final int zstd;

    CompressionLevel(int zstd) {
        this.zstd = zstd;
    }

    /** The level of Zstd. */
    int zstd() {
        return zstd;
    }
}
