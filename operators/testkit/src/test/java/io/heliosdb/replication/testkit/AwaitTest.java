package io.heliosdb.replication.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AwaitTest {

    private static final Duration SHORT = Duration.ofMillis(20);

    @Test
    void returnsTheFirstSightThatIsWantedAndBearsFailuresUntilThen() {
        AtomicInteger looks = new AtomicInteger();
        int seen =
                Await.until(
                        "a third look",
                        () -> {
                            if (looks.incrementAndGet() == 1) {
                                throw new SQLException("the server is away");
                            }
                            return looks.get();
                        },
                        look -> look >= 3);
        assertThat(seen).isEqualTo(3);
    }

    @Test
    void saysWhatWasAwaitedAndWhatWasSeenLast() {
        assertThatThrownBy(() -> Await.until(() -> "ten", SHORT, () -> 9, ten -> ten == 10))
                .isInstanceOf(AssertionError.class)
                .hasMessage("waited PT0.02S in vain for ten; last seen: 9");
        SQLException away = new SQLException("the server is away");
        assertThatThrownBy(
                        () ->
                                Await.until(
                                        "a server",
                                        SHORT,
                                        () -> {
                                            throw away;
                                        }))
                .hasMessageContaining("for a server; last look failed")
                .hasCause(away);
    }

    @Test
    void endsAtOnceWhenAnAssertionFailsOrTheThreadIsInterrupted() {
        AssertionError dead = new AssertionError("the process is dead");
        assertThatThrownBy(
                        () ->
                                Await.until(
                                        "rows",
                                        () -> {
                                            throw dead;
                                        }))
                .isSameAs(dead);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> Await.until("never", () -> false))
                .hasMessage("interrupted while waiting for never");
        assertThat(Thread.interrupted()).isTrue();
    }
}
