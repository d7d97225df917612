package io.heliosdb.replication.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SourceSnapshotTest {

    private static final long EPOCH = 1L << 32;

    @Test
    void seesWhatHadFinishedAndNothingElse() {
        SourceSnapshot snapshot = SourceSnapshot.parse("10:20:12,15");
        assertThat(snapshot.sees(9)).isTrue();
        assertThat(snapshot.sees(10)).isTrue();
        assertThat(snapshot.sees(12)).isFalse();
        assertThat(snapshot.sees(15)).isFalse();
        assertThat(snapshot.sees(19)).isTrue();
        assertThat(snapshot.sees(20)).isFalse();
        assertThat(snapshot.toString()).isEqualTo("10:20:12,15");
    }

    @Test
    void widensIdsAcrossAnEpoch_R36() {
        SourceSnapshot justAfterWrap =
                new SourceSnapshot(5 * EPOCH - 3, 5 * EPOCH + 10, new long[] {5 * EPOCH - 2});
        assertThat(justAfterWrap.sees(0xFFFF_FFFDL)).as("5e-3, finished").isTrue();
        assertThat(justAfterWrap.sees(0xFFFF_FFFEL)).as("5e-2, running").isFalse();
        assertThat(justAfterWrap.sees(0xFFFF_FFFFL)).as("5e-1, finished").isTrue();
        assertThat(justAfterWrap.sees(3)).as("5e+3, finished").isTrue();
        assertThat(justAfterWrap.sees(10)).as("5e+10, not begun").isFalse();

        SourceSnapshot justBeforeWrap =
                new SourceSnapshot(5 * EPOCH - 20, 5 * EPOCH - 10, new long[0]);
        assertThat(justBeforeWrap.sees(0xFFFF_FFF0L)).as("5e-16").isTrue();
        assertThat(justBeforeWrap.sees(4)).as("5e+4, in the next epoch").isFalse();
    }

    @Test
    void refusesOtherText() {
        assertThatThrownBy(() -> SourceSnapshot.parse("1:2"))
                .hasMessageContaining("xmin:xmax:xip_list");
    }
}
