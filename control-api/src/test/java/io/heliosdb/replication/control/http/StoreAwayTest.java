package io.heliosdb.replication.control.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.control.http.ControlStand.Answer;
import io.heliosdb.replication.control.secret.SecretKeys;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store stops and comes back under a running control plane. */
class StoreAwayTest {

    @TempDir Path directory;

    @Test
    void saysSoWhileTheStoreIsAwayAndGoesOnWhenItIsBack() {
        PostgresServer server = PostgresServer.start(Map.of(), 0, directory.resolve("data"));
        DatabaseConfig store =
                new DatabaseConfig(server.url("postgres"), PostgresServer.USER, Secret.EMPTY);
        try (ControlStand stand = ControlStand.on(store, SecretKeys.generate())) {
            String key = stand.adminKey();
            int port = server.port();
            assertThat(stand.get("/v1/connections").status()).isEqualTo(200);

            server.close();
            Answer away = stand.call("GET", "/v1/connections", null, "X-API-Key", key);
            assertThat(away.status()).as(away.body()).isEqualTo(503);
            assertThat(away.error()).isEqualTo("SERVICE_UNAVAILABLE");
            assertThat(stand.call("GET", "/ready", null, ControlStand.NOTHING).status())
                    .isEqualTo(503);
            assertThat(
                            stand.call("GET", "/health", null, ControlStand.NOTHING)
                                    .json()
                                    .get("status")
                                    .asText())
                    .isEqualTo("Unhealthy");

            server = PostgresServer.start(Map.of(), port, directory.resolve("data"));
            Await.until(
                    "the control plane serves again",
                    Duration.ofSeconds(30),
                    () -> stand.get("/v1/connections").status() == 200);
        } finally {
            server.close();
        }
    }
}
