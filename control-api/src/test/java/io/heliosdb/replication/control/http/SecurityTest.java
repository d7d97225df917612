package io.heliosdb.replication.control.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.heliosdb.replication.control.SharedPostgres;
import io.heliosdb.replication.control.access.JwtOptions;
import io.heliosdb.replication.control.http.ControlStand.Answer;
import io.heliosdb.replication.control.secret.SecretKeys;
import io.heliosdb.replication.control.server.ControlOptions;
import io.heliosdb.replication.control.server.ControlServer;
import io.heliosdb.replication.control.server.ListenOptions;
import io.heliosdb.replication.control.server.SecretRotation;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecurityTest {

    private static ControlStand stand;

    @TempDir Path directory;

    @BeforeAll
    static void start() {
        stand = ControlStand.start();
    }

    @AfterAll
    static void stop() {
        stand.close();
    }

    @Test
    void refusesToListenToOthersWhereNobodyCouldAdminister() {
        DatabaseConfig store = SharedPostgres.newDatabase("remote");
        ControlOptions remote =
                new ControlOptions(
                        store,
                        5,
                        SecretKeys.generate(),
                        new ListenOptions("0.0.0.0", 0, null),
                        true,
                        null);
        assertThatThrownBy(() -> ControlServer.start(remote, InstantSource.system()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("127.0.0.1");
    }

    @Test
    void refusesToSendKeysInTheClear() {
        assertThatThrownBy(
                        () ->
                                new ControlOptions(
                                        stand.store,
                                        5,
                                        stand.secretKeys,
                                        new ListenOptions("0.0.0.0", 0, null),
                                        false,
                                        null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("TLS");
    }

    @Test
    void makesNoOneTimeKeyWhereThereIsAnAdmin() {
        try (ControlStand other = ControlStand.start()) {
            String admin = other.key("Admin", null, "Premium");
            try (ControlStand another = other.another()) {
                assertThat(another.server.oneTimeKey()).isEmpty();
                assertThat(status(another, "/v1/replications", other.adminKey())).isEqualTo(401);
                assertThat(status(another, "/v1/replications", admin)).isEqualTo(200);
            }
        }
    }

    @Test
    void revokesAndExpiresKeysAtOnceOnEveryInstance() {
        String key = stand.key("ReadOnly", null, "Premium");
        try (ControlStand another = stand.another()) {
            assertThat(status(another, "/v1/replications", key)).isEqualTo(200);
            stand.call("DELETE", "/v1/api-keys/" + key.substring(3, 15), null);
            assertThat(status(another, "/v1/replications", key)).isEqualTo(401);
        }
        Answer expired =
                stand.post(
                        "/v1/api-keys",
                        "{\"name\": \"old\", \"role\": \"ReadOnly\", \"expires_at\": \"2020-01-01T00:00:00Z\"}");
        assertThat(status(stand, "/v1/replications", expired.json().get("key").asText()))
                .isEqualTo(401);
    }

    @Test
    void narrowsAKeyToItsPermissions() {
        Answer made =
                stand.post(
                        "/v1/api-keys",
                        "{\"name\": \"narrow\", \"role\": \"Operator\", \"permissions\": [\"metrics:read\"]}");
        String key = made.json().get("key").asText();
        assertThat(status(stand, "/v1/metrics/aggregate", key)).isEqualTo(200);
        assertThat(status(stand, "/v1/replications", key)).isEqualTo(403);
        assertThat(
                        stand.post(
                                        "/v1/api-keys",
                                        "{\"name\": \"wide\", \"role\": \"ReadOnly\", \"permissions\": [\"key:manage\"]}")
                                .error())
                .isEqualTo("VALIDATION_ERROR");
    }

    @Test
    void givesTokensForClientCredentials() {
        JsonNode client =
                stand.post("/v1/oauth-clients", "{\"name\": \"ci\", \"role\": \"ReadOnly\"}")
                        .json();
        String id = client.get("client_id").asText();
        String secret = client.get("client_secret").asText();
        Answer reply = token(stand, id, secret);
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        assertThat(reply.json().get("token_type").asText()).isEqualTo("Bearer");
        String token = reply.json().get("access_token").asText();
        try (ControlStand another = stand.another()) {
            assertThat(bearer(another, "/v1/replications", token)).isEqualTo(200);
            assertThat(bearer(another, "/v1/api-keys", token)).isEqualTo(403);
            stand.call("DELETE", "/v1/oauth-clients/" + id, null);
            assertThat(bearer(another, "/v1/replications", token)).isEqualTo(401);
        }
        assertThat(token(stand, id, secret).status()).isEqualTo(401);
        assertThat(token(stand, id, "wrong").status()).isEqualTo(401);
    }

    @Test
    void takesTokensOfTheConfiguredIssuer() throws Exception {
        Secret secret = new Secret("0123456789abcdef0123456789abcdef");
        JwtOptions jwt = new JwtOptions("idp", "api", Duration.ofSeconds(30), secret, null, null);
        try (ControlStand another = stand.another(jwt)) {
            SignedJWT token =
                    new SignedJWT(
                            new JWSHeader(JWSAlgorithm.HS256),
                            new JWTClaimsSet.Builder()
                                    .issuer("idp")
                                    .audience("api")
                                    .subject("user-1")
                                    .claim("roles", List.of("Operator"))
                                    .expirationTime(Date.from(Instant.now().plusSeconds(60)))
                                    .build());
            token.sign(new MACSigner(secret.value()));
            assertThat(bearer(another, "/v1/replications", token.serialize())).isEqualTo(200);
            assertThat(bearer(another, "/v1/api-keys", token.serialize())).isEqualTo(403);
            assertThat(bearer(stand, "/v1/replications", token.serialize())).isEqualTo(401);
        }
    }

    @Test
    void limitsByTierAndSaysSo() {
        String key = stand.key("ReadOnly", null, "Free");
        Answer first = stand.call("GET", "/v1/replications", null, "X-API-Key", key);
        assertThat(first.header("X-RateLimit-Limit")).isEqualTo("60");
        assertThat(first.header("X-RateLimit-Remaining")).isEqualTo("59");
        assertThat(Long.parseLong(first.header("X-RateLimit-Reset")))
                .isBetween(Instant.now().getEpochSecond(), Instant.now().getEpochSecond() + 61);
        Answer last = first;
        for (int i = 0; i < 30 && last.status() == 200; i++) {
            last = stand.call("GET", "/v1/replications", null, "X-API-Key", key);
        }
        assertThat(last.status()).isEqualTo(429);
        assertThat(last.error()).isEqualTo("RATE_LIMIT_EXCEEDED");
        assertThat(last.json().get("error").get("retry_after_seconds").asInt()).isPositive();
        assertThat(last.header("Retry-After")).isNotEmpty();
    }

    @Test
    void recordsMutatingAndRefusedCalls() {
        String tenantAdmin = stand.key("TenantAdmin", "acme", "Premium");
        stand.call(
                "POST",
                "/v1/connections",
                "{}",
                "X-API-Key",
                tenantAdmin,
                "X-Request-Id",
                "my-request-1");
        String connection = stand.connection("audited", "nowhere");
        JsonNode refused =
                stand.get("/v1/audit-events?outcome=Refused&actor=key:TenantAdmin")
                        .json()
                        .get("data");
        JsonNode event = refused.get(0);
        assertThat(event.get("request_id").asText()).isEqualTo("my-request-1");
        assertThat(event.get("route").asText()).isEqualTo("/v1/connections");
        assertThat(event.get("source_ip").asText()).isEqualTo("127.0.0.1");
        assertThat(event.get("status").asInt()).isEqualTo(403);
        JsonNode done =
                stand.get("/v1/audit-events?outcome=Success&actor=one-time-admin")
                        .json()
                        .get("data");
        assertThat(done.toString()).contains(connection);
        stand.call("GET", "/v1/replications", null, "X-API-Key", "hk_000000000000_x");
        assertThat(
                        stand.get("/v1/audit-events?outcome=Refused&actor=anonymous@127.0.0.1")
                                .json()
                                .get("data"))
                .isNotEmpty();
    }

    @Test
    void keepsSecretsOutOfTheStoreAndOfEveryReply() throws SQLException {
        String id = stand.connection("secretive", "nowhere");
        String key = stand.key("ReadOnly", null, "Premium");
        String secret = key.substring(16);
        List<String> replies = new ArrayList<>();
        for (String path :
                List.of(
                        "/v1/connections",
                        "/v1/connections/" + id,
                        "/v1/api-keys?page_size=100",
                        "/v1/audit-events?page_size=100",
                        "/metrics")) {
            replies.add(stand.get(path).body());
        }
        replies.add(stand.post("/v1/connections/" + id + "/test", "").body());
        assertThat(String.join("\n", replies))
                .doesNotContain("s3cret-of-secretive")
                .doesNotContain(secret);
        String database = stand.store.url().substring(stand.store.url().lastIndexOf('/') + 1);
        try (Connection connection = SharedPostgres.server().connect(database);
                Statement statement = connection.createStatement();
                ResultSet all =
                        statement.executeQuery("SELECT database_to_xml(true, true, '')::text")) {
            all.next();
            assertThat(all.getString(1))
                    .contains("secretive")
                    .doesNotContain("s3cret-of-secretive")
                    .doesNotContain(secret);
        }
    }

    @Test
    void givesAllSecretsANewKey() throws Exception {
        Path file = directory.resolve("keys.json");
        SecretKeys.generate().writeNew(file);
        DatabaseConfig store = SharedPostgres.newDatabase("rotation");
        ControlOptions options =
                new ControlOptions(
                        store,
                        5,
                        SecretKeys.read(file),
                        new ListenOptions("127.0.0.1", 0, null),
                        false,
                        null);
        ControlServer.start(options, InstantSource.system()).close();
        String name = store.url().substring(store.url().lastIndexOf('/') + 1);
        String id = "00000000-0000-0000-0000-000000000009";
        byte[] before = SecretKeys.read(file).encrypt("hunter2", id);
        SharedPostgres.server()
                .execute(
                        name,
                        "INSERT INTO heliosdb_control.connections (id, name, host, port, database_name, username,"
                                + " secret) VALUES ('"
                                + id
                                + "', 'c', 'h', 1, 'd', 'u', '\\x"
                                + java.util.HexFormat.of().formatHex(before)
                                + "')");

        SecretRotation.addKey(file);
        assertThat(SecretRotation.encryptAnew(store, file)).isEqualTo(2);

        SecretKeys now = SecretKeys.read(file);
        assertThat(now.size()).isEqualTo(1);
        try (Connection connection = SharedPostgres.server().connect(name);
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT secret FROM heliosdb_control.connections")) {
            row.next();
            assertThat(row.getBytes(1)).isNotEqualTo(before);
            assertThat(now.decrypt(row.getBytes(1), id)).isEqualTo("hunter2");
        }
    }

    private static Answer token(ControlStand where, String id, String secret) {
        return where.send(
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://127.0.0.1:" + where.server.port() + "/oauth/token"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(
                                HttpRequest.BodyPublishers.ofString(
                                        "grant_type=client_credentials&client_id="
                                                + id
                                                + "&client_secret="
                                                + secret))
                        .build());
    }

    private static int status(ControlStand where, String path, String key) {
        return where.call("GET", path, null, "X-API-Key", key).status();
    }

    private static int bearer(ControlStand where, String path, String token) {
        return where.call("GET", path, null, "Authorization", "Bearer " + token).status();
    }
}
