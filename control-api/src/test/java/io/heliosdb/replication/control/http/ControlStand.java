package io.heliosdb.replication.control.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heliosdb.replication.control.SharedPostgres;
import io.heliosdb.replication.control.access.JwtOptions;
import io.heliosdb.replication.control.secret.SecretKeys;
import io.heliosdb.replication.control.server.ControlOptions;
import io.heliosdb.replication.control.server.ControlServer;
import io.heliosdb.replication.control.server.ListenOptions;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.testkit.PostgresServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** A control plane on a new store, and a client that speaks to it. */
public final class ControlStand implements AutoCloseable {

    /** Calls without any credentials. */
    public static final String[] NOTHING = {};

    static {
        // A server may close an idle connection just when it is used again: every client tries
        // anew.
        System.setProperty("jdk.httpclient.enableAllMethodRetry", "true");
    }

    private static final ObjectMapper MAPPER = new ObjectMapper();

    public final DatabaseConfig store;
    public final SecretKeys secretKeys;
    public final ControlServer server;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private ControlStand(DatabaseConfig store, SecretKeys secretKeys, @Nullable JwtOptions jwt) {
        this.store = store;
        this.secretKeys = secretKeys;
        this.server =
                ControlServer.start(
                        new ControlOptions(
                                store,
                                10,
                                secretKeys,
                                new ListenOptions(ListenOptions.LOOPBACK, 0, null),
                                false,
                                jwt),
                        InstantSource.system());
    }

    public static ControlStand start() {
        return new ControlStand(SharedPostgres.newDatabase("control"), SecretKeys.generate(), null);
    }

    /** On a store of one's own. */
    static ControlStand on(DatabaseConfig store, SecretKeys secretKeys) {
        return new ControlStand(store, secretKeys, null);
    }

    /** Another instance on the same store. */
    public ControlStand another() {
        return new ControlStand(store, secretKeys, null);
    }

    public ControlStand another(JwtOptions jwt) {
        return new ControlStand(store, secretKeys, jwt);
    }

    /** What came back. */
    public record Answer(int status, String body, java.net.http.HttpHeaders headers) {

        public JsonNode json() {
            try {
                return MAPPER.readTree(body);
            } catch (JsonProcessingException e) {
                throw new AssertionError("not JSON: " + body, e);
            }
        }

        public String error() {
            return json().path("error").path("code").asText();
        }

        public String header(String name) {
            return headers.firstValue(name).orElse("");
        }
    }

    public String adminKey() {
        return server.oneTimeKey().orElseThrow();
    }

    /** As admin. */
    public Answer call(String method, String path, @Nullable String body) {
        return call(method, path, body, "X-API-Key", adminKey());
    }

    public Answer get(String path) {
        return call("GET", path, null);
    }

    public Answer post(String path, String body) {
        return call("POST", path, body);
    }

    public Answer call(String method, String path, @Nullable String body, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                        .timeout(Duration.ofSeconds(30))
                        .method(
                                method,
                                body == null
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return send(request.build());
    }

    public Answer send(HttpRequest request) {
        try {
            HttpResponse<String> response =
                    client.send(request, HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body(), response.headers());
        } catch (IOException e) {
            throw new AssertionError(request + ": " + e, e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Registers a database of the shared server in both roles. */
    public String connection(String name, String database) {
        Answer made =
                post(
                        "/v1/connections",
                        """
                        {"name": "%s", "host": "localhost", "port": %d, "database": "%s", "username": "%s",
                         "password": "s3cret-of-%s", "region": "eu-1",
                         "source": {"slot": "%s", "publication": "heliosdb", "tenancy": {"column": "tenant_id"}},
                         "target": {"lanes": 2}}
                        """
                                .formatted(
                                        name,
                                        SharedPostgres.server().port(),
                                        database,
                                        PostgresServer.USER,
                                        name,
                                        name.toLowerCase().replaceAll("[^a-z0-9]", "_")));
        if (made.status() != 201) {
            throw new AssertionError(made.body());
        }
        return made.json().get("id").asText();
    }

    /** Makes a replication and returns its id. */
    public String replication(String tenant, String source, String target) {
        Answer made = post("/v1/replications", replicationBody(tenant, source, target));
        if (made.status() != 201) {
            throw new AssertionError(made.body());
        }
        return made.json().get("id").asText();
    }

    public static String replicationBody(String tenant, String source, String target) {
        return """
               {"tenant_id": "%s", "source": {"connection_id": "%s"}, "target": {"connection_id": "%s"},
                "config": {"qos_tier": "Premium", "max_lag_seconds": 5}}
               """
                .formatted(tenant, source, target);
    }

    /** A key of this role and returns its text. */
    public String key(String role, @Nullable String tenant, String rateTier) {
        Answer made =
                post(
                        "/v1/api-keys",
                        """
                        {"name": "%s", "role": "%s", %s "rate_tier": "%s"}
                        """
                                .formatted(
                                        role,
                                        role,
                                        tenant == null ? "" : "\"tenant_id\": \"" + tenant + "\",",
                                        rateTier));
        if (made.status() != 201) {
            throw new AssertionError(made.body());
        }
        return made.json().get("key").asText();
    }

    /** Plays the job: reports this state for the newest spec. */
    public void report(String replication, String state, String more) {
        execute(
                """
                INSERT INTO heliosdb_control.replication_status AS s
                    (replication_id, observed_version, state, state_before, replication_lag_seconds, late, position)
                SELECT id, spec_version, '%s', 'Streaming', 1.5, false, %s
                FROM heliosdb_control.replication_configs WHERE id = '%s'
                ON CONFLICT (replication_id) DO UPDATE
                SET observed_version = EXCLUDED.observed_version, state = EXCLUDED.state,
                    position = EXCLUDED.position, reported_at = now()
                """
                        .formatted(state, more, replication));
    }

    public void execute(String sql) {
        SharedPostgres.server()
                .execute(store.url().substring(store.url().lastIndexOf('/') + 1), sql);
    }

    @Override
    public void close() {
        server.close();
    }
}
