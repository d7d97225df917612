package io.heliosdb.replication.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.testkit.PostgresServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CheckCommandTest {

    private static PostgresServer server;

    @TempDir Path directory;

    private final StringWriter out = new StringWriter();

    @BeforeAll
    static void start() {
        server = PostgresServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void exitCodeTellsWhetherTheJobMayStart() throws Exception {
        String source = server.createDatabase("check_source");
        String target = server.createDatabase("check_target");
        server.execute(
                source,
                "CREATE TABLE orders (tenant_id text NOT NULL, id int PRIMARY KEY)",
                "INSERT INTO orders VALUES ('acme', 1)",
                "CREATE PUBLICATION helios FOR ALL TABLES");

        assertThat(run(config(server.url(source), server.url(target)))).isEqualTo(ExitCode.FINDING);
        assertThat(out.toString())
                .contains("source table public.orders", "lacks the tenant key", "not ready");

        server.execute(source, "ALTER TABLE orders REPLICA IDENTITY FULL");
        assertThat(run(config(server.url(source), server.url(target)))).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("ready: 1 warning").contains("max_slot_wal_keep_size");

        assertThat(run(config(server.url(source), "jdbc:postgresql://localhost:1/x")))
                .isEqualTo(ExitCode.UNREACHABLE);
    }

    @Test
    void printsJson() throws Exception {
        String source = server.createDatabase("check_source");

        assertThat(run(config(server.url(source), server.url("nowhere")), "--json"))
                .isEqualTo(ExitCode.UNREACHABLE);

        JsonNode json = new ObjectMapper().readTree(out.toString());
        assertThat(json.get("ready").booleanValue()).isFalse();
        JsonNode last = json.get("findings").get(json.get("findings").size() - 1);
        assertThat(last.get("subject").textValue()).isEqualTo("target eu");
        assertThat(last.get("fixSql").get(0).textValue()).isEqualTo("CREATE DATABASE \"nowhere\";");
    }

    private String config(String source, String target) throws Exception {
        return Files.writeString(
                        directory.resolve("c.yaml"),
                        """
                        source: {url: '%s', user: postgres, slot: check, publication: helios}
                        tenancy: {column: tenant_id}
                        targets: [{name: eu, url: '%s', user: postgres}]
                        replications: [{name: acme, tenant: acme, target: eu}]
                        job: {checkpoint-directory: state}
                        """
                                .formatted(source, target))
                .toString();
    }

    private int run(String file, String... more) {
        out.getBuffer().setLength(0);
        CommandLine command = new CommandLine(new CheckCommand());
        command.setOut(new PrintWriter(out, true));
        String[] arguments = new String[2 + more.length];
        arguments[0] = "--config";
        arguments[1] = file;
        System.arraycopy(more, 0, arguments, 2, more.length);
        return command.execute(arguments);
    }
}
