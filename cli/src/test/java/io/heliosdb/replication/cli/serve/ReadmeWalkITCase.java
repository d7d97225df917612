package io.heliosdb.replication.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Does what the README says, in its words: its shell commands, one after the other, with curl; and
 * the statements that the replies ask for, nothing else, for a role that may nothing but log in.
 */
class ReadmeWalkITCase {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir Path home;
    private PostgresServer postgres;
    private ServeProcess serve;
    private Shell shell;

    @BeforeEach
    void start() throws IOException {
        postgres = PostgresServer.start();
        postgres.execute(
                "postgres",
                "CREATE ROLE replicator LOGIN PASSWORD 'pw-4711'",
                "CREATE DATABASE shop",
                "CREATE DATABASE shop_us");
        postgres.execute(
                "shop",
                "CREATE TABLE orders (tenant_id text, id int, note text, PRIMARY KEY (tenant_id, id))",
                "CREATE TABLE customers (tenant_id text, id int GENERATED ALWAYS AS IDENTITY, name text,"
                        + " PRIMARY KEY (tenant_id, id))",
                "INSERT INTO orders SELECT t, g, 'note' FROM unnest('{acme,other}'::text[]) t,"
                        + " generate_series(1, 1000) g",
                "INSERT INTO customers (tenant_id, name) SELECT t, 'c' FROM"
                        + " unnest('{acme,other}'::text[]) t, generate_series(1, 10)");
        serve = new ServeProcess(home);
        serve.start("--embedded", "--port", "0");
        shell = new Shell();
    }

    @AfterEach
    void stop() throws Exception {
        shell.close();
        serve.close();
        postgres.close();
    }

    @Test
    void leadsFromNothingToRows() throws Exception {
        List<String> commands = commands();
        for (String command : commands.subList(0, indexOf(commands, "dry_run"))) {
            String answer = shell.run(command);
            if (command.endsWith("/test")) {
                mendAndAskAgain(command, answer, command.contains("SOURCE") ? "shop" : "shop_us");
            }
        }
        String dryRun = commands.get(indexOf(commands, "dry_run"));
        mendAndAskAgain(dryRun, shell.run(dryRun), null);
        assertThat(
                        postgres.rows(
                                "shop_us",
                                "SELECT count(*) FROM pg_tables WHERE tablename = 'orders'"))
                .as("nothing was done so far")
                .containsExactly("0");

        int watch = indexOf(commands, "ID=") + 1;
        assertThat(shell.run(commands.get(watch - 1))).isEmpty();
        String status = commands.get(watch);
        awaitAnswer(status, it -> isSettled(it, "Streaming"));
        assertThat(rows()).isEqualTo("1000 10 acme");
        assertThat(json(shell.run(commands.get(watch + 1))).get("phase").asText())
                .isEqualTo("Running");
        // Also beside the job, which reads the slot.
        assertThat(json(shell.run(dryRun)).get("ready").asBoolean()).isTrue();
        order(1001, 1100);
        awaitRows("1100 10 acme");

        int pause = indexOf(commands, "/pause");
        shell.run(commands.get(pause));
        long ordered = System.nanoTime();
        awaitAnswer(status, it -> isSettled(it, "Paused"));
        assertThat(Duration.ofNanos(System.nanoTime() - ordered))
                .as("the job has just started; a second where nothing else runs")
                .isLessThan(Duration.ofSeconds(5));
        order(1101, 1200);
        shell.run(commands.get(pause + 1));
        awaitAnswer(status, it -> isSettled(it, "Streaming"));
        awaitRows("1200 10 acme");

        awaitAnswer(
                commands.get(indexOf(commands, "/metrics")),
                it -> !it.findPath("value").isMissingNode());
        awaitAnswer(
                commands.get(indexOf(commands, "/checkpoints")), it -> !it.get("data").isEmpty());
        assertThat(shell.run(commands.get(indexOf(commands, "/events"))))
                .contains("\"Paused\"", "\"Streaming\"");

        assertThat(shell.run(commands.get(commands.size() - 1))).as("no content").isBlank();
        assertThat(json(shell.run(status)).path("error").path("code").asText())
                .isEqualTo("NOT_FOUND");
        assertThat(rows()).as("they stay").isEqualTo("1200 10 acme");
    }

    private static boolean isSettled(JsonNode it, String status) {
        return it.get("status").asText().equals(status) && it.get("settled").asBoolean();
    }

    private void order(int from, int to) {
        postgres.execute(
                "shop",
                "INSERT INTO orders SELECT t, g, 'late' FROM unnest('{acme,other}'::text[]) t,"
                        + " generate_series("
                        + from
                        + ", "
                        + to
                        + ") g");
    }

    private String rows() {
        return postgres.rows(
                        "shop_us",
                        "SELECT count(*) || ' ' || (SELECT count(*) FROM customers) || ' '"
                                + " || string_agg(DISTINCT tenant_id, ',') FROM orders")
                .get(0);
    }

    private void awaitRows(String wanted) {
        Await.until(() -> wanted, PATIENCE, this::rows, wanted::equals);
    }

    private void awaitAnswer(String command, Predicate<JsonNode> wanted) {
        Await.until(() -> command, PATIENCE, () -> json(shell.run(command)), wanted);
    }

    /** One round of mending is enough: whoever runs what is printed is ready. */
    private void mendAndAskAgain(String command, String answer, String database)
            throws IOException {
        for (JsonNode check : checks(json(answer))) {
            for (JsonNode finding : check.path("findings")) {
                boolean source = finding.get("subject").asText().startsWith("source");
                for (JsonNode sql : finding.get("fix_sql")) {
                    postgres.execute(
                            database != null ? database : source ? "shop" : "shop_us",
                            sql.asText());
                }
            }
        }
        String again = shell.run(command);
        assertThat(json(again).get("ready").asBoolean()).as(again).isTrue();
    }

    private static List<JsonNode> checks(JsonNode reply) {
        List<JsonNode> checks = new ArrayList<>(List.of(reply));
        checks.add(reply.path("as_source"));
        checks.add(reply.path("as_target"));
        return checks;
    }

    private static JsonNode json(String text) throws IOException {
        return MAPPER.readTree(text);
    }

    private static int indexOf(List<String> commands, String part) {
        for (int i = 0; i < commands.size(); i++) {
            if (commands.get(i).contains(part)) {
                return i;
            }
        }
        throw new AssertionError("no command has " + part + ": " + commands);
    }

    /** The README's commands; what stands in them for the reader's own is put in. */
    private List<String> commands() throws IOException {
        Matcher walk =
                Pattern.compile("<!-- walk:begin[^\\n]*\\n```bash\\n(.*?)```\\n", Pattern.DOTALL)
                        .matcher(Files.readString(Path.of("..", "README.md")));
        assertThat(walk.find()).isTrue();
        URI api = URI.create(serve.api().url());
        String text =
                walk.group(1)
                        .replace("hk_...", serve.api().key())
                        .replace("localhost:8080", api.getAuthority())
                        .replace("5432", String.valueOf(postgres.port()))
                        .replace("\"password\": \"...\"", "\"password\": \"pw-4711\"");
        List<String> commands = new ArrayList<>();
        // What begins with a space goes on with the command above.
        for (String command : text.split("\\n(?! )")) {
            if (!command.isBlank() && !command.startsWith("#")) {
                commands.add(command);
            }
        }
        return commands;
    }

    /** One shell for all commands, as a user has it. */
    private static final class Shell implements AutoCloseable {

        private static final String DONE = "::done::";

        private final Process process;
        private final Writer in;
        private final BufferedReader out;

        Shell() throws IOException {
            process = new ProcessBuilder("bash").redirectErrorStream(true).start();
            in = process.outputWriter(StandardCharsets.UTF_8);
            out =
                    new BufferedReader(
                            new InputStreamReader(
                                    process.getInputStream(), StandardCharsets.UTF_8));
        }

        /** What it has printed. */
        String run(String command) throws IOException {
            in.write(command + "\necho " + DONE + "\n");
            in.flush();
            StringBuilder printed = new StringBuilder();
            for (String line = out.readLine(); !DONE.equals(line); line = out.readLine()) {
                assertThat(line).as("the shell ended after " + command).isNotNull();
                printed.append(line).append('\n');
            }
            return printed.toString().strip();
        }

        @Override
        public void close() {
            process.destroy();
        }
    }
}
