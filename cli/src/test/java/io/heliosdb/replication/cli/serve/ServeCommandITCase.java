package io.heliosdb.replication.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.cli.HeliosCli;
import io.heliosdb.replication.testkit.Await;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code serve --embedded} as its users run it: a process of its own, killed and started again. */
class ServeCommandITCase {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern ADDRESS = Pattern.compile("control API at (http://\\S+)/v1");
    private static final Pattern KEY = Pattern.compile("only: (hk_\\S+)");

    @TempDir Path home;

    private Process process;
    private String url;
    private String key;

    @AfterEach
    void stop() throws InterruptedException {
        if (process != null && process.isAlive()) {
            process.destroy();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void keepsWhatItWasToldWhenItIsKilled() throws Exception {
        start("one.out");
        assertThat(call("GET", "/v1/replications", null, "").statusCode()).isEqualTo(401);
        HttpResponse<String> made =
                call(
                        "POST",
                        "/v1/connections",
                        "{\"name\": \"kept\", \"host\": \"localhost\", \"database\": \"d\", \"username\": \"u\","
                                + " \"password\": \"hunter2\", \"target\": {}}",
                        key);
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);

        process.destroyForcibly().waitFor();
        start("two.out");

        assertThat(call("GET", "/v1/connections", null, key).body())
                .contains("\"kept\"")
                .doesNotContain("hunter2");

        process.destroy();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(130);
        assertThat(home.resolve(".heliosdb/control/postgres/postmaster.pid"))
                .as("the store is stopped too, also one that was taken over")
                .doesNotExist();
    }

    private void start(String output) throws IOException {
        Path file = home.resolve(output);
        process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx256m",
                                "-XX:TieredStopAtLevel=1",
                                "-Dheliosdb.home=" + home,
                                "-Dlog.file=" + home.resolve("log"),
                                "-cp",
                                System.getProperty("java.class.path"),
                                HeliosCli.class.getName(),
                                "serve",
                                "--embedded",
                                "--port",
                                "0")
                        .redirectErrorStream(true)
                        .redirectOutput(file.toFile())
                        .start();
        Await.until("the control API runs", PATIENCE, () -> KEY.matcher(text(file)).find());
        url = group(ADDRESS, text(file));
        key = group(KEY, text(file));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }

    private static String group(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return matcher.group(1);
    }

    private HttpResponse<String> call(String method, String path, String body, String apiKey)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url + path))
                        .timeout(Duration.ofSeconds(30))
                        .method(
                                method,
                                body == null
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofString(body));
        if (!apiKey.isEmpty()) {
            request.header("X-API-Key", apiKey);
        }
        return HttpClient.newHttpClient()
                .send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
