package io.heliosdb.replication.core.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.Resync;
import io.heliosdb.replication.core.apply.SkipOrder;
import io.heliosdb.replication.model.config.TableFilter;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What checkpoints hold of a lane, of this version and of the one before. */
class LaneMetaTest {

    private static LaneMeta meta(@Nullable LaneGrowth growth, SkipOrder... skips) {
        return new LaneMeta(
                Stream.spec("r", false),
                1,
                true,
                new long[] {5},
                2,
                3,
                4,
                null,
                6,
                growth,
                List.of(skips),
                0,
                0);
    }

    private static LaneGrowth growth(@Nullable Resync resync) {
        return new LaneGrowth(List.of(TableFilter.ALL), 9, new long[] {8}, resync);
    }

    private static void assertSame(LaneMeta found, LaneMeta wanted) {
        assertThat(found).usingRecursiveComparison().isEqualTo(wanted);
    }

    @Test
    void isReadAsItWasWritten() {
        for (LaneMeta meta :
                List.of(
                        meta(null),
                        meta(growth(null)),
                        meta(
                                growth(new Resync(List.of("a"), 7, "me")),
                                new SkipOrder(11, "me", "why"),
                                new SkipOrder(12, true, "you", "")))) {
            assertSame(LaneMeta.decode(meta.encode()), meta);
        }
    }

    @Test
    void readsWhatTheVersionBeforeHasWritten_R34() {
        assertSame(LaneMeta.decode(asVersion3(meta(null), 4)), meta(null));
        assertSame(LaneMeta.decode(asVersion3(meta(growth(null)), 5)), meta(growth(null)));
        assertSame(LaneMeta.decode(asVersion5(meta(growth(null)))), meta(growth(null)));
        LaneMeta skipping = meta(null, new SkipOrder(11, "me", "why"));
        assertSame(LaneMeta.decode(asVersion4(skipping, 4 + 2 + 4 + 3)), skipping);
    }

    /** It knew nothing of a metadata store. */
    private static byte[] asVersion5(LaneMeta meta) {
        byte[] bytes = meta.encode();
        byte[] before = Arrays.copyOf(bytes, bytes.length - 16);
        before[0] = 5;
        return before;
    }

    /** It did not tell DDL from the rest of a transaction. */
    private static byte[] asVersion4(LaneMeta meta, int behind) {
        byte[] bytes = asVersion5(meta);
        byte[] before = Arrays.copyOf(bytes, bytes.length - 1);
        System.arraycopy(bytes, bytes.length - behind, before, before.length - behind, behind);
        before[0] = 4;
        return before;
    }

    /** It had nothing of what comes last. */
    private static byte[] asVersion3(LaneMeta meta, int more) {
        byte[] bytes = asVersion5(meta);
        byte[] before = Arrays.copyOf(bytes, bytes.length - more);
        before[0] = 3;
        return before;
    }
}
