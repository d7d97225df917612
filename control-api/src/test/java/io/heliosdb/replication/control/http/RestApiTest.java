package io.heliosdb.replication.control.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.heliosdb.replication.control.SharedPostgres;
import io.heliosdb.replication.control.http.ControlStand.Answer;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a user does, over HTTP. */
class RestApiTest {

    private static ControlStand stand;
    private static String source;
    private static String target;

    @BeforeAll
    static void start() {
        stand = ControlStand.start();
        String sourceDatabase = SharedPostgres.server().createDatabase("api_source");
        String targetDatabase = SharedPostgres.server().createDatabase("api_target");
        SharedPostgres.server()
                .execute(
                        sourceDatabase,
                        "CREATE TABLE orders (tenant_id text, id int, note text, PRIMARY KEY (tenant_id, id))",
                        "INSERT INTO orders SELECT 't' || n % 10, n, repeat('x', 100) FROM"
                                + " generate_series(1, 10000) n",
                        "ANALYZE orders",
                        "CREATE PUBLICATION heliosdb FOR ALL TABLES");
        source = stand.connection("source", sourceDatabase);
        target = stand.connection("target", targetDatabase);
    }

    @AfterAll
    static void stop() {
        stand.close();
    }

    @Test
    void createsWithEstimatesFromTheCatalog() {
        Answer made =
                stand.post("/v1/replications", ControlStand.replicationBody("t3", source, target));
        assertThat(made.status()).as(made.body()).isEqualTo(201);
        JsonNode body = made.json();
        assertThat(body.get("status").asText()).isEqualTo("Initializing");
        assertThat(body.get("estimated_rows").asLong()).isBetween(900L, 1100L);
        assertThat(body.get("estimated_data_size_gb").asDouble()).isBetween(1e-4, 3e-4);
        assertThat(body.get("estimated_initial_sync_duration_hours").asDouble()).isPositive();
        assertThat(body.get("config").get("compression").get("level").asText()).isEqualTo("Low");
        assertThat(
                        stand.post(
                                        "/v1/replications",
                                        ControlStand.replicationBody("t3", source, target))
                                .error())
                .isEqualTo("CONFLICT");
    }

    @Test
    void dryRunChecksAndCreatesNothing() {
        Answer dry =
                stand.post(
                        "/v1/replications?dry_run=true",
                        ControlStand.replicationBody("t4", source, target));
        assertThat(dry.status()).as(dry.body()).isEqualTo(200);
        assertThat(dry.json().get("findings").isArray()).isTrue();
        assertThat(dry.json().get("ready").asBoolean()).as(dry.body()).isTrue();
        assertThat(stand.get("/v1/replications?tenant_id=t4").json().get("data")).isEmpty();
    }

    @Test
    void refusesWhatTheDataPlaneWouldNotDo() {
        for (String config :
                new String[] {
                    "\"transforms\": [{\"type\": \"AnonymizePII\", \"config\": {\"columns\": [\"email\"]}}]",
                    "\"encryption\": {\"enabled\": true, \"algorithm\": \"AES256GCM\"}",
                    "\"row_filter\": {\"enabled\": true, \"predicate\": \"x\"}"
                }) {
            Answer refused =
                    stand.post(
                            "/v1/replications",
                            """
                            {"tenant_id": "t5", "source": {"connection_id": "%s"},
                             "target": {"connection_id": "%s"}, "config": {%s}}
                            """
                                    .formatted(source, target, config));
            assertThat(refused.status()).as(refused.body()).isEqualTo(400);
            assertThat(refused.error()).isEqualTo("VALIDATION_ERROR");
        }
    }

    @Test
    void namesTheFieldThatIsWrong() {
        assertThat(field("{\"tenant_id\": \"x\"}")).isEqualTo("source");
        assertThat(
                        field(
                                ControlStand.replicationBody("x", source, target)
                                        .replace("Premium", "Gold")))
                .isEqualTo("config.qos_tier");
        assertThat(
                        field(
                                ControlStand.replicationBody("x", source, target)
                                        .replace("max_lag_seconds", "max_lag")))
                .isEqualTo("config.max_lag");
        assertThat(field(ControlStand.replicationBody("x", source, source)))
                .isEqualTo("target.connection_id");
        assertThat(field(ControlStand.replicationBody("x", source, UUID.randomUUID().toString())))
                .isEqualTo("target.connection_id");
        assertThat(field(ControlStand.replicationBody("a\\u0000b", source, target)))
                .isEqualTo("tenant_id");
        assertThat(stand.post("/v1/replications", "{\"a\": 1, \"a\": 2}").error())
                .isEqualTo("INVALID_REQUEST");
        assertThat(stand.post("/v1/replications", "{} {}").error()).isEqualTo("INVALID_REQUEST");
    }

    private static String field(String body) {
        Answer refused = stand.post("/v1/replications", body);
        assertThat(refused.error()).as(refused.body()).isEqualTo("VALIDATION_ERROR");
        return refused.json().get("error").get("details").get("field").asText();
    }

    @Test
    void listsWithFiltersSortingAndPages() {
        for (int i = 0; i < 5; i++) {
            stand.replication("list" + i, source, target);
        }
        JsonNode page =
                stand.get("/v1/replications?sort_by=tenant_id&sort_order=asc&page=2&page_size=2")
                        .json();
        assertThat(page.get("data")).hasSize(2);
        assertThat(page.get("pagination").get("page").asInt()).isEqualTo(2);
        assertThat(page.get("pagination").get("total_items").asInt()).isGreaterThanOrEqualTo(5);
        JsonNode one =
                stand.get("/v1/replications?tenant_id=list3&status=Initializing&qos_tier=Premium")
                        .json();
        assertThat(one.get("data")).hasSize(1);
        assertThat(stand.get("/v1/replications?tenant_id=list3&status=Paused").json().get("data"))
                .isEmpty();
        for (String bad :
                new String[] {"page=0", "page_size=101", "sort_by=id;drop", "status=X", "page=x"}) {
            assertThat(stand.get("/v1/replications?" + bad).error())
                    .as(bad)
                    .isEqualTo("VALIDATION_ERROR");
        }
    }

    @Test
    void goesThroughItsLife() {
        String id = stand.replication("life", source, target);
        String path = "/v1/replications/" + id;
        assertThat(stand.post(path + "/pause", "{}").error()).isEqualTo("CONFLICT");
        assertThat(stand.post(path + "/start", "").json().get("status").asText())
                .isEqualTo("Initializing");
        assertThat(stand.get(path).json().get("settled").asBoolean()).isFalse();
        assertThat(stand.get(path).json().get("health").asText()).isEqualTo("Unknown");

        stand.report(id, "Streaming", "NULL");
        JsonNode streaming = stand.get(path).json();
        assertThat(streaming.get("status").asText()).isEqualTo("Streaming");
        assertThat(streaming.get("settled").asBoolean()).isTrue();
        assertThat(streaming.get("health").asText()).isEqualTo("Healthy");
        assertThat(streaming.get("current_state").get("replication_lag_seconds").asDouble())
                .isEqualTo(1.5);

        Answer paused = stand.post(path + "/pause", "{\"reason\": \"night shift\"}");
        assertThat(paused.json().get("status").asText()).isEqualTo("Paused");
        assertThat(stand.get(path).json().get("settled").asBoolean())
                .as("the job has not said so yet")
                .isFalse();
        stand.report(id, "Paused", "NULL");
        assertThat(
                        stand.post(path + "/start", "{\"from_checkpoint\": \"auto\"}")
                                .json()
                                .get("status")
                                .asText())
                .isEqualTo("Streaming");
        stand.report(id, "Error", "'0/10:3'");
        assertThat(stand.post(path + "/pause", "").error()).isEqualTo("CONFLICT");
        assertThat(stand.post(path + "/skip", "{\"position\": \"0/99:1\"}").error())
                .isEqualTo("CONFLICT");
        assertThat(
                        stand.post(path + "/skip", "{\"position\": \"0/10:3\"}")
                                .json()
                                .get("status")
                                .asText())
                .isEqualTo("Streaming");
        stand.report(id, "Error", "NULL");
        assertThat(stand.post(path + "/retry", "").json().get("status").asText())
                .isEqualTo("Streaming");
        stand.report(id, "Streaming", "NULL");
        assertThat(stand.post(path + "/resync", "").json().get("status").asText())
                .isEqualTo("Initializing");
        assertThat(stand.post(path + "/stop", "").json().get("status").asText())
                .isEqualTo("Stopped");
        assertThat(stand.post(path + "/start", "").error()).isEqualTo("CONFLICT");

        JsonNode events = stand.get(path + "/events?event_type=StateChange").json().get("data");
        assertThat(events).hasSize(6);
        assertThat(events.toString()).contains("night shift", "one-time-admin", "0/10:3");

        assertThat(stand.call("DELETE", path + "?cleanup_target=true", null).status())
                .isEqualTo(204);
        assertThat(stand.get(path).error()).isEqualTo("NOT_FOUND");
        stand.replication("life", source, target);
    }

    @Test
    void refusesChangesWhileItFailsOver() {
        String id = stand.replication("failing", source, target);
        stand.report(id, "FailingOver", "NULL");
        String path = "/v1/replications/" + id;
        Answer patch = stand.call("PATCH", path, "{\"config\": {\"priority\": 1}}");
        assertThat(patch.status()).isEqualTo(422);
        assertThat(patch.error()).isEqualTo("FAILOVER_IN_PROGRESS");
        assertThat(stand.call("DELETE", path, null).error()).isEqualTo("CONFLICT");
    }

    @Test
    void changesOnlyWhatIsGiven() {
        String id = stand.replication("patch", source, target);
        String path = "/v1/replications/" + id;
        JsonNode changed =
                stand.call(
                                "PATCH",
                                path,
                                "{\"config\": {\"priority\": 95, \"table_filter\": [\"public.*\"]}}")
                        .json();
        assertThat(changed.get("config").get("priority").asInt()).isEqualTo(95);
        assertThat(changed.get("config").get("max_lag_seconds").asInt()).isEqualTo(5);
        JsonNode dry =
                stand.call("PATCH", path + "?dry_run=true", "{\"config\": {\"priority\": 1}}")
                        .json();
        assertThat(dry.get("findings").isArray()).isTrue();
        assertThat(stand.get(path).json().get("config").get("priority").asInt()).isEqualTo(95);
        assertThat(stand.call("PATCH", path, "{\"source\": {}}").error())
                .isEqualTo("VALIDATION_ERROR");
    }

    @Test
    void boundsWhatWaits_R21() {
        String path = "/v1/replications/" + stand.replication("waiting", source, target);
        JsonNode backlog = stand.get(path).json().get("config").get("backlog");
        assertThat(backlog.get("max_bytes").asLong()).isEqualTo(10L << 30);
        assertThat(backlog.get("max_age_seconds").asLong()).isEqualTo(86_400);
        assertThat(backlog.get("when_full").asText()).isEqualTo("Alarm");
        JsonNode changed =
                stand.call(
                                "PATCH",
                                path,
                                "{\"config\": {\"backlog\": {\"when_full\": \"DropAndResync\"}}}")
                        .json()
                        .get("config")
                        .get("backlog");
        assertThat(changed.get("when_full").asText()).isEqualTo("DropAndResync");
        assertThat(changed.get("max_bytes").asLong()).as("as it was").isEqualTo(10L << 30);
        for (String wrong :
                List.of(
                        "{\"max_bytes\": 65535}",
                        "{\"max_age_seconds\": -1}",
                        "{\"max_age_seconds\": 31536001}",
                        "{\"when_full\": \"Never\"}")) {
            Answer refused =
                    stand.call("PATCH", path, "{\"config\": {\"backlog\": " + wrong + "}}");
            assertThat(refused.status()).as(wrong).isEqualTo(400);
            assertThat(refused.body()).contains("config.backlog.");
        }
        assertThat(stand.get(path).json().get("config").get("backlog")).isEqualTo(changed);
    }

    @Test
    void refusesWhatNoDatabaseCouldStore() {
        String path = "/v1/replications/" + stand.replication("unstorable", source, target);
        Answer nul =
                stand.call(
                        "PATCH",
                        path,
                        "{\"config\": {\"priority\": 1}, \"reason\": \"a\\u0000b\"}");
        assertThat(nul.error()).as(nul.body()).isEqualTo("VALIDATION_ERROR");
        Answer late =
                stand.post(
                        "/v1/api-keys",
                        "{\"name\": \"k\", \"role\": \"ReadOnly\", \"expires_at\":"
                                + " \"+1000000000-01-01T00:00:00Z\"}");
        assertThat(late.error()).as(late.body()).isEqualTo("VALIDATION_ERROR");
        assertThat(
                        stand.get("/v1/metrics/aggregate?end_time=%2B1000000000-01-01T00:00:00Z")
                                .error())
                .isEqualTo("VALIDATION_ERROR");
    }

    @Test
    void readsSeriesAtTheResolutionAsked() {
        String id = stand.replication("series", source, target);
        stand.execute(
                """
                INSERT INTO heliosdb_control.replication_metrics
                    (replication_id, timestamp, replication_lag_seconds, rows_per_second, compression_ratio)
                SELECT '%s', TIMESTAMPTZ '2026-11-20 10:00:00Z' + n * interval '20 seconds', n, 100, NULL
                FROM generate_series(0, 8) n
                """
                        .formatted(id));
        JsonNode series =
                stand.get(
                                "/v1/replications/"
                                        + id
                                        + "/metrics?start_time=2026-11-20T10:00:00Z&end_time=2026-11-20T10:02:00Z&resolution=1m")
                        .json();
        JsonNode lag = series.get("metrics").get("replication_lag_seconds");
        assertThat(lag).hasSize(2);
        assertThat(lag.get(0).get("value").asDouble()).isEqualTo(1);
        assertThat(lag.get(1).get("value").asDouble()).isEqualTo(4);
        assertThat(lag.get(1).get("timestamp").asText()).isEqualTo("2026-11-20T10:01:00Z");
        assertThat(series.get("metrics").get("compression_ratio")).isEmpty();
        JsonNode groups =
                stand.get(
                                "/v1/metrics/aggregate?group_by=tenant_id&start_time=2026-11-20T10:00:00Z&end_time=2026-11-20T11:00:00Z")
                        .json()
                        .get("groups");
        JsonNode mine = null;
        for (JsonNode group : groups) {
            if (group.get("group_key").get("tenant_id").asText().equals("series")) {
                mine = group.get("metrics");
            }
        }
        assertThat(mine).isNotNull();
        assertThat(mine.get("avg_replication_lag_seconds").asDouble()).isEqualTo(4);
        assertThat(mine.get("p99_replication_lag_seconds").asDouble()).isBetween(7.8, 8.0);
        assertThat(mine.get("healthy_replications").asInt()).isZero();
    }

    @Test
    void readsCheckpointsConflictsAndQuarantine() {
        String id = stand.replication("journal", source, target);
        stand.execute(
                """
                INSERT INTO heliosdb_control.replication_checkpoints (replication_id, lsn, checkpoint_time)
                VALUES ('%1$s', 10, now() - interval '1 minute'), ('%1$s', 20, now());
                INSERT INTO heliosdb_control.replication_conflicts
                    (replication_id, position, table_name, conflict_type, source_row)
                VALUES ('%1$s', '0/1:0', 'public.orders', 'update_missing', '{"id": 1}');
                INSERT INTO heliosdb_control.quarantine
                    (replication_id, position, table_name, operation, sqlstate, message)
                VALUES ('%1$s', '0/2:0', 'public.orders', 'insert', '23505', 'duplicate key')
                """
                        .formatted(id));
        String path = "/v1/replications/" + id;
        assertThat(stand.get(path + "/checkpoints").json().get("data").get(0).get("lsn").asLong())
                .isEqualTo(20);
        assertThat(
                        stand.get(path)
                                .json()
                                .get("current_state")
                                .get("last_checkpoint")
                                .get("lsn")
                                .asLong())
                .isEqualTo(20);
        assertThat(
                        stand.get(path + "/conflicts")
                                .json()
                                .get("data")
                                .get(0)
                                .get("source_row")
                                .get("id")
                                .asInt())
                .isEqualTo(1);
        assertThat(
                        stand.get(path + "/quarantine")
                                .json()
                                .get("data")
                                .get(0)
                                .get("sqlstate")
                                .asText())
                .isEqualTo("23505");
    }

    @Test
    void tellsHowTheJobsAre() {
        assertThat(health().get("checks").get("worker_pool").asText()).isEqualTo("Unknown");
        String database = SharedPostgres.server().createDatabase("health");
        String source = stand.connection("health-source", database);
        stand.execute(
                "INSERT INTO heliosdb_control.source_jobs (connection_id, phase, job_id, phase_since)"
                        + " VALUES ('%s', 'Running', 'a-job', now() - interval '1 h')"
                                .formatted(source));
        stand.execute(
                "INSERT INTO heliosdb_control.feed_beats VALUES ('%s', now())".formatted(source));
        assertThat(health().get("status").asText()).isEqualTo("Healthy");
        assertThat(health().get("checks").get("worker_pool").asText()).isEqualTo("Healthy");

        stand.execute(
                "UPDATE heliosdb_control.feed_beats SET beaten_at = now() - interval '1 min'");
        assertThat(health().get("checks").get("message_queue").asText()).isEqualTo("Degraded");
        stand.execute("UPDATE heliosdb_control.source_jobs SET failures = 1");
        assertThat(health().get("checks").get("worker_pool").asText()).isEqualTo("Degraded");
        stand.execute("UPDATE heliosdb_control.source_jobs SET phase = 'Failed', job_id = NULL");
        assertThat(health().get("checks").get("worker_pool").asText()).isEqualTo("Unhealthy");
        assertThat(health().get("status").asText()).isEqualTo("Degraded");
        stand.execute("DELETE FROM heliosdb_control.source_jobs");
    }

    private static JsonNode health() {
        return stand.call("GET", "/health", null, ControlStand.NOTHING).json();
    }

    @Test
    void tellsHowItIs() {
        assertThat(
                        stand.call("GET", "/health", null, ControlStand.NOTHING)
                                .json()
                                .get("status")
                                .asText())
                .isEqualTo("Healthy");
        assertThat(
                        stand.call("GET", "/ready", null, ControlStand.NOTHING)
                                .json()
                                .get("ready")
                                .asBoolean())
                .isTrue();
        assertThat(stand.get("/metrics").body())
                .contains(
                        "heliosdb_api_requests_total",
                        "heliosdb_api_replications{status=\"Initializing\"",
                        "heliosdb_api_jobs{phase=\"Failed\"");
        assertThat(stand.call("GET", "/docs", null, ControlStand.NOTHING).body())
                .contains("swagger-ui-bundle.js");
        assertThat(
                        stand.call("GET", "/docs/swagger-ui-bundle.js", null, ControlStand.NOTHING)
                                .body())
                .hasSizeGreaterThan(100_000);
        assertThat(stand.call("GET", "/v1/openapi.yaml", null, ControlStand.NOTHING).body())
                .startsWith("openapi: 3.1.0");
    }
}
