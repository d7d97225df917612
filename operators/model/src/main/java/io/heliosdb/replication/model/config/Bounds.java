package io.heliosdb.replication.model.config;

import java.time.Duration;

/** Range checks whose message names the key, the value and the bounds. */
final class Bounds {

    private Bounds() {}

    static <T extends Comparable<T>> void check(String key, T value, T least, T most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(
                    key
                            + " must be between "
                            + text(least)
                            + " and "
                            + text(most)
                            + ", got "
                            + text(value));
        }
    }

    private static String text(Object value) {
        return value instanceof Duration duration
                ? duration.toString().substring(2).toLowerCase()
                : value.toString();
    }
}
