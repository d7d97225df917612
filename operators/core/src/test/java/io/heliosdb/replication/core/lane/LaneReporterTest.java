package io.heliosdb.replication.core.lane;

import static io.heliosdb.replication.core.lane.EngineHarness.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.control.ResyncOrders;
import io.heliosdb.replication.core.feed.SecretOpener;
import io.heliosdb.replication.core.report.LaneReport;
import io.heliosdb.replication.core.report.LaneReportCodec;
import io.heliosdb.replication.core.report.ReplicationReport;
import io.heliosdb.replication.core.report.ReplicationReport.Condition;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.WhenFull;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What the metadata store is told of lanes. */
class LaneReporterTest extends LimitsStand {

    private final List<LaneReport> told = new CopyOnWriteArrayList<>();

    private EngineHarness harness() {
        return new EngineHarness(
                target,
                new MemoryLaneStore(),
                64 << 20,
                EngineHarness.config(2, 0),
                copies,
                InstantSource.system(),
                null,
                ResyncOrders.NONE,
                new LaneEnvironment.Control(secrets(), told::add));
    }

    private static SecretOpener secrets() {
        try {
            return LaneServiceTest.secrets();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static LaneInput observed(long version) {
        return new LaneInput.Observed(R, version);
    }

    private static ReplicationSpec inTier(Tier tier, int priority) {
        ReplicationSpec spec = spec("r", false, WhenFull.ALARM);
        return new ReplicationSpec(
                spec.id(),
                spec.tenant(),
                spec.target(),
                spec.tables(),
                tier,
                priority,
                spec.paused(),
                spec.existingRows(),
                spec.ddl(),
                spec.backlog());
    }

    private ReplicationReport last() {
        ReplicationReport last = null;
        for (LaneReport report : told) {
            assertThat(onTheWire(report)).isEqualTo(report);
            last = report instanceof LaneReport.Status status ? status.report() : last;
        }
        return last;
    }

    private List<Condition> conditions() {
        return last() == null ? List.of() : last().conditions();
    }

    private static LaneReport onTheWire(LaneReport report) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            LaneReportCodec.write(report, new DataOutputStream(bytes));
            return LaneReportCodec.read(
                    new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitStreaming() {
        await(() -> last() != null && last().state() == ReplicationState.STREAMING);
    }

    @Test
    void tellsOfABacklogBeyondItsLimitUntilItIsWithin() {
        try (EngineHarness harness = harness()) {
            harness.accept(start(spec("r", false, WhenFull.ALARM)), observed(1), tick(2));
            awaitStreaming();
            assertThat(conditions()).isEmpty();

            harness.accept(
                    update(spec("r", true, WhenFull.ALARM)),
                    observed(2),
                    large(10),
                    large(12),
                    tick(13));
            await(() -> !conditions().isEmpty());
            assertThat(conditions())
                    .singleElement()
                    .matches(it -> it.code() == ErrorCode.BACKLOG_LIMIT)
                    .matches(it -> it.reason().contains("larger than max-size"));
            assertThat(last().state()).as("it goes on").isEqualTo(ReplicationState.PAUSED);
            assertThat(last().code()).isNull();
            assertThat(last().backlog().rows()).isEqualTo(2);
            assertThat(last().backlog().oldestMicros()).isBetween(1L, 60_000_000L);

            harness.accept(update(spec("r", false, WhenFull.ALARM)), observed(3));
            await(() -> target.appliedOf("r").size() == 2);
            harness.accept(tick(14));
            await(() -> conditions().isEmpty() && last().backlog().rows() == 0);
            assertThat(last().backlog().oldestMicros()).isZero();
        }
    }

    @Test
    void tellsThatCommitsDoNotWaitForASynchronousOne() {
        try (EngineHarness harness = harness()) {
            harness.accept(start(inTier(Tier.SYNCHRONOUS, 50)), observed(1), tick(2));
            awaitStreaming();
            harness.accept(new LaneInput.Synchronism(R, "it took longer than 5 s"));
            await(() -> !conditions().isEmpty());
            assertThat(conditions())
                    .containsExactly(
                            new Condition(
                                    ErrorCode.SYNCHRONOUS_DEGRADED, "it took longer than 5 s"));
            harness.accept(new LaneInput.Synchronism(R, null));
            await(() -> conditions().isEmpty());
        }
    }

    @Test
    void tellsTheTierAndThePriorityThatTheScheduleHas() {
        try (EngineHarness harness = harness()) {
            harness.accept(start(inTier(Tier.BEST_EFFORT, 10)), observed(1), tick(2));
            awaitStreaming();
            assertThat(last().service())
                    .isEqualTo(
                            new ReplicationReport.Service(Tier.BEST_EFFORT, 10, 300_000, false, 0));
            harness.accept(update(inTier(Tier.SYNCHRONOUS, 90)), observed(2));
            await(() -> last().version() == 2);
            assertThat(last().service())
                    .as("without a limit of its own a synchronous one has that of premium")
                    .isEqualTo(
                            new ReplicationReport.Service(Tier.SYNCHRONOUS, 90, 1_000, false, 0));
        }
    }

    @Test
    void anEndIsToldOnceItsRowsAreGone_alsoIfSomebodyElseHasComeToCarryTheTenant() {
        try (EngineHarness harness = harness()) {
            ReplicationSpec spec = spec("r", false, WhenFull.ALARM);
            harness.accept(start(spec), observed(1), tick(2));
            awaitStreaming();
            target.carriers.add(Optional.of("r2"));
            target.carriers.add(Optional.of("r2"));
            harness.accept(new LaneInput.Ended(spec, 2, true));
            await(() -> last().state() == ReplicationState.STOPPED);
            assertThat(target.removed).containsExactly(R, R, R);
            assertThat(told.stream().filter(LaneReport.Note.class::isInstance))
                    .extracting(it -> ((LaneReport.Note) it).type())
                    .containsExactly("TargetCleanupWaits", "TargetCleaned");
            assertThat(last().version()).isEqualTo(2);
        }
    }
}
