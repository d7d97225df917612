package io.heliosdb.replication.cli.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.heliosdb.replication.core.apply.QuarantinedRow;
import io.heliosdb.replication.core.report.LaneReport;
import io.heliosdb.replication.core.report.ReplicationReport.Waiting;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** From what the job reports, through the store, to what the API's users see. */
class ReportedStateTest extends ReportedStand {

    @Test
    void isDegradedWithTheReasonAsLongAsSomethingIsNotAsItShouldBe() throws IOException {
        report(ReplicationState.STREAMING, service(false), NOTHING);
        JsonNode healthy = await("Healthy", it -> it.path("health").asText().equals("Healthy"));
        assertThat(healthy.get("health_reasons")).isEmpty();

        report(ReplicationState.STREAMING, service(false), NOTHING, ALARM, UNSYNCHRONISED);
        JsonNode degraded = await("both", it -> it.path("health_reasons").size() == 2);
        assertThat(degraded.get("health").asText()).isEqualTo("Degraded");
        assertThat(degraded.get("status").asText()).isEqualTo("Streaming");
        assertThat(degraded.has("error")).as("it has not stopped").isFalse();
        assertThat(degraded.get("health_reasons").get(0).get("code").asText())
                .isEqualTo("BACKLOG_LIMIT");
        assertThat(degraded.get("health_reasons").get(1).get("reason").asText())
                .isEqualTo("no answer for 5 s");
        JsonNode listed =
                json(run("replication", "list", "--tenant", "reported-" + made, "--json"))
                        .get("data")
                        .get(0);
        assertThat(listed.get("health").asText()).isEqualTo("Degraded");
        assertThat(listed.get("health_reasons")).hasSize(2);
        assertThat(run("replication", "get", id).out())
                .contains("health: Degraded", "health_reasons:", "no answer for 5 s");

        report(ReplicationState.STREAMING, service(false), NOTHING, UNSYNCHRONISED);
        await("one", it -> it.path("health_reasons").size() == 1);
        report(ReplicationState.PAUSED, service(false), NOTHING, ALARM);
        JsonNode paused =
                await(
                        "the alarm",
                        it ->
                                it.path("health_reasons")
                                        .path(0)
                                        .path("code")
                                        .asText()
                                        .equals("BACKLOG_LIMIT"));
        assertThat(paused.get("health").asText()).isEqualTo("Degraded");
        report(ReplicationState.STREAMING, service(false), NOTHING);
        await("Healthy again", it -> it.path("health").asText().equals("Healthy"));

        assertThat(events())
                .containsExactly(
                        "StateChange: Streaming",
                        "Degraded: " + ALARM.reason(),
                        "Degraded: " + UNSYNCHRONISED.reason(),
                        "Recovered: no more: " + ALARM.reason(),
                        "StateChange: Streaming to Paused",
                        "Degraded: " + ALARM.reason(),
                        "StateChange: Paused to Streaming",
                        "Recovered: no more: " + ALARM.reason());
    }

    /** Its limit in the configuration is 0; that says nothing of its lag. */
    @Test
    void isLateWhenTheJobSaysSo() throws IOException {
        report(ReplicationState.STREAMING, service(false), NOTHING);
        JsonNode timely = await("Healthy", it -> it.path("health").asText().equals("Healthy"));
        assertThat(timely.get("config").get("max_lag_seconds").asInt()).isZero();
        assertThat(timely.get("current_state").get("replication_lag_seconds").asDouble())
                .isEqualTo(0.5);
        assertThat(timely.get("current_state").get("service").get("max_lag_seconds").asDouble())
                .isEqualTo(1);

        report(ReplicationState.STREAMING, service(true), NOTHING);
        JsonNode late = await("late", it -> it.path("health").asText().equals("Degraded"));
        assertThat(late.get("health_reasons").get(0).get("code").asText()).isEqualTo("LAG_LIMIT");
        assertThat(late.get("health_reasons").get(0).get("reason").asText()).contains("1.0 s");
    }

    @Test
    void tellsWhatWaitsAndHowSmallItIs() throws IOException {
        report(
                ReplicationState.PAUSED,
                service(false),
                new Waiting(4, 40, 4_000, 400, 90_000_000, true));
        job.add(
                new LaneReport.Compressed(
                        new ReplicationId(id),
                        """
                        {"raw": 4200, "stored": 1000, "tables": [{"table": "public.orders", "raw": 4200,
                         "zstd": 2100, "stored": 1000, "ratio": 4.2, "zstdRatio": 2.0}]}
                        """,
                        at));
        JsonNode told =
                await(
                        "both",
                        it ->
                                it.path("status").asText().equals("Paused")
                                        && it.path("statistics").has("compression"));
        JsonNode backlog = told.get("current_state").get("backlog");
        assertThat(backlog.get("transactions").asLong()).isEqualTo(4);
        assertThat(backlog.get("rows").asLong()).isEqualTo(40);
        assertThat(backlog.get("stored_bytes").asLong()).isEqualTo(400);
        assertThat(backlog.get("oldest_age_seconds").asDouble()).isEqualTo(90);
        assertThat(backlog.get("encrypted").asBoolean()).isTrue();
        JsonNode statistics = told.get("statistics");
        assertThat(statistics.get("avg_compression_ratio").asDouble()).isEqualTo(4.2);
        assertThat(statistics.get("total_transactions_replicated").asLong()).isEqualTo(7);
        JsonNode table = statistics.get("compression").get("tables").get(0);
        assertThat(table.get("table_name").asText()).isEqualTo("public.orders");
        assertThat(table.get("zstd_bytes").asLong()).isEqualTo(2100);
        assertThat(table.get("compression_ratio").asDouble()).isEqualTo(4.2);
        assertThat(table.get("zstd_compression_ratio").asDouble()).isEqualTo(2);
        JsonNode bounds =
                json(run(
                                "replication",
                                "update",
                                id,
                                "--backlog-memory-bytes",
                                "8388608",
                                "--json"))
                        .get("config")
                        .get("backlog");
        assertThat(bounds.get("memory_bytes").asLong()).isEqualTo(8 << 20);
        assertThat(bounds.get("max_age_seconds").asLong()).as("as before").isEqualTo(86_400);
        assertThat(run("replication", "update", id, "--backlog-memory-bytes", "5").err())
                .contains("memory_bytes", "1048576");
    }

    @Test
    void countsHowOftenItStopped() throws IOException {
        report(ReplicationState.STREAMING, service(false), NOTHING);
        await("Streaming", it -> it.path("health").asText().equals("Healthy"));
        for (int i = 1; i <= 2; i++) {
            long times = i;
            report(ReplicationState.ERROR, service(false), NOTHING);
            await("Error", it -> it.path("statistics").path("errors").asLong() == times);
            report(ReplicationState.STREAMING, service(false), NOTHING);
            await("Streaming", it -> it.path("health").asText().equals("Healthy"));
        }
        assertThat(get().get("statistics").get("errors").asLong()).isEqualTo(2);
    }

    @Test
    void countsWhatWasRefusedAsResolvedOnlyOnceItIsThrough() throws IOException {
        report(ReplicationState.STREAMING, service(false), NOTHING);
        job.add(
                new LaneReport.Quarantined(
                        new ReplicationId(id),
                        new QuarantinedRow(
                                16, 0, new TableId("public", "x"), "INSERT", "23505", "no", "{}"),
                        at));
        report(ReplicationState.ERROR, service(false), NOTHING);
        Await.until(() -> "refused", PATIENCE, this::quarantined, rows -> rows.size() == 1);
        for (ReplicationState told :
                List.of(
                        ReplicationState.INITIALIZING,
                        ReplicationState.ERROR,
                        ReplicationState.INITIALIZING)) {
            report(told, service(false), NOTHING);
            await(told.name(), it -> it.get("status").asText().equalsIgnoreCase(told.name()));
            assertThat(quarantined().get(0).path("resolved_at").isTextual()).isFalse();
        }
        report(ReplicationState.STREAMING, service(false), NOTHING);
        Await.until(
                () -> "resolved",
                PATIENCE,
                this::quarantined,
                rows -> rows.get(0).path("resolved_at").isTextual());
    }

    private JsonNode quarantined() {
        try {
            return json(run("quarantine", id, "--json")).get("data");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
