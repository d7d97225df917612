package io.heliosdb.replication.cli.terminal;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Numbers as people read them. What is not known reads {@code unknown}, never 0. */
public final class Quantity {

    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    private Quantity() {}

    public static String count(@Nullable Long value) {
        return value == null
                ? "unknown"
                : String.format(Locale.ROOT, "%,d", value).replace(',', ' ');
    }

    public static String bytes(@Nullable Long value) {
        if (value == null) {
            return "unknown";
        }
        double scaled = value;
        int unit = 0;
        while (scaled >= 1024 && unit < UNITS.length - 1) {
            scaled /= 1024;
            unit++;
        }
        return unit == 0
                ? value + " B"
                : String.format(Locale.ROOT, "%.1f %s", scaled, UNITS[unit]);
    }
}
