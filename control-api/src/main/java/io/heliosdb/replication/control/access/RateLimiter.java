package io.heliosdb.replication.control.access;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Limits callers: a bucket of the tier's burst that fills evenly, within a window of a minute that
 * holds the tier's limit. Each process counts for itself. Thread-safe; forgets who is silent.
 */
public final class RateLimiter {

    private static final long WINDOW_MS = 60_000;
    private static final int SWEEP_ABOVE = 10_000;

    private final InstantSource clock;
    private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();

    public RateLimiter(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * What a request got.
     *
     * @param reset when the window ends
     * @param retryAfterSeconds at least 1 if refused
     * @param firstRefusal whether it is the first refused one of this caller in the window
     */
    public record Decision(
            boolean allowed,
            int limit,
            int remaining,
            Instant reset,
            int retryAfterSeconds,
            boolean firstRefusal) {}

    private static final class Bucket {
        private double tokens;
        private long filledAtMs;
        private long windowStartMs;
        private int used;
        private boolean refused;

        Bucket(int burst, long nowMs) {
            tokens = burst;
            filledAtMs = nowMs;
            windowStartMs = nowMs;
        }
    }

    /** Counts a request of this caller. */
    public Decision take(String caller, RateTier tier) {
        long now = clock.millis();
        if (buckets.size() > SWEEP_ABOVE) {
            buckets.values().removeIf(bucket -> bucket.filledAtMs < now - 2 * WINDOW_MS);
        }
        Bucket bucket = buckets.computeIfAbsent(caller, key -> new Bucket(tier.burst(), now));
        synchronized (bucket) {
            return take(bucket, tier, now);
        }
    }

    private static Decision take(Bucket bucket, RateTier tier, long now) {
        if (now - bucket.windowStartMs >= WINDOW_MS) {
            bucket.windowStartMs = now;
            bucket.used = 0;
            bucket.refused = false;
        }
        double perMs = tier.perMinute() / (double) WINDOW_MS;
        bucket.tokens = Math.min(tier.burst(), bucket.tokens + (now - bucket.filledAtMs) * perMs);
        bucket.filledAtMs = now;
        long windowEnd = bucket.windowStartMs + WINDOW_MS;
        boolean inWindow = bucket.used < tier.perMinute();
        boolean allowed = inWindow && bucket.tokens >= 1;
        boolean first = !allowed && !bucket.refused;
        long waitMs = 0;
        if (allowed) {
            bucket.tokens -= 1;
            bucket.used++;
        } else {
            bucket.refused = true;
            waitMs = inWindow ? (long) Math.ceil((1 - bucket.tokens) / perMs) : windowEnd - now;
        }
        return new Decision(
                allowed,
                tier.perMinute(),
                tier.perMinute() - bucket.used,
                Instant.ofEpochMilli(windowEnd),
                allowed ? 0 : (int) Math.max(1, (waitMs + 999) / 1000),
                first);
    }
}
