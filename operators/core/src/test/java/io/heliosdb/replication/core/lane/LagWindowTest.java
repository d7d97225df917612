package io.heliosdb.replication.core.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LagWindowTest {

    @Test
    void tellsNothingBetterThanItWasAndLittleWorse() {
        Random random = new Random(3);
        LagWindow window = new LagWindow();
        long[] lags = new long[20_000];
        for (int i = 0; i < lags.length; i++) {
            lags[i] = (long) Math.exp(random.nextDouble() * 25);
            window.add(lags[i], lags[i] < 1_000_000, 1_000);
        }
        Arrays.sort(lags);
        LagWindow.Summary summary = window.summary(1_000);
        assertThat(summary.samples()).isEqualTo(lags.length);
        assertThat(summary.within())
                .isEqualTo(Arrays.stream(lags).filter(it -> it < 1_000_000).count());
        assertClose(summary.p50(), lags[lags.length / 2 - 1]);
        assertClose(summary.p99(), lags[lags.length * 99 / 100 - 1]);
        assertClose(summary.worst(), lags[lags.length - 1]);
    }

    private static void assertClose(long told, long was) {
        assertThat(told).isBetween(was, was + was / 8 + 1);
    }

    @Test
    void forgetsWhatIsFiveMinutesAgo() {
        LagWindow window = new LagWindow();
        window.add(5_000_000, false, 10_000);
        window.add(7, true, 200_000);
        assertThat(window.summary(200_000).worst()).isGreaterThanOrEqualTo(5_000_000);
        assertThat(window.summary(320_000).samples()).isEqualTo(1);
        assertThat(window.summary(320_000).worst()).isEqualTo(7);
        window.add(9, true, 620_000);
        assertThat(window.summary(620_000).samples()).isEqualTo(1);
        assertThat(window.summary(3_600_000).samples()).isZero();
        assertThat(window.summary(3_600_000).p99()).isZero();
    }
}
