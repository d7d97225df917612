package io.heliosdb.replication.core.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.model.TableId;
import java.util.List;
import org.junit.jupiter.api.Test;

class SequenceHeadroomTest {

    private final SequenceHeadroom headroom = new SequenceHeadroom();

    private static SequenceReading reading(long value, long increment, long min, long max) {
        return new SequenceReading(
                new TableId("public", "s"),
                new TableId("public", "t"),
                "id",
                value,
                increment,
                min,
                max,
                false);
    }

    private static SequenceReading reading(long value) {
        return reading(value, 1, 1, Long.MAX_VALUE);
    }

    private SequenceGoal goal(SequenceReading reading) {
        return headroom.all(List.of(reading)).get(0);
    }

    @Test
    void standsAheadInTheDirectionOfTheSequence_R28() {
        assertThat(goal(reading(10)).value()).isEqualTo(1_010);
        assertThat(goal(reading(10)).atLeast()).isEqualTo(510);
        SequenceGoal down = goal(reading(-10, -5, -1_000_000, -1));
        assertThat(down.value()).isEqualTo(-5_010);
        assertThat(down.upward()).isFalse();
    }

    @Test
    void growsWithWhatIsHandedOutBetweenTwoLooks_R28() {
        goal(reading(0));
        assertThat(goal(reading(10_000)).value()).isEqualTo(10_000 + 8 * 10_000);
        assertThat(goal(reading(10_001)).value())
                .as("not forgotten at once")
                .isEqualTo(10_001 + 8 * 10_000);
    }

    @Test
    void leavesHalfOfWhatIsLeftNearTheEnd() {
        assertThat(first(reading(32_700, 1, 1, 32_767)).value()).isEqualTo(32_733);
        assertThat(first(reading(32_767, 1, 1, 32_767)).value()).isEqualTo(32_767);
        assertThat(first(reading(Long.MAX_VALUE - 3)).value()).isEqualTo(Long.MAX_VALUE - 2);
        assertThat(first(reading(Long.MIN_VALUE, 1, Long.MIN_VALUE, Long.MAX_VALUE)).value())
                .as("the distance does not fit into a bigint")
                .isEqualTo(Long.MIN_VALUE + 1_000);
    }

    private static SequenceGoal first(SequenceReading reading) {
        return new SequenceHeadroom().all(List.of(reading)).get(0);
    }

    @Test
    void tellsOnlyOfThoseThatHaveMoved() {
        assertThat(headroom.moved(List.of(reading(1)))).hasSize(1);
        assertThat(headroom.moved(List.of(reading(1)))).isEmpty();
        assertThat(headroom.moved(List.of(reading(2)))).hasSize(1);
    }
}
