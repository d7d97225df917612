package io.heliosdb.replication.core.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.testkit.Await;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TakenPlaceTest {

    private final TakenPlace taken = new TakenPlace(Duration.ofMillis(30));

    @Test
    void isWaitedForAsLongAsItsPatience_R11() {
        assertThat(taken.isPatient()).isTrue();
        taken.found();
        Await.until("patience to end", () -> !taken.isPatient());

        taken.found();
        assertThat(taken.isPatient()).as("counted from the first time").isFalse();
        taken.free();
        assertThat(taken.isPatient()).isTrue();
    }

    @Test
    void theCopiesOfOthersDoNotCount_R11() {
        taken.found();
        Await.until("patience to end", () -> !taken.isPatient());

        taken.othersAreCopied();
        assertThat(taken.isPatient()).isTrue();
        Await.until("patience to end again", () -> !taken.isPatient());
    }

    @Test
    void othersThatComeNearerDoNotCount_R11() {
        taken.found();
        assertThat(taken.untilLsn(500)).isEqualTo(500);
        assertThat(taken.untilLsn(700)).as("as far as they were then").isEqualTo(500);
        taken.othersStandAt(100);
        Await.until("patience to end", () -> !taken.isPatient());

        taken.othersStandAt(100);
        assertThat(taken.isPatient()).isFalse();
        taken.othersStandAt(200);
        assertThat(taken.isPatient()).isTrue();

        taken.free();
        assertThat(taken.untilLsn(700)).isEqualTo(700);
    }

    @Test
    void goesOnceTogetherWithTheOthersThatWait_R11() {
        assertThat(taken.takeTurnTogether()).isFalse();
        taken.found();
        assertThat(taken.takeTurnTogether()).isTrue();
        assertThat(taken.takeTurnTogether()).isFalse();
    }
}
