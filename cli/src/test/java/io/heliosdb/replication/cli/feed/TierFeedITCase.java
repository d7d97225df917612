package io.heliosdb.replication.cli.feed;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.heliosdb.replication.control.replication.Replication;
import io.heliosdb.replication.control.replication.ReplicationConfig;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.testkit.Await;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tiers and priorities that change while the job runs, and what is told of who is late. */
class TierFeedITCase extends FeedCase {

    private static final Logger LOG = LoggerFactory.getLogger(TierFeedITCase.class);

    private static ReplicationConfig config(ReplicationConfig it, Tier tier, int priority) {
        return new ReplicationConfig(
                tier,
                it.maxLagSeconds(),
                priority,
                it.tableFilter(),
                it.rowFilter(),
                it.transforms(),
                it.compression(),
                it.encryption(),
                it.existingRows(),
                it.dedicatedBandwidth(),
                it.maxBytesPerSecond(),
                it.backlog());
    }

    /** Each time, not at best: the lane reports what it is ordered by in the schedule. */
    private void served(UUID id, UnaryOperator<ReplicationConfig> change) {
        long began = System.nanoTime();
        ReplicationConfig wanted =
                stand.replications.reconfigure(id, change, StoreStand.USER).config();
        Replication told =
                Await.until(
                        () -> wanted + stand.failure(),
                        StoreStand.PATIENCE,
                        () -> stand.replications.get(id),
                        Replication::settled);
        long took = millisSince(began);
        LOG.warn("from {} to the lane that has it: {} ms", wanted.qosTier(), took);
        assertThat(took).as(wanted.toString()).isLessThan(1_000);
        assertThat(told.report().service().qosTier()).isEqualTo(wanted.qosTier());
        assertThat(told.report().service().priority()).isEqualTo(wanted.priority());
        assertThat(told.report().service().maxLagSeconds())
                .isEqualTo(Math.max(1, wanted.maxLagSeconds()));
    }

    /** What was applied comes late because the table was locked meanwhile. */
    @Test
    void tiersChangeAtOnceAndWhoIsLateIsToldOf_R31() throws SQLException {
        stand.write("a", 1, 10);
        UUID id = stand.replicate("a");
        stand.start();
        stand.awaitTold(id, "Streaming");

        for (int priority : List.of(90, 0, 100, 10)) {
            served(id, it -> config(it, it.qosTier(), priority));
        }
        for (Tier tier : List.of(Tier.BEST_EFFORT, Tier.SYNCHRONOUS, Tier.STANDARD, Tier.PREMIUM)) {
            served(id, it -> config(it.inTier(tier), tier, 60));
        }

        try (Connection locker = server.connect(stand.target);
                Statement statement = locker.createStatement()) {
            locker.setAutoCommit(false);
            statement.execute("LOCK TABLE orders IN SHARE MODE");
            stand.write("a", 11, 20);
            Await.until(
                    () -> "the violation to be told" + stand.failure(),
                    StoreStand.PATIENCE,
                    () ->
                            stand.inStore(
                                    "SELECT severity, details->>'qos_tier',"
                                            + " (details->>'max_lag_seconds')::float8,"
                                            + " (details->>'lag_seconds')::float8 > 1"
                                            + " FROM heliosdb_control.replication_events"
                                            + " WHERE event_type = 'SlaViolation'"),
                    List.of("Warning|Premium|1|t")::equals);
            Await.until(
                    () -> "violation and backlog to be told" + stand.failure(),
                    StoreStand.PATIENCE,
                    () ->
                            stand.inStore(
                                    "SELECT sla_violations, backlog_transactions > 0"
                                            + " FROM heliosdb_control.replication_status"),
                    List.of("1|t")::equals);
            awaitGauge("premium.sla_violations_total", 1);
            awaitGauge("premium.sla_late_replications", 1);
            awaitGauge("premium.tenants_by_qos_tier", 1);
            awaitGauge("premium.tier_backlog_rows", 10);
            awaitGauge("standard.tenants_by_qos_tier", 0);
            locker.rollback();
        }
        stand.awaitArrived("a", 20);
    }

    private void awaitGauge(String name, double value) {
        Await.until(
                () -> name + " to be " + value,
                StoreStand.PATIENCE,
                () -> gauge("apply-lanes.heliosdb.tier." + name),
                it -> it == value);
    }

    /** Of the job, as Flink shows it; NaN while it does not. */
    private double gauge(String name) {
        String job = "/jobs/" + stand.flink("/jobs/overview").at("/jobs/0/jid").asText();
        for (JsonNode vertex : stand.flink(job).path("vertices")) {
            JsonNode found =
                    stand.flink(
                            job
                                    + "/vertices/"
                                    + vertex.get("id").asText()
                                    + "/subtasks/metrics?agg=sum&get="
                                    + name);
            if (!found.isEmpty()) {
                return found.get(0).get("sum").asDouble();
            }
        }
        return Double.NaN;
    }
}
