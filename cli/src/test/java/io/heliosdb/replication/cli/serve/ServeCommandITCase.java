package io.heliosdb.replication.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code serve --embedded} as its users run it: a process of its own, killed and started again. */
class ServeCommandITCase {

    private static final String[] EMBEDDED = {"--embedded", "--port", "0"};

    @TempDir Path home;
    private ServeProcess serve;

    @AfterEach
    void stop() throws InterruptedException {
        if (serve != null) {
            serve.close();
        }
    }

    @Test
    void keepsWhatItWasToldWhenItIsKilled() throws Exception {
        serve = new ServeProcess(home);
        serve.start(EMBEDDED);
        HttpResponse<String> anonymous =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(
                                                URI.create(serve.api().url() + "/v1/replications"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
        assertThat(anonymous.statusCode()).isEqualTo(401);
        serve.api()
                .post(
                        "/v1/connections",
                        "{\"name\": \"kept\", \"host\": \"localhost\", \"database\": \"d\", \"username\": \"u\","
                                + " \"password\": \"hunter2\", \"target\": {}}");

        serve.kill();
        serve.start(EMBEDDED);

        assertThat(serve.api().get("/v1/connections").toString())
                .contains("\"kept\"")
                .doesNotContain("hunter2");

        assertThat(serve.end()).isEqualTo(130);
        assertThat(serve.printed()).contains("stopped");
        assertThat(home.resolve(".heliosdb/control/postgres/postmaster.pid"))
                .as("the store is stopped too, also one that was taken over")
                .doesNotExist();
    }

    @Test
    void isOneProcessAtATime() throws Exception {
        serve = new ServeProcess(home);
        serve.start(EMBEDDED);
        ServeProcess second = new ServeProcess(home);
        try {
            second.start(EMBEDDED);
        } catch (AssertionError refused) {
            assertThat(refused).hasMessageContaining("another 'serve --embedded' runs");
        }
        assertThat(second.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(second.process().exitValue()).isEqualTo(2);
        assertThat(serve.api().get("/v1/connections").get("data")).isEmpty();
    }
}
