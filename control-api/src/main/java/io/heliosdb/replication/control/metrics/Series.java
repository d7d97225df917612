package io.heliosdb.replication.control.metrics;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Time series of one replication: per metric the points that have a value. */
public record Series(Map<String, List<Point>> metrics) {

    /** The mean of the interval that begins at this time. */
    public record Point(Instant timestamp, double value) {}

    /** How fine a series is. */
    public enum Resolution {
        MINUTE("1m", Duration.ofMinutes(1)),
        FIVE_MINUTES("5m", Duration.ofMinutes(5)),
        HOUR("1h", Duration.ofHours(1)),
        DAY("1d", Duration.ofDays(1));

        private final String text;
        private final Duration step;

        Resolution(String text, Duration step) {
            this.text = text;
            this.step = step;
        }

        public String text() {
            return text;
        }

        public Duration step() {
            return step;
        }

        public static Optional<Resolution> parse(String text) {
            for (Resolution resolution : values()) {
                if (resolution.text.equals(text)) {
                    return Optional.of(resolution);
                }
            }
            return Optional.empty();
        }
    }

    /** By what replications are grouped. */
    public enum Grouping {
        TENANT_ID,
        QOS_TIER,
        REGION
    }

    /**
     * Replications that have something in common.
     *
     * @param complianceRatio share of the reports in which the job did not count it as late
     * @param violations so many times one went beyond its limit
     * @param backlogBytes what waits now, before compression
     */
    public record Group(
            Map<String, String> groupKey,
            @Nullable Double avgLagSeconds,
            @Nullable Double p99LagSeconds,
            long total,
            long healthy,
            @Nullable Double avgCompressionRatio,
            @Nullable Double p50LagSeconds,
            @Nullable Double complianceRatio,
            long violations,
            long backlogTransactions,
            long backlogBytes,
            long backlogStoredBytes,
            long backlogRows,
            double backlogOldestAgeSeconds) {}
}
