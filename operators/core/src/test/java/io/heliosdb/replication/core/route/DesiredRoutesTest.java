package io.heliosdb.replication.core.route;

import static io.heliosdb.replication.core.feed.Wanted.ended;
import static io.heliosdb.replication.core.feed.Wanted.of;
import static io.heliosdb.replication.core.feed.Wanted.paused;
import static io.heliosdb.replication.core.feed.Wanted.replication;
import static io.heliosdb.replication.core.feed.Wanted.running;
import static io.heliosdb.replication.core.feed.Wanted.skippingDdl;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.model.config.TenancyConfig;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What becomes of upserts in the router: each version once, in band. */
class DesiredRoutesTest {

    private final WalScript wal = new WalScript();
    private final Recorder output = new Recorder();
    private final Router router = router(output);

    private static Router router(Recorder output) {
        return new Router(
                new Tenancy(new TenancyConfig("tenant_id", Map.of(), null, Set.of())),
                1 << 20,
                output);
    }

    DesiredRoutesTest() {
        router.route(wal.relation(100, "public", "o", "*id", "*tenant_id").commit(5));
    }

    private static List<String> kinds(List<LaneInput> inputs) {
        return inputs.stream().map(it -> it.getClass().getSimpleName()).toList();
    }

    @Test
    void eachVersionTakesEffectOnce() {
        router.upserts(of(running("a", 3)));
        router.upserts(of(running("a", 3)));
        router.upserts(of(paused("a", 2)));
        assertThat(output.starts).hasSize(1);
        assertThat(output.updates).isEmpty();
        assertThat(output.commands).containsExactly(observed("a", 3));

        router.upserts(of(paused("a", 4)));
        assertThat(output.updates).singleElement().matches(it -> it.spec().paused());
        assertThat(output.commands).hasSize(2).contains(observed("a", 4));
    }

    private static LaneInput.Observed observed(String id, long version) {
        return new LaneInput.Observed(running(id, 1).id(), version);
    }

    @Test
    void takesEffectBehindTheTransactionThatIsOpen() {
        router.route(wal.insert(100, "1", "ta").chunk(7, false));
        router.upserts(of(running("a", 1)));
        assertThat(output.starts).isEmpty();
        router.route(wal.insert(100, "2", "ta").chunk(7, true));
        assertThat(output.starts).singleElement().matches(it -> it.startLsn() == 7);
        assertThat(output.of("a")).as("what began before is in the copy").isEmpty();
    }

    @Test
    void ordersAreCarriedOutWhenTheirNumberChanges() {
        router.upserts(of(replication("a", 1, false, 4, 4, 9, false)));
        assertThat(kinds(output.commands)).as("a new one begins anew").containsExactly("Observed");
        output.commands.clear();

        router.upserts(of(replication("a", 2, false, 5, 4, 9, false)));
        assertThat(kinds(output.commands)).containsExactly("Resync", "Observed");
        output.commands.clear();
        router.upserts(of(replication("a", 3, false, 5, 5, 9, false)));
        assertThat(kinds(output.commands)).containsExactly("Retry", "Observed");
        output.commands.clear();
        router.upserts(of(replication("a", 4, false, 5, 6, 11, false)));
        assertThat(kinds(output.commands)).containsExactly("Skip", "Observed");
        output.commands.clear();
        router.upserts(of(replication("a", 5, true, 5, 6, 11, false)));
        assertThat(kinds(output.commands)).containsExactly("Observed");
    }

    @Test
    void aSkipLeavesOutAllOrOnlyTheDdl_R15() {
        router.upserts(of(running("a", 1)));
        output.commands.clear();
        router.upserts(of(replication("a", 2, false, 0, 1, 9, false)));
        router.upserts(of(skippingDdl("a", 3, 2, 11)));
        assertThat(output.commands)
                .filteredOn(LaneInput.Skip.class::isInstance)
                .extracting(it -> ((LaneInput.Skip) it).ddl())
                .containsExactly(false, true);
    }

    @Test
    void nothingComesBackFromAnEnd() {
        router.upserts(of(running("a", 1)));
        router.upserts(of(ended("a", 3)));
        router.upserts(of(ended("a", 3)));
        router.upserts(of(running("a", 2)));
        assertThat(kinds(output.commands)).containsExactly("Observed", "Ended");
        assertThat(output.starts).hasSize(1);
        router.route(wal.insert(100, "1", "ta").commit(9));
        assertThat(output.of("a")).isEmpty();
    }

    @Test
    void anEndOfWhatIsNotKnownIsTold() {
        router.upserts(of(ended("a", 3)));
        assertThat(kinds(output.commands)).containsExactly("Ended");
    }

    @Test
    void endsGoBeforeWhatBegins() {
        router.upserts(of(running("new", 1), ended("old", 2)));
        assertThat(kinds(output.commands)).containsExactly("Ended", "Observed");
    }

    @Test
    void aRestartForgetsAndRepeatsNothing_R1() {
        router.upserts(of(replication("a", 2, false, 1, 1, 9, false)));
        RouterState saved = RouterState.decode(router.state().encode());
        Recorder after = new Recorder();
        Router restored = router(after);
        restored.restore(saved);
        restored.upserts(of(replication("a", 2, false, 1, 1, 9, false)));
        assertThat(after.starts).isEmpty();
        assertThat(after.commands).isEmpty();
        restored.upserts(of(replication("a", 3, false, 1, 2, 9, false)));
        assertThat(kinds(after.commands)).containsExactly("Retry", "Observed");
    }
}
