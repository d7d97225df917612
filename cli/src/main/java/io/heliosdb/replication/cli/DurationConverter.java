package io.heliosdb.replication.cli;

import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads times as the configuration file has them: {@code 60s}, {@code 5m}, {@code 500ms}. */
public final class DurationConverter implements ITypeConverter<Duration> {

    @Override
    public Duration convert(String text) {
        try {
            return Duration.parse(
                    text.endsWith("ms")
                            ? "PT" + Long.parseLong(text.replace("ms", "")) / 1000.0 + "S"
                            : "PT" + text.toUpperCase(Locale.ROOT));
        } catch (RuntimeException e) {
            throw new TypeConversionException("'" + text + "' is no time, e.g. 60s or 5m");
        }
    }
}
