package io.heliosdb.replication.control.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.control.access.RateLimiter.Decision;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RateLimiterTest {

    private long nowMs = 1_000_000_000_000L;
    private final RateLimiter limiter = new RateLimiter(() -> Instant.ofEpochMilli(nowMs));

    @Test
    void allowsABurstThenAnEvenRate() {
        for (int i = 0; i < RateTier.FREE.burst(); i++) {
            assertThat(limiter.take("a", RateTier.FREE).allowed()).isTrue();
        }
        Decision refused = limiter.take("a", RateTier.FREE);
        assertThat(refused.allowed()).isFalse();
        assertThat(refused.retryAfterSeconds()).isEqualTo(1);
        assertThat(refused.firstRefusal()).isTrue();
        assertThat(limiter.take("a", RateTier.FREE).firstRefusal()).isFalse();
        assertThat(limiter.take("b", RateTier.FREE).allowed()).as("others").isTrue();
        nowMs += 1000;
        assertThat(limiter.take("a", RateTier.FREE).allowed()).isTrue();
        assertThat(limiter.take("a", RateTier.FREE).allowed()).isFalse();
    }

    @Test
    void neverAllowsMoreThanTheLimitInAWindow() {
        int allowed = 0;
        Decision last = limiter.take("a", RateTier.STANDARD);
        Instant reset = last.reset();
        allowed++;
        while (nowMs + 10 < reset.toEpochMilli()) {
            nowMs += 10;
            last = limiter.take("a", RateTier.STANDARD);
            if (last.allowed()) {
                allowed++;
            }
            assertThat(last.remaining()).isEqualTo(last.limit() - allowed);
        }
        assertThat(allowed).isEqualTo(RateTier.STANDARD.perMinute());
        assertThat(last.retryAfterSeconds()).isEqualTo(1);
        nowMs = reset.toEpochMilli();
        assertThat(limiter.take("a", RateTier.STANDARD).allowed()).isTrue();
    }
}
