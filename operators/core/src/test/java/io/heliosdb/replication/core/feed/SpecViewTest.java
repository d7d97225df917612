package io.heliosdb.replication.core.feed;

import static io.heliosdb.replication.core.feed.Wanted.ended;
import static io.heliosdb.replication.core.feed.Wanted.of;
import static io.heliosdb.replication.core.feed.Wanted.paused;
import static io.heliosdb.replication.core.feed.Wanted.running;
import static io.heliosdb.replication.core.feed.Wanted.target;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.stream.FeedCodec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What of a read is news. */
class SpecViewTest {

    private final SpecView view = new SpecView();

    @Test
    void onlyAHigherVersionIsNews() {
        assertThat(view.mergeWhole(of(running("a", 2))).replications())
                .containsExactly(running("a", 2));
        assertThat(view.mergeWhole(of(running("a", 2))).isEmpty()).as("a duplicate").isTrue();
        assertThat(view.mergeWhole(of(paused("a", 1))).isEmpty()).as("an older one").isTrue();
        assertThat(view.mergeWhole(of(paused("a", 3))).replications())
                .containsExactly(paused("a", 3));
        assertThat(view.live().replications()).containsExactly(paused("a", 3));
    }

    @Test
    void aTargetIsNewsAlsoIfItsPasswordCameEncryptedAnew() {
        assertThat(view.merge(new SpecUpserts(List.of(target("t", 5, 1)), List.of())).targets())
                .hasSize(1);
        assertThat(view.merge(new SpecUpserts(List.of(target("t", 5, 1)), List.of())).isEmpty())
                .isTrue();
        assertThat(view.merge(new SpecUpserts(List.of(target("t", 5, 2)), List.of())).targets())
                .containsExactly(target("t", 5, 2));
        assertThat(view.merge(new SpecUpserts(List.of(target("t", 4, 3)), List.of())).isEmpty())
                .as("an older version")
                .isTrue();
    }

    @Test
    void whatIsNotNamedGoesOn_R20() {
        view.mergeWhole(of(running("a", 1), running("b", 1)));
        assertThat(view.mergeWhole(of(running("b", 1))).isEmpty())
                .as("a store that lost a row ends nothing")
                .isTrue();
        assertThat(view.liveIds()).containsExactly("a", "b");
    }

    @Test
    void anEndIsRememberedUntilItWasReported() {
        view.mergeWhole(of(running("a", 1)));
        assertThat(view.mergeWhole(of(ended("a", 2))).replications()).hasSize(1);
        assertThat(view.mergeWhole(of(ended("a", 2))).isEmpty()).isTrue();
        assertThat(view.liveIds()).isEmpty();
        assertThat(view.live().replications()).as("is left to the store at a restart").isEmpty();
        view.mergeWhole(of());
        assertThat(view.mergeWhole(of(running("b", 1))).replications()).hasSize(1);
    }

    @Test
    void isReadAsItWasWritten() throws IOException {
        SpecUpserts upserts =
                new SpecUpserts(
                        List.of(target("t", 5, 1, 255)),
                        List.of(
                                paused("a", 1),
                                Wanted.skippingDdl("c", 3, 1, 9),
                                Wanted.replication("b", 7, false, 1, 2, 0x1_0000_0001L, true)));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        FeedCodec.write(upserts, new DataOutputStream(bytes));
        assertThat(
                        FeedCodec.read(
                                new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()))))
                .isEqualTo(upserts);
    }

    @Test
    void isReadAsItWasWrittenByVersionOne() throws IOException {
        SpecUpserts upserts = of(paused("a", 1));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        FeedCodec.write(upserts, new DataOutputStream(bytes));
        // skipDdl stands before the last two.
        byte[] now = bytes.toByteArray();
        byte[] then = Arrays.copyOf(now, now.length - 1);
        System.arraycopy(now, now.length - 2, then, then.length - 2, 2);
        assertThat(FeedCodec.read(new DataInputStream(new ByteArrayInputStream(then)), 1))
                .isEqualTo(upserts);
    }

    @Test
    void isReadAsItWasWrittenByVersionTwo() throws IOException {
        SealedTarget target = target("t", 5, 1, 255);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        FeedCodec.write(new SpecUpserts(List.of(target), List.of()), new DataOutputStream(bytes));
        // bytesPerSecond stands before the version of the target and the number of replications.
        byte[] now = bytes.toByteArray();
        byte[] then = Arrays.copyOf(now, now.length - 8);
        System.arraycopy(now, now.length - 12, then, then.length - 12, 12);
        assertThat(FeedCodec.read(new DataInputStream(new ByteArrayInputStream(then)), 2))
                .isEqualTo(
                        new SpecUpserts(
                                List.of(
                                        new SealedTarget(
                                                target.name(),
                                                target.url(),
                                                target.user(),
                                                target.secret(),
                                                target.lanes(),
                                                0,
                                                5)),
                                List.of()));
    }
}
