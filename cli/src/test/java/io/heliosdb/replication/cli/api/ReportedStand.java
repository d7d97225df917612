package io.heliosdb.replication.cli.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.heliosdb.replication.cli.api.ApiStand.Printed;
import io.heliosdb.replication.core.report.LaneReport;
import io.heliosdb.replication.core.report.ReplicationReport;
import io.heliosdb.replication.core.report.ReplicationReport.Condition;
import io.heliosdb.replication.core.report.ReplicationReport.Service;
import io.heliosdb.replication.core.report.ReplicationReport.Waiting;
import io.heliosdb.replication.flink.report.ReportWriter;
import io.heliosdb.replication.flink.report.postgres.PostgresReportWriter;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A replication whose job the tests play: what they report goes the way of the job's reports. */
abstract class ReportedStand {

    static final Duration PATIENCE = Duration.ofSeconds(20);
    static final Waiting NOTHING = Waiting.NONE;
    static int made;

    ApiStand stand;
    ReportWriter.Writing job;
    String id;
    long at = System.currentTimeMillis();

    @TempDir Path directory;

    @BeforeEach
    void open() throws IOException {
        stand = ApiStand.shared();
        job =
                new PostgresReportWriter(
                                new DatabaseConfig(
                                        stand.postgres.url("postgres"),
                                        PostgresServer.USER,
                                        Secret.EMPTY))
                        .begin();
        made++;
        String name = "reported-" + made;
        register(name + "-source");
        register(name + "-target");
        id =
                json(run(
                                "replication",
                                "create",
                                "--tenant",
                                name,
                                "--source",
                                name + "-source",
                                "--target",
                                name + "-target",
                                "--tier",
                                "Synchronous",
                                "--json"))
                        .get("id")
                        .asText();
    }

    private void register(String name) throws IOException {
        Path password = Files.writeString(directory.resolve("password"), "x\n");
        ok(
                run(
                        "connection",
                        "create",
                        "--name",
                        name,
                        "--host",
                        "localhost",
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
                        "--as-target"));
    }

    @AfterEach
    void close() {
        job.close();
    }

    Printed run(String... words) throws IOException {
        return stand.run(directory, words);
    }

    static void ok(Printed printed) {
        assertThat(printed.exit()).as(printed.err()).isZero();
    }

    static JsonNode json(Printed printed) throws IOException {
        ok(printed);
        return ApiClient.MAPPER.readTree(printed.out());
    }

    JsonNode get() {
        try {
            return json(run("replication", "get", id, "--json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    JsonNode await(String what, Predicate<JsonNode> condition) {
        return Await.until(() -> what, PATIENCE, this::get, condition);
    }

    static Service service(boolean late) {
        return new Service(Tier.SYNCHRONOUS, 50, 1_000, late, late ? 1 : 0);
    }

    void report(ReplicationState state, Service service, Waiting backlog, Condition... conditions) {
        job.add(
                new LaneReport.Status(
                        new ReplicationReport(
                                new ReplicationId(id),
                                1,
                                state,
                                state == ReplicationState.ERROR ? ErrorCode.ROW_REJECTED : null,
                                state == ReplicationState.ERROR ? "no" : null,
                                0,
                                List.of(conditions),
                                16,
                                500_000,
                                64,
                                backlog,
                                7,
                                70,
                                700,
                                3,
                                0,
                                0,
                                0,
                                420,
                                service,
                                at += 10)));
    }

    /** Type and message of its events, oldest first, without those of people. */
    List<String> events() {
        List<String> events = new ArrayList<>();
        try {
            for (JsonNode event : json(run("events", id, "--json")).get("data")) {
                if (event.path("actor").asText().equals("job")) {
                    events.add(
                            0,
                            event.get("event_type").asText()
                                    + ": "
                                    + event.get("message").asText());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return events;
    }

    static final Condition ALARM =
            new Condition(ErrorCode.BACKLOG_LIMIT, "the backlog is larger than \"max-size\"");
    static final Condition UNSYNCHRONISED =
            new Condition(ErrorCode.SYNCHRONOUS_DEGRADED, "no answer for 5 s");
}
