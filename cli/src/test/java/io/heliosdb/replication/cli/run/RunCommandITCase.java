package io.heliosdb.replication.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.cli.HeliosCli;
import io.heliosdb.replication.cli.status.ReplicationStatus;
import io.heliosdb.replication.cli.status.postgres.StatusReader;
import io.heliosdb.replication.core.config.ConfigFile;
import io.heliosdb.replication.job.local.CheckpointDirectory;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import io.heliosdb.replication.testkit.PostgresVersion;
import io.heliosdb.replication.testkit.saas.SaasApplication;
import io.heliosdb.replication.testkit.saas.SaasWorkload;
import io.heliosdb.replication.testkit.saas.TenantComparison;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as people run it: a process that is killed, stopped and started again (R1). */
class RunCommandITCase {

    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final int TENANTS = 4;

    @TempDir Path directory;
    private PostgresServer source;
    private PostgresServer target;
    private SaasApplication application;
    private Path config;
    private final List<Process> processes = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        source = PostgresServer.start(PostgresVersion.source());
        target = PostgresServer.start(PostgresVersion.target());
        source.execute("postgres", "CREATE DATABASE app");
        target.execute("postgres", "CREATE DATABASE app");
        application = SaasApplication.create(source, "app", TENANTS, 200);
        config =
                Files.writeString(
                        directory.resolve("pipeline.yaml"),
                        """
                        source: {url: "%s", user: postgres, slot: run_it, publication: heliosdb}
                        tenancy:
                          column: tenant_id
                          tables: {public.tenants: id}
                          reference-tables: [public.countries, public.plans]
                        targets: [{name: t, url: "%s", user: postgres}]
                        replications:
                          - {name: saas, tenant: "tenant-*", target: t}
                          - {name: reference, tenant: _reference, target: t}
                        job: {checkpoint-directory: state, checkpoint-interval: 500ms}
                        """
                                .formatted(source.url("app"), target.url("app")));
    }

    @AfterEach
    void stop() {
        processes.forEach(Process::destroyForcibly);
        source.close();
        target.close();
    }

    @Test
    void continuesByItselfAfterAKillAndAfterACleanStop() throws Exception {
        try (StatusReader reader = new StatusReader(ConfigFile.read(config))) {
            SaasWorkload workload = SaasWorkload.start(application, 2, 100, 7);
            try (workload) {
                Process first = run("first");
                await(
                        first,
                        "200 rows and a checkpoint",
                        () -> applied(reader) > 200 && hasCheckpoint());
                first.destroyForcibly().waitFor();

                long before = applied(reader);
                Process second = run("second");
                await(second, "200 rows more", () -> applied(reader) > before + 200);
                second.destroy();

                assertThat(second.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
                assertThat(second.exitValue()).isEqualTo(ExitCode.INTERRUPTED);
                assertThat(output("first")).contains("beginning anew");
                assertThat(output("second"))
                        .contains("continuing from checkpoint")
                        .contains("stopped cleanly");
            }
            Process third = run("third");
            await(third, "equal rows", () -> compare().equal());

            assertThat(output("third")).contains("/stops/savepoint-");
            assertThat(compare().rows()).isGreaterThan(3_000);
        }
    }

    @Test
    void refusesToStartWhereNothingCanWork() throws Exception {
        Files.writeString(
                config,
                Files.readString(config).replace("publication: heliosdb", "publication: none"));
        Process process = run("refused");

        assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(ExitCode.FINDING);
        assertThat(output("refused")).contains("none").doesNotContain("job is running");
        assertThat(slots()).isZero();
    }

    private boolean hasCheckpoint() {
        return CheckpointDirectory.open(directory.resolve("state").toString()).newest().isPresent();
    }

    private long slots() throws Exception {
        try (var connection = source.connect("app");
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT count(*) FROM pg_replication_slots")) {
            row.next();
            return row.getLong(1);
        }
    }

    private TenantComparison.Outcome compare() {
        List<String> tenants = new ArrayList<>(application.tenantIds());
        tenants.add(TenantComparison.REFERENCE);
        return TenantComparison.compare(application, target, "app", tenants);
    }

    /** Rows applied of all replications once all of them stream, else -1. */
    private static long applied(StatusReader reader) {
        List<ReplicationStatus> statuses = reader.read().replications();
        return statuses.size() == TENANTS + 1
                        && statuses.stream().allMatch(status -> status.state().equals("streaming"))
                ? statuses.stream().mapToLong(status -> status.rowsApplied()).sum()
                : -1;
    }

    private Process run(String name) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("@../flink-conf/java.opts");
        command.addAll(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1"));
        // The killed one leaves its temporary files here.
        command.add("-Djava.io.tmpdir=" + directory);
        command.add("-cp");
        command.add(
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path")));
        command.add(HeliosCli.class.getName());
        command.addAll(List.of("run", "--config", config.toString(), "--web-port", "0"));
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve(name).toFile())
                        .start();
        processes.add(process);
        return process;
    }

    private String output(String name) throws IOException {
        return Files.readString(directory.resolve(name));
    }

    private static void await(Process process, String what, BooleanSupplier condition) {
        Await.until(
                what,
                LIMIT,
                () -> {
                    assertThat(process.isAlive()).as("alive, waiting for " + what).isTrue();
                    return condition.getAsBoolean();
                });
    }
}
