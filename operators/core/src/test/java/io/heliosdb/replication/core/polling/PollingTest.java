package io.heliosdb.replication.core.polling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PollingTest {

    @Test
    void looksAgainUntilTheTimeIsUpAndOnceMoreThen() throws Exception {
        Duration patience = Duration.ofMillis(50);
        long begin = System.nanoTime();
        Polling polling =
                Polling.growing(Duration.ofMillis(1), Duration.ofHours(1)).within(patience);
        int looks = 0;
        while (polling.again()) {
            looks++;
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .isBetween(patience, Duration.ofSeconds(30));
        assertThat(looks).as("1, 2, 4, 8, 16 ms and the rest").isBetween(1, 6);
        assertThat(polling.again()).isFalse();
    }

    @Test
    void growsToTheLongestPause() throws Exception {
        Polling polling = Polling.growing(Duration.ofNanos(1), Duration.ofNanos(4));
        assertThat(polling.isLong()).isFalse();
        assertThat(polling.again()).isTrue();
        assertThat(polling.isLong()).isFalse();
        assertThat(polling.again()).isTrue();
        assertThat(polling.isLong()).isTrue();
    }

    @Test
    void endsAPauseWhenInterrupted() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> Polling.every(Duration.ofHours(1)).again())
                .isInstanceOf(InterruptedException.class);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void refusesPausesThatWouldSpinOrShrink() {
        assertThatThrownBy(() -> Polling.every(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Polling.growing(Duration.ofMillis(2), Duration.ofMillis(1)))
                .hasMessageContaining("PT0.002S to PT0.001S");
    }
}
