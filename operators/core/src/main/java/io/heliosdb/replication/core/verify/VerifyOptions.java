package io.heliosdb.replication.core.verify;

import java.time.Duration;

/**
 * Bounds of one verification.
 *
 * @param timeout longest wait for the source to give a consistent point, and again for the targets
 *     to reach it
 * @param namedKeys differing keys named per table
 * @param changeMemoryBytes heap for changes made between the two snapshots; tables with more are
 *     reported as not comparable yet
 */
public record VerifyOptions(Duration timeout, int namedKeys, long changeMemoryBytes) {

    public static final VerifyOptions DEFAULT =
            new VerifyOptions(Duration.ofSeconds(60), 20, 256L << 20);

    public VerifyOptions {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout must be positive, got " + timeout);
        }
        if (namedKeys < 1 || changeMemoryBytes < 1) {
            throw new IllegalArgumentException(
                    "namedKeys and changeMemoryBytes must be positive, got "
                            + namedKeys
                            + " and "
                            + changeMemoryBytes);
        }
    }

    public VerifyOptions withTimeout(Duration value) {
        return new VerifyOptions(value, namedKeys, changeMemoryBytes);
    }
}
