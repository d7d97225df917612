package io.heliosdb.replication.cli.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.heliosdb.replication.core.report.LaneReport;
import io.heliosdb.replication.core.report.ReplicationReport.Waiting;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationState;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

/** From what the job reports to metrics, by replication and by tier. */
class ReportedMetricsTest extends ReportedStand {

    /** Of one kind, by replication and tier. */
    private String sample(String metric, String more) throws IOException {
        String name = "reported-" + made;
        String labels =
                "{replication_id=\""
                        + id
                        + "\",tenant_id=\""
                        + name
                        + "\",qos_tier=\"Synchronous\",";
        for (String line : metrics().split("\n")) {
            if (line.startsWith("heliosdb_" + metric + labels + more + "} ")) {
                return line.substring(line.lastIndexOf(' ') + 1);
            }
        }
        return "absent";
    }

    private String metrics() throws IOException {
        try {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(stand.url() + "/metrics"))
                                    .header("X-API-Key", stand.key())
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private String ofTier(String metric, String tier) throws IOException {
        for (String line : metrics().split("\n")) {
            if (line.startsWith("heliosdb_" + metric + "{qos_tier=\"" + tier + "\"")) {
                return line.substring(line.lastIndexOf(' ') + 1);
            }
        }
        return "absent";
    }

    @Test
    void isInThePrometheusMetricsByReplicationAndTier() throws IOException {
        double before = Double.parseDouble(ofTier("tenants_by_qos_tier", "Synchronous"));
        assertThat(before).isGreaterThanOrEqualTo(1);
        assertThat(sample("replication_lag_seconds", "")).as("nobody knows").isEqualTo("absent");

        report(
                ReplicationState.STREAMING,
                service(true),
                new Waiting(4, 40, 4_000, 400, 90_000_000, false),
                UNSYNCHRONISED);
        job.add(
                new LaneReport.Compressed(
                        new ReplicationId(id),
                        """
                        {"raw": 4200, "stored": 1000, "tables": [{"table": "public.orders", "raw": 4200,
                         "zstd": 2100, "stored": 1000, "ratio": 4.2, "zstdRatio": 2.0}]}
                        """,
                        at));
        await("late", it -> it.path("statistics").has("compression"));
        assertThat(sample("replication_lag_seconds", "")).isEqualTo("0.5");
        assertThat(sample("replication_lag_bytes", "")).isEqualTo("64.0");
        assertThat(sample("rows_replicated_total", "")).isEqualTo("70.0");
        assertThat(sample("bytes_replicated_total", "")).isEqualTo("700.0");
        assertThat(sample("transactions_replicated_total", "")).isEqualTo("7.0");
        assertThat(sample("replication_errors_total", "")).isEqualTo("0.0");
        assertThat(sample("conflicts_detected_total", "")).isEqualTo("3.0");
        assertThat(sample("sla_violations_total", "")).isEqualTo("1.0");
        assertThat(sample("sla_late", "")).isEqualTo("1.0");
        assertThat(sample("compression_ratio", "")).isEqualTo("4.2");
        assertThat(sample("backlog_rows", "")).isEqualTo("40.0");
        assertThat(sample("backlog_oldest_age_seconds", "")).isEqualTo("90.0");
        assertThat(sample("replication_degraded", "code=\"SYNCHRONOUS_DEGRADED\","))
                .isEqualTo("1.0");
        assertThat(
                        sample(
                                "table_compression_ratio",
                                "table_name=\"public.orders\",codec=\"zstd\","))
                .isEqualTo("2.0");
        double late = Double.parseDouble(ofTier("sla_compliance_ratio", "Synchronous"));
        assertThat(late).isLessThan(1);

        report(ReplicationState.STREAMING, service(false), NOTHING);
        await("Healthy", it -> it.path("health").asText().equals("Healthy"));
        assertThat(Double.parseDouble(ofTier("sla_compliance_ratio", "Synchronous")))
                .isGreaterThan(late);
        assertThat(sample("replication_degraded", "code=\"SYNCHRONOUS_DEGRADED\","))
                .isEqualTo("absent");

        stand.postgres.execute(
                "postgres",
                "UPDATE heliosdb_control.replication_status SET reported_at = reported_at"
                        + " - interval '2 min' WHERE replication_id = '"
                        + id
                        + "'");
        assertThat(sample("replication_lag_seconds", "")).as("silent").isEqualTo("absent");
        assertThat(sample("rows_replicated_total", "")).isEqualTo("70.0");
    }

    /** The same count as health, over time and by tier. */
    @Test
    void isInTheAggregateByTier() throws IOException {
        report(ReplicationState.STREAMING, service(false), NOTHING);
        await("Healthy", it -> it.path("health").asText().equals("Healthy"));
        JsonNode timely = ofTier();
        report(ReplicationState.STREAMING, service(true), NOTHING);
        await("late", it -> it.path("health").asText().equals("Degraded"));
        JsonNode late = ofTier();
        assertThat(late.get("healthy_replications").asLong())
                .isEqualTo(timely.get("healthy_replications").asLong() - 1);
        assertThat(timely.get("sla_compliance_ratio").asDouble()).isPositive();
    }

    private JsonNode ofTier() throws IOException {
        for (JsonNode group :
                json(run("metrics", "aggregate", "--group-by", "qos_tier", "--json"))
                        .get("groups")) {
            if (group.get("group_key").get("qos_tier").asText().equals("Synchronous")) {
                return group.get("metrics");
            }
        }
        throw new AssertionError("no such tier");
    }
}
