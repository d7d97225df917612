package io.heliosdb.replication.cli.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Calls of a control API, as curl makes them. */
record ApiHttp(String url, String key) {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** The body of the reply of whatever status. */
    String text(String path) {
        try {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(url + path))
                                    .timeout(Duration.ofSeconds(30))
                                    .header("X-API-Key", key)
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new AssertionError(path + ": " + e, e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The body of the reply; a status that is none of success is a failure of the test. */
    JsonNode call(String method, String path, String body) {
        try {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create(url + path))
                            .timeout(Duration.ofSeconds(30))
                            .header("X-API-Key", key)
                            .method(
                                    method,
                                    body == null
                                            ? HttpRequest.BodyPublishers.noBody()
                                            : HttpRequest.BodyPublishers.ofString(body));
            if (body != null) {
                request.header("Content-Type", "application/json");
            }
            HttpResponse<String> response =
                    HttpClient.newHttpClient()
                            .send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() >= 300) {
                throw new AssertionError(path + ": " + response.body());
            }
            return response.body().isEmpty()
                    ? MAPPER.createObjectNode()
                    : MAPPER.readTree(response.body());
        } catch (IOException e) {
            throw new AssertionError(path + ": " + e, e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    JsonNode get(String path) {
        return call("GET", path, null);
    }

    JsonNode post(String path, String body) {
        return call("POST", path, body);
    }

    void delete(String path) {
        call("DELETE", path, null);
    }

    /** Registers a database in both roles; its id. */
    String connection(String name, int port, String database) {
        return post(
                        "/v1/connections",
                        """
                        {"name": "%s", "host": "localhost", "port": %d, "database": "%s", "username": "postgres",
                         "password": "s3cret-of-%s",
                         "source": {"slot": "%s", "publication": "helios", "tenancy": {"column": "tenant_id"}},
                         "target": {"lanes": 2}}
                        """
                                .formatted(name, port, database, name, name))
                .get("id")
                .asText();
    }

    /** Makes a replication; its id. */
    String replication(String tenant, String source, String target) {
        return replication(tenant, source, target, "Fail");
    }

    /** The same; what is done with rows of the tenant that the target has. */
    String replication(String tenant, String source, String target, String existing) {
        return post(
                        "/v1/replications",
                        """
                        {"tenant_id": "%s", "source": {"connection_id": "%s"}, "target": {"connection_id": "%s"},
                         "config": {"qos_tier": "Premium", "existing_rows": "%s"}}
                        """
                                .formatted(tenant, source, target, existing))
                .get("id")
                .asText();
    }

    JsonNode job(String connection) {
        return get("/v1/connections/" + connection + "/job");
    }

    String phase(String connection) {
        return job(connection).get("phase").asText();
    }
}
