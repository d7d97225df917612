package io.heliosdb.replication.cli.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.cli.api.ApiStand.Printed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands on the control API as a user gives them, against a server. */
class ApiCommandsTest {

    private static ApiStand stand;

    @TempDir Path directory;

    @BeforeAll
    static void start() {
        stand = ApiStand.shared();
    }

    private Printed run(String... words) throws IOException {
        return stand.run(directory, words);
    }

    private static JsonNode json(Printed printed) throws IOException {
        assertThat(printed.exit()).as(printed.err()).isZero();
        return ApiClient.MAPPER.readTree(printed.out());
    }

    private void register(String name) throws IOException {
        Path password = Files.writeString(directory.resolve("password"), "hunter2\n");
        Printed made =
                run(
                        "connection",
                        "create",
                        "--name",
                        name,
                        "--host",
                        "localhost",
                        "--port",
                        String.valueOf(stand.postgres.port()),
                        "--database",
                        "postgres",
                        "--user",
                        "postgres",
                        "--password-file",
                        password.toString(),
                        "--slot",
                        name.replace('-', '_'),
                        "--tenant-column",
                        "tenant_id",
                        "--as-target");
        assertThat(made.exit()).as(made.err()).isZero();
        assertThat(made.out()).contains("name: " + name).doesNotContain("hunter2");
    }

    @Test
    void doesWhatAnOperatorDoesFromTheFirstConnectionToTheLastDeletion() throws IOException {
        register("shop-eu");
        register("shop-us");
        assertThat(run("connection", "list").out()).contains("shop-eu", "shop-us", "source.slot");
        assertThat(
                        json(run("connection", "get", "shop-eu", "--json"))
                                .get("has_password")
                                .asBoolean())
                .isTrue();
        assertThat(run("connection", "job", "shop-eu").out()).contains("phase: Idle");

        JsonNode made =
                json(
                        run(
                                "replication",
                                "create",
                                "--tenant",
                                "acme",
                                "--source",
                                "shop-eu",
                                "--target",
                                "shop-us",
                                "--tier",
                                "Premium",
                                "--tables",
                                "public.orders,sales.*",
                                "--json"));
        assertThat(made.at("/config/table_filter")).hasSize(2);
        assertThat(made.at("/config/qos_tier").asText()).isEqualTo("Premium");
        String id = made.get("id").asText();

        assertThat(run("replication", "list", "--tenant", "acme").out())
                .contains("tenant_id", "acme", "Initializing", id);
        assertThat(
                        run("replication", "update", "acme", "--priority", "70", "--reason", "vip")
                                .out())
                .contains("config.priority: 70");
        Printed refused = run("replication", "pause", id);
        assertThat(refused.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.err()).contains("CONFLICT", "pause is not possible");
        assertThat(run("replication", "stop", "acme", "--reason", "moved away").out())
                .contains("status: Stopped");
        assertThat(run("events", "acme").out()).contains("StateChange", "Created", "ConfigChange");
        assertThat(json(run("metrics", "get", "acme", "--json")).get("metrics")).isNotNull();
        assertThat(run("metrics", "aggregate", "--group-by", "tenant_id").exit()).isZero();
        assertThat(run("replication", "delete", "acme").out()).isEqualTo("done\n");
        assertThat(run("replication", "get", id).exit()).isEqualTo(ExitCode.USAGE);
        assertThat(run("audit", "--outcome", "Success").out()).contains("/v1/replications");
        assertThat(run("connection", "delete", "shop-us").exit()).isZero();
    }

    @Test
    void tellsFindingsByTheExitCode() throws IOException {
        register("not-ready");
        Printed test = run("connection", "test", "not-ready");
        assertThat(test.exit()).as(test.out()).isEqualTo(ExitCode.FINDING);
        assertThat(test.out()).contains("as_source.findings:", "CREATE PUBLICATION");
    }

    @Test
    void tellsWhatIsMissingWrongOrAway() throws IOException {
        Printed missing = run("replication", "create", "--tenant", "x");
        assertThat(missing.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(missing.err()).contains("--source", "--target");
        assertThat(run("replication").exit()).isEqualTo(ExitCode.USAGE);
        assertThat(run("connection", "get", "nobody").err())
                .contains("no connection is named nobody");
        assertThat(run("replication", "get", "nobody").err()).contains("no replication");
        Printed away = ApiStand.plain("connection", "list", "--api", "http://127.0.0.1:1");
        assertThat(away.exit()).isEqualTo(ExitCode.UNREACHABLE);
        Printed anonymous = ApiStand.plain("connection", "list", "--api", stand.url());
        assertThat(anonymous.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(anonymous.err()).contains("UNAUTHORIZED", "login");
    }

    @Test
    void takesMoreFieldsFromAFile() throws IOException {
        Path body =
                Files.writeString(
                        directory.resolve("body.json"),
                        "{\"name\": \"of-a-file\", \"host\": \"h\", \"username\": \"u\", \"target\": {}}");
        assertThat(
                        run(
                                        "connection",
                                        "create",
                                        "--body",
                                        body.toString(),
                                        "--database",
                                        "of-an-option")
                                .out())
                .contains("name: of-a-file", "database: of-an-option");
    }

    @Test
    void keepsAKeyForTheServerThatItIsForInAFileOfItsOwner() throws IOException {
        Path profiles = directory.resolve("kept/profiles.json");
        System.setProperty("heliosdb.profiles", profiles.toString());
        try {
            assertThat(run("login").out()).contains("profile default");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(profiles)))
                    .isEqualTo("rw-------");
            assertThat(ApiStand.plain("connection", "list").exit()).isZero();
            assertThat(ApiStand.plain("connection", "list", "--profile", "no").exit())
                    .isEqualTo(ExitCode.USAGE);
            ServerOptions other = new ServerOptions();
            other.api = "http://elsewhere";
            assertThat(other.profile(name -> null, new Profiles(profiles)).credential()).isEmpty();
        } finally {
            System.clearProperty("heliosdb.profiles");
        }
    }

    @Test
    void whatIsSaidWinsOverVariablesAndThoseOverWhatIsKept() {
        Profiles kept = new Profiles(directory.resolve("profiles.json"));
        kept.keep("default", "http://kept", "hk_kept");
        kept.keep("p", "http://p", "a.b.c");
        Map<String, String> variables =
                Map.of("HELIOSDB_API", "http://variable/v1/", "HELIOSDB_API_KEY", "hk_variable");
        ServerOptions options = new ServerOptions();
        assertThat(options.profile(name -> null, kept))
                .isEqualTo(ApiProfile.of("http://kept", "hk_kept"));
        assertThat(options.profile(variables::get, kept))
                .isEqualTo(ApiProfile.of("http://variable", "hk_variable"));
        options.profile = "p";
        assertThat(options.profile(name -> null, kept).credential())
                .isEqualTo(Optional.of(new ApiProfile.Credential("Authorization", "Bearer a.b.c")));
        options.api = "http://said";
        assertThat(options.profile(variables::get, kept))
                .isEqualTo(ApiProfile.of("http://said", "hk_variable"));
    }
}
