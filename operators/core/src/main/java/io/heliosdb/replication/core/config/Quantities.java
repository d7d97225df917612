package io.heliosdb.replication.core.config;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text forms of durations ({@code 500ms}, {@code 10s}, {@code 2m}, {@code 1h}) and sizes
 * ({@code 512KiB}, {@code 1GB}).
 */
final class Quantities {

    private static final Pattern FORM = Pattern.compile("(\\d{1,18})\\s*([A-Za-z]*)");
    private static final Map<String, Long> MILLIS = new LinkedHashMap<>();
    private static final Map<String, Long> BYTES = new LinkedHashMap<>();

    static {
        MILLIS.put("h", 3_600_000L);
        MILLIS.put("m", 60_000L);
        MILLIS.put("s", 1_000L);
        MILLIS.put("ms", 1L);
        BYTES.put("GiB", 1L << 30);
        BYTES.put("MiB", 1L << 20);
        BYTES.put("KiB", 1L << 10);
        BYTES.put("GB", 1_000_000_000L);
        BYTES.put("MB", 1_000_000L);
        BYTES.put("KB", 1_000L);
        BYTES.put("B", 1L);
    }

    private Quantities() {}

    static Duration duration(String text) {
        return Duration.ofMillis(
                parse(text, MILLIS, "a duration with unit (ms, s, m, h), e.g. 10s"));
    }

    static long bytes(String text) {
        return parse(text, BYTES, "a size with unit (B, KiB, MiB, GiB, KB, MB, GB), e.g. 128MiB");
    }

    static String text(Duration duration) {
        return text(duration.toMillis(), MILLIS);
    }

    static String text(long bytes) {
        return text(bytes, BYTES);
    }

    private static long parse(String text, Map<String, Long> units, String expected) {
        Matcher matcher = FORM.matcher(text.strip());
        if (matcher.matches()) {
            String unit = matcher.group(2).toLowerCase(Locale.ROOT);
            for (Map.Entry<String, Long> known : units.entrySet()) {
                if (known.getKey().toLowerCase(Locale.ROOT).equals(unit)) {
                    try {
                        return Math.multiplyExact(
                                Long.parseLong(matcher.group(1)), known.getValue());
                    } catch (ArithmeticException e) {
                        throw new IllegalArgumentException("is too large: '" + text + "'", e);
                    }
                }
            }
        }
        throw new IllegalArgumentException("must be " + expected + ", got '" + text + "'");
    }

    private static String text(long value, Map<String, Long> units) {
        for (Map.Entry<String, Long> unit : units.entrySet()) {
            if (value >= unit.getValue() && value % unit.getValue() == 0) {
                return value / unit.getValue() + unit.getKey();
            }
        }
        throw new IllegalArgumentException("no text for " + value);
    }
}
