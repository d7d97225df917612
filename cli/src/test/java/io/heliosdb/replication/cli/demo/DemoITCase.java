package io.heliosdb.replication.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.cli.HeliosCli;
import io.heliosdb.replication.cli.status.StatusCommand;
import io.heliosdb.replication.testkit.Await;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The demo as people run it, and the lines that it prints for them to paste. */
class DemoITCase {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir Path home;
    private Process demo;

    @AfterEach
    void stop() throws InterruptedException {
        if (demo != null && demo.isAlive()) {
            demo.destroy();
            demo.waitFor(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void findsBothSidesEqualAndPrintsWhatCanBePasted() throws Exception {
        Path output = home.resolve("out");
        demo = demo().redirectErrorStream(true).redirectOutput(output.toFile()).start();
        Await.until(
                () -> "users are at work",
                PATIENCE,
                () -> read(output),
                text -> text.contains("users are at work") || !demo.isAlive());
        String printed = read(output);

        Matcher curl = match("API +curl -H 'X-API-Key: (hk_\\S+)' (http://\\S+)", printed);
        HttpResponse<String> reply =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create(curl.group(2)))
                                        .header("X-API-Key", curl.group(1))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(reply.body()).contains("\"tenant-0001\"").contains("\"total_items\":4");
        for (String side : List.of("source", "target")) {
            Matcher psql = match(side + " +psql .* (jdbc:\\S+)", printed);
            try (Connection connection = DriverManager.getConnection(psql.group(1));
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT 1")) {
                assertThat(row.next()).isTrue();
            }
        }
        StringWriter table = new StringWriter();
        int status =
                new CommandLine(new StatusCommand())
                        .setOut(new PrintWriter(table, true))
                        .execute("--config", match("status --config (\\S+)", printed).group(1));
        assertThat(status).as(table.toString()).isZero();
        Matcher ids = Pattern.compile("\"id\":\"([^\"]+)\"").matcher(reply.body());
        assertThat(ids.results().map(id -> id.group(1)).toList())
                .hasSize(4)
                .allMatch(table.toString()::contains);

        assertThat(demo.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(read(output))
                .contains("verdict: equal (4 tenants", "; caught up in ")
                .doesNotContain("different:");
        assertThat(demo.exitValue()).isZero();
    }

    private ProcessBuilder demo() {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx512m",
                                "-XX:TieredStopAtLevel=1",
                                "-Dheliosdb.home=" + home,
                                "-Dlog.file=" + home.resolve("log"),
                                "-cp",
                                System.getProperty("java.class.path"),
                                HeliosCli.class.getName()));
        command.addAll(
                List.of(
                        ("demo --duration 4s --tenants 3 --rows 300 --rate 50 --web-port 0")
                                .split(" ")));
        return new ProcessBuilder(command);
    }

    private static Matcher match(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as("%s in %s", pattern, text).isTrue();
        return matcher;
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
