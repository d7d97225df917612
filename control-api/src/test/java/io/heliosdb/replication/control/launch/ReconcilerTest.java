package io.heliosdb.replication.control.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.heliosdb.replication.control.http.ControlStand;
import io.heliosdb.replication.control.launch.FakeCluster.Killed;
import io.heliosdb.replication.control.launch.SeenJob.Condition;
import io.heliosdb.replication.control.launch.SourceJob.Phase;
import io.heliosdb.replication.control.launch.postgres.SourceJobRepository;
import io.heliosdb.replication.control.store.postgres.MetadataStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One job per source, whoever dies and whatever the cluster does; on a real store. */
class ReconcilerTest {

    private static final Duration LEASE = Duration.ofMinutes(5);
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private static ControlStand stand;
    private static MetadataStore store;
    private static SourceJobRepository jobs;

    private final AtomicLong nanos = new AtomicLong();
    private FakeCluster cluster;
    private Reconciler reconciler;
    private long epoch;
    private UUID source;
    private String target;

    @BeforeAll
    static void open() {
        stand = ControlStand.start();
        store = MetadataStore.open(stand.store, 3);
        jobs = new SourceJobRepository(store);
    }

    @AfterAll
    static void close() {
        store.close();
        stand.close();
    }

    @BeforeEach
    void start() {
        stand.execute(
                "UPDATE heliosdb_control.replication_configs SET deleted_at = now();"
                        + " DELETE FROM heliosdb_control.source_jobs;"
                        + " DELETE FROM heliosdb_control.leases");
        cluster = new FakeCluster();
        String name = "r" + NUMBER.incrementAndGet();
        source = UUID.fromString(stand.connection(name, "nowhere"));
        target = stand.connection(name + "t", "nowhere");
        takeOver("first");
    }

    private void takeOver(String holder) {
        stand.execute("UPDATE heliosdb_control.leases SET expires_at = now() - interval '1 s'");
        epoch = jobs.lease(holder, LEASE).orElseThrow();
        reconciler =
                new Reconciler(
                        jobs,
                        cluster,
                        new LaunchOptions(
                                id -> List.of("--connection", id.toString()),
                                2,
                                Duration.ofSeconds(1),
                                LEASE,
                                Duration.ZERO,
                                Duration.ZERO,
                                false,
                                null),
                        nanos::get);
    }

    private String replicate(String tenant) {
        return stand.replication(tenant, source.toString(), target);
    }

    private void rounds(int count) {
        for (int i = 0; i < count; i++) {
            reconciler.round(epoch);
        }
    }

    private JobView view() {
        return jobs.view(source).orElseThrow();
    }

    private String running() {
        assertThat(cluster.alive(source)).hasSize(1);
        return cluster.alive(source).get(0).jobId();
    }

    private void becomeDue() {
        stand.execute("UPDATE heliosdb_control.source_jobs SET retry_at = now()");
    }

    @Test
    void startsAJobWithTheFirstReplicationAndStopsItWithSavepointAfterTheLast() {
        rounds(2);
        assertThat(cluster.starts()).isZero();

        String first = replicate("a");
        String second = replicate("b");
        rounds(2);
        String id = running();
        assertThat(view().phase()).isEqualTo(Phase.RUNNING);
        assertThat(view().jobId()).isEqualTo(id);
        assertThat(cluster.request(id).arguments()).containsExactly("--connection", source + "");
        assertThat(cluster.request(id).restoreFrom()).isEmpty();

        stand.call("DELETE", "/v1/replications/" + first, null);
        rounds(3);
        assertThat(running()).as("the second needs it").isEqualTo(id);

        stand.post("/v1/replications/" + second + "/stop", "{}");
        rounds(3);
        assertThat(cluster.alive(source)).isEmpty();
        assertThat(cluster.cancelled()).isEmpty();
        assertThat(view().phase()).isEqualTo(Phase.IDLE);
        assertThat(types())
                .containsExactly("JobStopped", "JobStopping", "JobStarted", "JobStarting");

        replicate("c");
        rounds(2);
        assertThat(cluster.request(running()).restoreFrom())
                .hasValue(new Restore("savepoint-1", true));
        assertThat(view().restoredFrom()).isEqualTo("savepoint-1");
    }

    private List<String> types() {
        return view().events().stream().map(JobView.Event::eventType).toList();
    }

    @Test
    void aPausedReplicationKeepsItsJob() {
        String id = replicate("a");
        rounds(2);
        stand.report(id, "Streaming", "NULL");
        assertThat(stand.post("/v1/replications/" + id + "/pause", "{}").status()).isEqualTo(200);
        rounds(3);
        assertThat(cluster.alive(source)).hasSize(1);
    }

    @Test
    void restartsAJobThatFailedFromItsNewestCheckpointWithGrowingPausesAndTellsItsReplications() {
        String replication = replicate("a");
        rounds(2);
        cluster.checkpoint(source, "chk-7");
        cluster.end(running(), Condition.FAILED);
        rounds(3);
        assertThat(cluster.alive(source)).as("it waits").isEmpty();
        JobView waiting = view();
        assertThat(waiting.phase()).isEqualTo(Phase.FAILED);
        assertThat(waiting.failures()).isEqualTo(1);
        assertThat(waiting.retryAt()).isNotNull();
        assertThat(waiting.lastFailure()).isEqualTo("it broke");

        becomeDue();
        rounds(2);
        assertThat(cluster.request(running()).restoreFrom()).hasValue(new Restore("chk-7", true));
        assertThat(view().failures()).as("not steady yet").isEqualTo(1);
        cluster.end(running(), Condition.FAILED);
        rounds(1);
        assertThat(view().failures()).isEqualTo(2);

        becomeDue();
        rounds(2);
        stand.execute(
                "UPDATE heliosdb_control.source_jobs SET phase_since = now() - interval '61 s'");
        rounds(1);
        assertThat(view().failures()).isZero();
        assertThat(view().lastFailure()).as("still to be seen").isEqualTo("it broke");

        JsonNode events = stand.get("/v1/replications/" + replication + "/events").json();
        assertThat(events.get("data").findValuesAsText("event_type"))
                .containsExactly("JobRecovered", "JobRecovered", "JobFailed", "Created");
        assertThat(List.of(1, 2, 3, 10, 40).stream().map(Reconciler::pause))
                .containsExactly(
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(4),
                        Duration.ofMinutes(5),
                        Duration.ofMinutes(5));
    }

    @Test
    void aJobGoesOnUntilRowsThatAreToGoHaveLeftTheTarget() {
        String replication = replicate("a");
        rounds(3);
        stand.call("DELETE", "/v1/replications/" + replication + "?cleanup_target=true", null);
        rounds(3);
        assertThat(cluster.alive(source)).hasSize(1);
        stand.report(replication, "Stopped", "NULL");
        rounds(3);
        assertThat(cluster.alive(source)).isEmpty();
        assertThat(view().phase()).isEqualTo(Phase.IDLE);
    }

    @Test
    void aRemovalThatHasWaitedForTheTenantsNextReplicationIsStillDone() {
        String first = replicate("a");
        rounds(3);
        stand.call("DELETE", "/v1/replications/" + first + "?cleanup_target=true", null);
        String second = replicate("a");
        stand.execute(
                "UPDATE heliosdb_control.replication_configs"
                        + " SET deleted_at = now() - interval '2 days' WHERE id = '"
                        + first
                        + "'");
        stand.call("DELETE", "/v1/replications/" + second, null);
        stand.report(second, "Stopped", "NULL");
        rounds(3);
        assertThat(cluster.alive(source)).hasSize(1);
        stand.report(first, "Stopped", "NULL");
        rounds(3);
        assertThat(cluster.alive(source)).isEmpty();
    }

    @Test
    void aChangedConnectionIsReadByANewRunThatContinues() {
        replicate("a");
        rounds(3);
        String before = running();
        stand.call("PATCH", "/v1/connections/" + source, "{\"password\": \"another\"}");
        rounds(4);
        assertThat(running()).isNotEqualTo(before);
        assertThat(cluster.request(running()).restoreFrom())
                .hasValue(new Restore("savepoint-1", true));
        rounds(4);
        assertThat(cluster.starts()).isEqualTo(2);

        cluster.end(running(), Condition.FAILED);
        rounds(3);
        assertThat(cluster.starts()).as("it waits").isEqualTo(2);
        stand.call("PATCH", "/v1/connections/" + source, "{\"password\": \"the right one\"}");
        rounds(3);
        assertThat(cluster.starts()).as("what was changed may mend it").isEqualTo(3);
        assertThat(cluster.mostAlive()).isEqualTo(1);
    }

    @Test
    void neverBeginsAnewWhereARestorePointCannotBeRead() {
        replicate("a");
        cluster.hook =
                step -> {
                    if (step.equals("restorePoint")) {
                        throw new ClusterException("not readable as checkpoint metadata", null);
                    }
                };
        rounds(2);
        assertThat(cluster.starts()).isZero();
        assertThat(view().lastFailure()).isEqualTo("not readable as checkpoint metadata");
        cluster.hook = step -> {};
        becomeDue();
        rounds(1);
        assertThat(cluster.starts()).isEqualTo(1);
    }

    @Test
    void aJobThatTheClusterForgotIsStartedAgainButNotBeforeTheClusterHadTimeToRecoverIt() {
        replicate("a");
        rounds(2);
        String before = running();
        cluster.forgetfulness(Duration.ofSeconds(20));
        cluster.forgetAll();
        rounds(2);
        nanos.addAndGet(Duration.ofSeconds(19).toNanos());
        rounds(2);
        assertThat(cluster.starts()).isEqualTo(1);
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        rounds(2);
        assertThat(running()).isNotEqualTo(before);
        assertThat(types()).contains("JobLost");
    }

    @Test
    void doesNothingWhileTheClusterDoesNotAnswer() {
        replicate("a");
        rounds(2);
        cluster.unreachable(true);
        assertThatThrownBy(() -> rounds(1)).isInstanceOf(ClusterException.class);
        assertThat(view().phase()).isEqualTo(Phase.RUNNING);
        cluster.unreachable(false);
        rounds(3);
        assertThat(cluster.starts()).isEqualTo(1);
    }

    @Test
    void aJobThatCannotStopWithSavepointIsCancelledAfterAWhile() {
        String replication = replicate("a");
        rounds(2);
        String id = running();
        cluster.is(id, Condition.STARTING);
        stand.call("DELETE", "/v1/replications/" + replication, null);
        cluster.hook =
                step -> {
                    if (step.equals("stop")) {
                        throw new ClusterException("not all tasks run", null);
                    }
                };
        rounds(3);
        assertThat(cluster.cancelled()).isEmpty();
        stand.execute(
                "UPDATE heliosdb_control.source_jobs SET phase_since = now() - interval '31 s'");
        rounds(2);
        assertThat(cluster.cancelled()).containsExactly(id);
        assertThat(view().phase()).isEqualTo(Phase.IDLE);
    }

    @Test
    void endsJobsOfItsSourcesThatNobodyWroteDownAndLeavesThoseOfOthersAlone() {
        replicate("a");
        rounds(2);
        String right = running();
        UUID others = UUID.randomUUID();
        cluster.land(new JobRequest(source, "late", List.of(), java.util.Optional.empty(), 1));
        cluster.land(new JobRequest(others, "theirs", List.of(), java.util.Optional.empty(), 1));
        rounds(2);
        assertThat(running()).isEqualTo(right);
        assertThat(cluster.cancelled()).containsExactly("late");
        assertThat(cluster.alive(others)).hasSize(1);
    }

    @Test
    void whoLostTheLeaseChangesNothingAnyMore() {
        replicate("a");
        Reconciler paused = reconciler;
        long old = epoch;
        takeOver("second");
        assertThat(epoch).isGreaterThan(old);
        paused.round(old);
        assertThat(cluster.starts()).isZero();
        rounds(2);
        assertThat(cluster.starts()).isEqualTo(1);
        cluster.end(running(), Condition.FAILED);
        paused.round(old);
        assertThat(view().phase()).isEqualTo(Phase.RUNNING);
        rounds(1);
        assertThat(view().phase()).isEqualTo(Phase.FAILED);
    }

    /** Every call of the cluster, before and after it took effect, is the last of some instance. */
    @Test
    void whoeverIsKilledAtAnyStepIsFollowedByOneThatGoesOnWithOneJob() {
        for (String last :
                List.of(
                        "look",
                        "restorePoint",
                        "start",
                        "start done",
                        "failure",
                        "stop",
                        "stop done")) {
            for (int nth = 1; nth <= 2; nth++) {
                start();
                killAt(last, nth);
            }
        }
    }

    private void killAt(String last, int nth) {
        AtomicInteger left = new AtomicInteger(nth);
        String where = last + " " + nth;
        cluster.hook =
                step -> {
                    if (step.equals(last) && left.decrementAndGet() == 0) {
                        throw new Killed();
                    }
                };
        String replication = replicate("a");
        untilDone("starts, " + where, () -> cluster.alive(source).size() == 1 && isRunning());
        cluster.end(running(), Condition.FAILED);
        untilDone(
                "starts again, " + where,
                () -> cluster.alive(source).size() == 1 && isRunning() && view().failures() == 1);
        stand.call("DELETE", "/v1/replications/" + replication, null);
        untilDone(
                "stops, " + where,
                () -> cluster.alive(source).isEmpty() && view().phase() == Phase.IDLE);
        assertThat(cluster.starts()).as(where).isEqualTo(2);
        assertThat(cluster.mostAlive()).as(where).isEqualTo(1);
        assertThat(cluster.cancelled()).as(where).isEmpty();
    }

    private boolean isRunning() {
        return view().phase() == Phase.RUNNING;
    }

    private void untilDone(String what, java.util.function.BooleanSupplier done) {
        for (int i = 0; i < 20; i++) {
            if (done.getAsBoolean()) {
                return;
            }
            try {
                becomeDue();
                reconciler.round(epoch);
            } catch (Killed e) {
                takeOver("next-" + UUID.randomUUID());
            }
        }
        assertThat(done.getAsBoolean()).as(what).isTrue();
    }

    /** Kills, failures, orders and changes of the leader in random order. */
    @Test
    void endsWithWhatIsWantedWhateverHappened() {
        Random random = new Random(5);
        List<String> live = new ArrayList<>();
        cluster.hook =
                step -> {
                    if (random.nextInt(12) == 0) {
                        throw new Killed();
                    }
                };
        for (int i = 0; i < 300; i++) {
            switch (random.nextInt(8)) {
                case 0 -> {
                    if (live.size() < 2) {
                        live.add(replicate("t" + i));
                    }
                }
                case 1 -> {
                    if (!live.isEmpty()) {
                        stand.call("DELETE", "/v1/replications/" + live.remove(0), null);
                    }
                }
                case 2 ->
                        cluster.alive(source).stream()
                                .findFirst()
                                .ifPresent(job -> cluster.end(job.jobId(), Condition.FAILED));
                case 3 -> takeOver("leader-" + i);
                default -> {
                    try {
                        becomeDue();
                        reconciler.round(epoch);
                    } catch (Killed e) {
                        takeOver("leader-" + i);
                    }
                }
            }
        }
        cluster.hook = step -> {};
        for (int i = 0; i < 10; i++) {
            becomeDue();
            reconciler.round(epoch);
        }
        assertThat(cluster.alive(source)).hasSize(live.isEmpty() ? 0 : 1);
        assertThat(cluster.mostAlive()).isEqualTo(1);
        assertThat(cluster.starts()).isGreaterThan(10);
    }
}
