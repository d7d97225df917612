package io.heliosdb.replication.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class TokenBucketTest {

    private static final long SECOND = 1_000_000_000L;

    @Test
    void givesNoMoreThanItsRateWhateverTheSizesOfThePieces() {
        Random random = new Random(5);
        TokenBucket bucket = new TokenBucket(1_000_000, 0);
        long now = 0;
        long taken = 0;
        while (now < 60 * SECOND) {
            long wait = bucket.waitNanos(now);
            if (wait > 0) {
                now += wait;
                assertThat(bucket.waitNanos(now)).as("as long as it said").isZero();
            }
            long piece = 1 + random.nextInt(300_000);
            bucket.take(piece, now);
            taken += piece;
        }
        assertThat(taken).isBetween(60_000_000L, 60_000_000L + 250_000 + 300_000);
    }

    @Test
    void keepsNothingOfATimeInWhichNothingWasTaken() {
        TokenBucket bucket = new TokenBucket(1_000_000, 0);
        long now = 3600 * SECOND;
        long taken = 0;
        while (bucket.waitNanos(now) == 0) {
            bucket.take(10_000, now);
            taken += 10_000;
        }
        assertThat(taken).isLessThanOrEqualTo(260_000);
    }

    @Test
    void onePieceMayBeLargerThanTheRateAndIsPaidFor() {
        TokenBucket bucket = new TokenBucket(100_000, 0);
        bucket.take(1_025_000, 0);
        assertThat(bucket.waitNanos(0)).isEqualTo(10 * SECOND);
        assertThat(bucket.waitNanos(10 * SECOND)).isZero();
        assertThat(bucket.piece(1 << 20)).isEqualTo(12_500);
    }

    @Test
    void withoutARateThereIsNoBound() {
        TokenBucket bucket = new TokenBucket(0, 0);
        bucket.take(Long.MAX_VALUE, 0);
        assertThat(bucket.waitNanos(0)).isZero();
        assertThat(bucket.piece(77)).isEqualTo(77);
    }
}
