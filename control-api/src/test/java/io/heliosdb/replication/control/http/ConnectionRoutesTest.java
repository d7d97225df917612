package io.heliosdb.replication.control.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.heliosdb.replication.control.SharedPostgres;
import io.heliosdb.replication.control.http.ControlStand.Answer;
import io.heliosdb.replication.core.postgres.Connections;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.replication.PGReplicationConnection;
import org.postgresql.replication.PGReplicationStream;

/** What a user does with connections, over HTTP. */
class ConnectionRoutesTest {

    private static ControlStand stand;
    private static String source;
    private static String target;

    @BeforeAll
    static void start() {
        stand = ControlStand.start();
        String sourceDatabase = SharedPostgres.server().createDatabase("connection_source");
        String targetDatabase = SharedPostgres.server().createDatabase("connection_target");
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
    void showsConnectionsWithoutTheirPasswords() {
        Answer one = stand.get("/v1/connections/" + source);
        assertThat(one.status()).isEqualTo(200);
        assertThat(one.json().get("has_password").asBoolean()).isTrue();
        assertThat(one.body()).doesNotContain("s3cret");
        Answer all = stand.get("/v1/connections");
        assertThat(all.json().get("pagination").get("total_items").asInt())
                .isGreaterThanOrEqualTo(2);
        assertThat(all.body()).doesNotContain("s3cret");
    }

    @Test
    void changesAndRemovesConnections() {
        String id = stand.connection("moving", "nowhere");
        assertThat(
                        stand.call("PATCH", "/v1/connections/" + id, "{\"port\": 6543}")
                                .json()
                                .get("port")
                                .asInt())
                .isEqualTo(6543);
        assertThat(stand.call("PATCH", "/v1/connections/" + id, "{\"port\": 0}").error())
                .isEqualTo("VALIDATION_ERROR");
        assertThat(stand.call("PATCH", "/v1/connections/" + id, "{\"name\": \"source\"}").error())
                .isEqualTo("CONFLICT");
        assertThat(stand.call("DELETE", "/v1/connections/" + id, null).status()).isEqualTo(204);
        assertThat(stand.get("/v1/connections/" + id).error()).isEqualTo("NOT_FOUND");
    }

    @Test
    void boundsWhatGoesToATargetAndChangesOnlyWhatIsGiven_R31() {
        String id = stand.connection("bounded", "nowhere");
        String path = "/v1/connections/" + id;
        assertThat(role(stand.get(path))).isEqualTo("2 0");
        assertThat(role(patch(path, "{\"target\": {\"max_bytes_per_second\": 1048576}}")))
                .isEqualTo("2 1048576");
        assertThat(role(patch(path, "{\"target\": {\"lanes\": 8}}"))).isEqualTo("8 1048576");
        assertThat(role(patch(path, "{\"target\": {}}"))).isEqualTo("8 1048576");
        assertThat(role(patch(path, "{\"target\": {\"max_bytes_per_second\": 0}}")))
                .isEqualTo("8 0");
        for (String wrong : List.of("16383", "-1", "1099511627777", "1.5", "\"1\"")) {
            Answer refused = patch(path, "{\"target\": {\"max_bytes_per_second\": " + wrong + "}}");
            assertThat(refused.status()).as(wrong).isEqualTo(400);
            assertThat(refused.body()).as(wrong).contains("target.max_bytes_per_second");
        }
        assertThat(role(stand.get(path))).isEqualTo("8 0");
    }

    private static Answer patch(String path, String body) {
        return stand.call("PATCH", path, body);
    }

    private static String role(Answer answer) {
        JsonNode target = answer.json().path("target");
        return target.path("lanes") + " " + target.path("max_bytes_per_second");
    }

    @Test
    void tellsWhatASourceNeedsForCommitsThatAreToWait() {
        String database = SharedPostgres.server().createDatabase("connection_waits");
        SharedPostgres.server()
                .execute(
                        database,
                        "CREATE TABLE orders (tenant_id text, id int, PRIMARY KEY (tenant_id, id))",
                        "CREATE PUBLICATION heliosdb FOR ALL TABLES");
        String waits = stand.connection("waits", database);
        String path = "/v1/connections/" + waits + "/test";
        assertThat(stand.post(path, "").body()).doesNotContain("synchronous_standby_names");

        String id = stand.replication("waits", waits, target);
        assertThat(stand.post(path, "").body()).doesNotContain("synchronous_standby_names");
        stand.call(
                "PATCH", "/v1/replications/" + id, "{\"config\": {\"qos_tier\": \"Synchronous\"}}");
        assertThat(stand.post(path, "").json().get("as_source").get("findings").toString())
                .contains("ALTER SYSTEM SET synchronous_standby_names = '\\\"heliosdb-waits\\\"'");
        stand.call("DELETE", "/v1/replications/" + id, null);
        assertThat(stand.post(path, "").body()).doesNotContain("synchronous_standby_names");
    }

    @Test
    void testsAConnectionAndTellsWhatMendsIt() {
        JsonNode found = stand.post("/v1/connections/" + source + "/test", "").json();
        assertThat(found.get("as_source").get("findings").isArray()).isTrue();
        assertThat(found.get("as_source").get("ready").asBoolean()).isTrue();
        assertThat(found.get("as_target").get("ready").asBoolean()).isTrue();

        String broken = stand.connection("broken", "api_missing");
        JsonNode missing = stand.post("/v1/connections/" + broken + "/test", "").json();
        assertThat(missing.get("ready").asBoolean()).isFalse();
        assertThat(missing.toString()).doesNotContain("s3cret");
    }

    /** Else a second replication of a source would never be "ready", and the way out would hurt. */
    @Test
    void doesNotProposeToEndOurOwnJob() throws Exception {
        String database = SharedPostgres.server().createDatabase("connection_read");
        SharedPostgres.server()
                .execute(
                        database,
                        "CREATE TABLE orders (tenant_id text, id int, PRIMARY KEY (tenant_id, id))",
                        "CREATE PUBLICATION heliosdb FOR ALL TABLES");
        String id = stand.connection("read", database);
        try (Connection reader =
                Connections.openReplication(SharedPostgres.database(database), "heliosdb-read")) {
            PGReplicationConnection replication =
                    reader.unwrap(PGConnection.class).getReplicationAPI();
            replication
                    .createReplicationSlot()
                    .logical()
                    .withSlotName("read")
                    .withOutputPlugin("pgoutput")
                    .withTemporaryOption()
                    .make();
            PGReplicationStream stream =
                    replication
                            .replicationStream()
                            .logical()
                            .withSlotName("read")
                            .withSlotOption("proto_version", 1)
                            .withSlotOption("publication_names", "heliosdb")
                            .start();
            assertThat(test(id).toString()).contains("SLOT_IN_USE", "pg_terminate_backend");
            assertThat(test(id).get("ready").asBoolean()).isFalse();
            stand.execute(
                    "INSERT INTO heliosdb_control.source_jobs (connection_id, phase, job_id) VALUES ('"
                            + id
                            + "', 'Running', repeat('a', 32))");
            assertThat(test(id).toString()).doesNotContain("SLOT_IN_USE");
            assertThat(test(id).get("ready").asBoolean()).isTrue();
            assertThat(dryRun(id).get("ready").asBoolean()).isTrue();
            stream.close();
        }
    }

    private static JsonNode test(String id) {
        return stand.post("/v1/connections/" + id + "/test", "").json();
    }

    private static JsonNode dryRun(String from) {
        return stand.post(
                        "/v1/replications?dry_run=true",
                        ControlStand.replicationBody("acme", from, target))
                .json();
    }

    @Test
    void refusesToChangeAConnectionInUse() {
        stand.replication("uses", source, target);
        assertThat(stand.call("DELETE", "/v1/connections/" + source, null).error())
                .isEqualTo("CONFLICT");
        assertThat(
                        stand.call(
                                        "PATCH",
                                        "/v1/connections/" + source,
                                        "{\"database\": \"other\"}")
                                .error())
                .isEqualTo("CONFLICT");
    }
}
