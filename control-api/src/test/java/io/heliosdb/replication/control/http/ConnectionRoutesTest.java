package io.heliosdb.replication.control.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.heliosdb.replication.control.SharedPostgres;
import io.heliosdb.replication.control.http.ControlStand.Answer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

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
