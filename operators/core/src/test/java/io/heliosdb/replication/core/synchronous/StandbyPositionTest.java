package io.heliosdb.replication.core.synchronous;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StandbyPositionTest {

    @Test
    void knowsHowFarTheSourceWasAtATime() {
        StandbyPosition position = new StandbyPosition();
        assertThat(position.seenBy(5)).isZero();
        position.seen(100, 10);
        position.seen(200, 20);
        assertThat(position.seenBy(9)).isZero();
        assertThat(position.seenBy(10)).isEqualTo(100);
        assertThat(position.seenBy(19)).isEqualTo(100);
        assertThat(position.seenBy(30)).isEqualTo(200);
        assertThat(position.seen()).isEqualTo(200);
    }

    @Test
    void holdsEverythingUntilSomethingIsKnown() {
        assertThat(new StandbyPosition().get()).isEqualTo(StandbyPosition.HOLD);
        assertThat(StandbyPosition.HOLD.nobody()).isFalse();
        assertThat(StandbyPosition.HOLD.idle()).isFalse();
    }
}
