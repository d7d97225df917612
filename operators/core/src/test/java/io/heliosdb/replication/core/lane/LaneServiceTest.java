package io.heliosdb.replication.core.lane;

import static io.heliosdb.replication.core.lane.EngineHarness.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import io.heliosdb.replication.core.control.ResyncOrders;
import io.heliosdb.replication.core.feed.SealedTarget;
import io.heliosdb.replication.core.feed.SecretOpener;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.TenantTransaction;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.BacklogConfig;
import io.heliosdb.replication.model.config.DdlRules;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.model.config.ServiceConfig;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.TargetConfig;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Lag limits, what happens beyond them, sessions of one's own, and bounds of what may be sent. */
class LaneServiceTest {

    private final FakeTarget target = new FakeTarget();
    private final AtomicLong lsn = new AtomicLong(100);
    private final CountDownLatch released = new CountDownLatch(1);
    private volatile Instant now = Instant.parse("2026-01-01T12:00:00Z");

    /** As soon as a batch of it is with a worker, that waits until it is released. */
    private volatile String held = "";

    private volatile boolean holds;

    private EngineHarness harness(int sessions, long bytesPerSecond) {
        return harness(sessions, bytesPerSecond, null);
    }

    private EngineHarness harness(
            int sessions, long bytesPerSecond, LaneEnvironment.@Nullable Control control) {
        target.trouble =
                batch -> {
                    if (batch.replication().value().equals(held)) {
                        holds = true;
                        try {
                            released.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }
                    return null;
                };
        TargetConfig config = EngineHarness.config(sessions, bytesPerSecond);
        return new EngineHarness(
                target,
                new MemoryLaneStore(),
                64 << 20,
                config,
                new FakeCopies(),
                () -> now,
                null,
                ResyncOrders.NONE,
                control);
    }

    /** As a metadata store tells of it, while the job runs. */
    private static LaneInput boundOf(long bytesPerSecond, long version) {
        return new LaneInput.Target(
                "t",
                new SealedTarget(
                        "main",
                        "jdbc:postgresql://nowhere/x",
                        "x",
                        new byte[0],
                        4,
                        bytesPerSecond,
                        version));
    }

    static SecretOpener secrets() throws GeneralSecurityException {
        AeadConfig.register();
        return SecretOpener.of(
                new Secret(
                        TinkJsonProtoKeysetFormat.serializeKeyset(
                                KeysetHandle.generateNew(
                                        PredefinedAeadParameters.AES256_GCM,
                                        RegistryConfiguration.get()),
                                RegistryConfiguration.get(),
                                InsecureSecretKeyAccess.get())));
    }

    private static ReplicationSpec spec(String id, Tier tier, ServiceConfig service) {
        return new ReplicationSpec(
                new ReplicationId(id),
                new TenantId(id),
                "main",
                TableFilter.ALL,
                tier,
                50,
                false,
                ExistingRows.FAIL,
                DdlRules.APPLY,
                BacklogConfig.DEFAULT,
                service);
    }

    private static LaneInput start(String id, Tier tier) {
        return start(id, tier, ServiceConfig.DEFAULT);
    }

    private static LaneInput start(String id, Tier tier, ServiceConfig service) {
        return new LaneInput.Start(spec(id, tier, service), 1, new long[0]);
    }

    private long micros() {
        return Duration.between(Instant.EPOCH, now).toNanos() / 1000;
    }

    private LaneInput tick() {
        return new LaneInput.Tick("t", lsn.incrementAndGet(), micros());
    }

    /** A transaction that commits now. */
    private LaneInput data(String id, int bytes) {
        TenantTransaction made = Stream.transaction(id, lsn.incrementAndGet(), 0, true, bytes);
        return new LaneInput.Transaction(
                new TenantTransaction(
                        made.replication(),
                        made.commitLsn(),
                        micros(),
                        made.xid(),
                        0,
                        true,
                        0,
                        1,
                        made.relations(),
                        made.changes()));
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }

    private int appliedOf(String id) {
        return target.appliedOf(id).size();
    }

    private TierFigures figures(EngineHarness harness, Tier tier) {
        return harness.engine.figures().of(tier);
    }

    @Test
    void aViolationIsOneUntilTheLimitWasKeptForHalfAMinute_R31() {
        try (EngineHarness harness = harness(2, 0)) {
            harness.accept(start("p", Tier.PREMIUM), start("b", Tier.BEST_EFFORT), tick());
            harness.accept(data("p", 10), data("b", 10));
            await(() -> appliedOf("p") == 1 && appliedOf("b") == 1);
            harness.accept(tick());
            assertThat(figures(harness, Tier.PREMIUM).violations()).isZero();
            assertThat(figures(harness, Tier.PREMIUM).complianceRatio()).isEqualTo(1);

            target.down = true;
            harness.accept(data("p", 10), data("b", 10));
            for (int i = 0; i < 4; i++) {
                pass(Duration.ofMillis(900));
                harness.accept(tick());
            }
            TierFigures premium = figures(harness, Tier.PREMIUM);
            assertThat(premium.violations()).isEqualTo(1);
            assertThat(premium.late()).isEqualTo(1);
            assertThat(premium.replications()).isEqualTo(1);
            assertThat(premium.backlogRows()).isEqualTo(1);
            assertThat(premium.complianceRatio())
                    .as("a second with an applied row, one of 0.9 s, three beyond")
                    .isEqualTo(2 / 5.0);
            assertThat(premium.lagWorstMicros()).isBetween(3_600_000L, 4_200_000L);
            assertThat(figures(harness, Tier.BEST_EFFORT).violations()).isZero();
            assertThat(figures(harness, Tier.BEST_EFFORT).lagWorstMicros())
                    .isGreaterThanOrEqualTo(3_600_000L);

            target.down = false;
            await(() -> appliedOf("p") == 2);
            for (int i = 0; i < 29; i++) {
                pass(Duration.ofSeconds(1));
                harness.accept(tick());
            }
            assertThat(figures(harness, Tier.PREMIUM).late()).isEqualTo(1);
            pass(Duration.ofSeconds(3));
            harness.accept(tick());
            assertThat(figures(harness, Tier.PREMIUM).late()).isZero();
            assertThat(figures(harness, Tier.PREMIUM).violations()).isEqualTo(1);
        }
    }

    @Test
    void alsoWhatWasAppliedTooLateBetweenTwoLooksIsAViolation() {
        try (EngineHarness harness = harness(2, 0)) {
            held = "p";
            harness.accept(start("p", Tier.PREMIUM), tick(), data("p", 10));
            await(() -> holds);
            pass(Duration.ofMillis(1_500));
            released.countDown();
            await(() -> appliedOf("p") == 1 && harness.engine.memoryBytes() == 0);
            harness.accept(tick());
            assertThat(figures(harness, Tier.PREMIUM).violations()).isEqualTo(1);
        }
    }

    @Test
    void aReplicationHasItsOwnLimit() {
        ServiceConfig minute = new ServiceConfig(Duration.ofMinutes(1), false, 0);
        ServiceConfig tenth = new ServiceConfig(Duration.ofMillis(100), false, 0);
        try (EngineHarness harness = harness(2, 0)) {
            harness.accept(start("p", Tier.PREMIUM, minute), start("s", Tier.STANDARD, tenth));
            target.down = true;
            harness.accept(tick(), data("p", 10), data("s", 10));
            pass(Duration.ofSeconds(5));
            harness.accept(tick());
            target.down = false;
            await(() -> appliedOf("p") == 1 && appliedOf("s") == 1);
            harness.accept(tick());
            assertThat(figures(harness, Tier.PREMIUM).violations()).isZero();
            assertThat(figures(harness, Tier.STANDARD).violations()).isEqualTo(1);
        }
    }

    @Test
    void whoIsPausedIsOwedNothing() {
        ReplicationSpec spec = spec("p", Tier.PREMIUM, ServiceConfig.DEFAULT);
        ReplicationSpec paused =
                new ReplicationSpec(
                        spec.id(),
                        spec.tenant(),
                        "main",
                        spec.tables(),
                        spec.tier(),
                        50,
                        true,
                        ExistingRows.FAIL);
        try (EngineHarness harness = harness(2, 0)) {
            harness.accept(new LaneInput.Start(paused, 1, new long[0]), tick(), data("p", 10));
            pass(Duration.ofSeconds(5));
            harness.accept(tick());
            assertThat(figures(harness, Tier.PREMIUM).violations()).isZero();
        }
    }

    /** The only session is with somebody else, for as long as it takes. */
    @Test
    void premiumThatIsLateGetsASessionOfItsOwn_R31() {
        try (EngineHarness harness = harness(1, 0)) {
            harness.accept(start("b", Tier.BEST_EFFORT), start("p", Tier.PREMIUM), tick());
            await(() -> target.openSessions() == 1);
            held = "b";
            harness.accept(data("b", 10));
            await(() -> holds);
            harness.accept(data("p", 10));
            pass(Duration.ofMillis(900));
            harness.accept(tick());
            assertThat(appliedOf("p")).isZero();
            pass(Duration.ofMillis(200));
            harness.accept(tick());
            await(() -> appliedOf("p") == 1);
            assertThat(appliedOf("b")).isZero();
            assertThat(target.openSessions()).isEqualTo(2);

            for (int i = 0; i < 32; i++) {
                pass(Duration.ofSeconds(1));
                harness.accept(tick());
            }
            await(() -> target.openSessions() == 1);
            released.countDown();
            await(() -> appliedOf("b") == 1);
        }
    }

    @Test
    void aKeptConnectionServesItsOwnWhileAllOthersAreBusy_R31() {
        ServiceConfig own = new ServiceConfig(null, true, 0);
        try (EngineHarness harness = harness(1, 0)) {
            harness.accept(
                    start("b", Tier.BEST_EFFORT),
                    start("p", Tier.PREMIUM, own),
                    start("s", Tier.STANDARD, own));
            await(() -> target.openSessions() == 1);
            held = "b";
            harness.accept(data("b", 10));
            await(() -> holds);
            harness.accept(data("p", 10), data("s", 10));
            await(() -> appliedOf("p") == 1);
            assertThat(appliedOf("s")).as("standard has none").isZero();
            assertThat(target.openSessions()).isEqualTo(2);

            harness.accept(new LaneInput.Update(spec("p", Tier.PREMIUM, ServiceConfig.DEFAULT)));
            await(() -> target.openSessions() == 1);
            harness.accept(new LaneInput.Update(spec("s", Tier.PREMIUM, own)));
            await(() -> appliedOf("s") == 1);
            harness.accept(new LaneInput.Stop(new ReplicationId("s")));
            await(() -> target.openSessions() == 1);
            released.countDown();
            await(() -> appliedOf("b") == 1);
        }
    }

    /** A target keeps something for each name: an origin. */
    @Test
    void sessionsThatComeAndGoHaveFewNames() {
        ServiceConfig own = new ServiceConfig(null, true, 0);
        try (EngineHarness harness = harness(1, 0)) {
            harness.accept(start("p", Tier.PREMIUM), start("q", Tier.PREMIUM));
            await(() -> target.openSessions() == 1);
            for (int i = 1; i <= 5; i++) {
                int count = i;
                for (String id : List.of("p", "q")) {
                    harness.accept(new LaneInput.Update(spec(id, Tier.PREMIUM, own)), data(id, 10));
                    await(() -> appliedOf(id) == count);
                }
                for (String id : List.of("p", "q")) {
                    harness.accept(
                            new LaneInput.Update(spec(id, Tier.PREMIUM, ServiceConfig.DEFAULT)));
                }
                await(() -> target.openSessions() == 1);
            }
        }
        assertThat(target.names)
                .containsExactlyInAnyOrder(
                        "apply-main-0", "apply-main-kept-0", "apply-main-kept-1");
    }

    /** The target has no further connection: it is served as the others are. */
    @Test
    void withoutAConnectionToKeepItSharesThoseThatThereAre() {
        ServiceConfig own = new ServiceConfig(null, true, 0);
        try (EngineHarness harness = harness(1, 0)) {
            harness.accept(start("p", Tier.PREMIUM, own), start("b", Tier.BEST_EFFORT));
            harness.accept(data("b", 10));
            await(() -> appliedOf("b") == 1);
            target.connectionLimit = 1;
            harness.accept(data("p", 10), data("b", 10));
            await(() -> appliedOf("p") == 1 && appliedOf("b") == 2);
            assertThat(target.openSessions()).isEqualTo(1);
        }
    }

    @Test
    void aReplicationSendsNoMoreThanItMay() {
        ServiceConfig slow = new ServiceConfig(null, false, 1_000_000);
        try (EngineHarness harness = harness(2, 0)) {
            harness.accept(start("b", Tier.BEST_EFFORT, slow), start("p", Tier.PREMIUM), tick());
            long begin = System.nanoTime();
            for (int i = 0; i < 60; i++) {
                harness.accept(data("b", 20_000));
            }
            harness.accept(data("p", 20_000));
            await(() -> appliedOf("p") == 1);
            assertThat(appliedOf("b")).as("nobody else waits").isLessThan(60);
            await(() -> appliedOf("b") == 60);
            double seconds = (System.nanoTime() - begin) / 1e9;
            assertThat(seconds).as("1.2 MB, less what may come at once").isBetween(0.7, 5.0);
        }
    }

    /** What may go to a target is shared, and who is urgent goes first. */
    @Test
    void aTargetIsSentNoMoreThanItMayAndWhoIsUrgentGoesFirst() {
        try (EngineHarness harness = harness(4, 1_000_000)) {
            harness.accept(start("b", Tier.BEST_EFFORT), start("p", Tier.PREMIUM), tick());
            long begin = System.nanoTime();
            for (int i = 0; i < 80; i++) {
                harness.accept(data("b", 20_000));
            }
            harness.accept(data("p", 20_000));
            await(() -> appliedOf("p") == 1);
            assertThat(appliedOf("b")).isLessThan(60);
            await(() -> appliedOf("b") == 80);
            double seconds = (System.nanoTime() - begin) / 1e9;
            assertThat(seconds).isBetween(1.0, 6.0);
        }
    }

    @Test
    void theBoundOfATargetHoldsFromWhenTheStoreTellsOfIt_R31() throws Exception {
        LaneEnvironment.Control control = new LaneEnvironment.Control(secrets(), report -> {});
        try (EngineHarness harness = harness(4, 0, control)) {
            harness.accept(start("b", Tier.BEST_EFFORT), tick(), boundOf(1_000_000, 2));
            long begin = System.nanoTime();
            for (int i = 0; i < 80; i++) {
                harness.accept(data("b", 20_000));
            }
            await(() -> appliedOf("b") == 80);
            double seconds = (System.nanoTime() - begin) / 1e9;
            assertThat(seconds).isBetween(1.0, 6.0);
        }
    }

    /** Its parts are sent one after the other, its session waits between them. */
    @Test
    void alsoOneLargeTransactionIsSentNoFasterThanItMay() {
        ServiceConfig slow = new ServiceConfig(null, false, 1_000_000);
        try (EngineHarness harness = harness(2, 0)) {
            harness.accept(start("b", Tier.BEST_EFFORT, slow), tick());
            long begin = System.nanoTime();
            long at = lsn.incrementAndGet();
            for (int part = 0; part < 12; part++) {
                harness.accept(Stream.part("b", at, part, part == 11, 100_000));
            }
            await(() -> appliedOf("b") == 12);
            double seconds = (System.nanoTime() - begin) / 1e9;
            assertThat(seconds).isBetween(0.7, 5.0);
        }
    }
}
