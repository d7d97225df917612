package io.heliosdb.replication.cli.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heliosdb.replication.cli.CommandStand;
import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.core.progress.postgres.ProgressStore;
import io.heliosdb.replication.model.TableId;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class VerifyCommandTest extends CommandStand {

    @Test
    void exitCodeTellsTheOutcome() throws Exception {
        String source = server.createDatabase("verify_source");
        String target = server.createDatabase("verify_target");
        String table = "CREATE TABLE orders (tenant_id text, id int, PRIMARY KEY (tenant_id, id))";
        String row = "INSERT INTO orders VALUES ('acme', 1)";
        server.execute(source, table, row, "CREATE PUBLICATION helios FOR ALL TABLES");
        server.execute(target, table, row);
        String file = config(server.url(source), server.url(target));

        assertThat(run(new VerifyCommand(), file)).isEqualTo(ExitCode.BEHIND);
        assertThat(out.toString()).contains("not started");

        // The job is down; its slot still has everything from here on.
        progress(source, target);
        assertThat(run(new VerifyCommand(), file)).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("equal: 1 replications equal");

        server.execute(target, "INSERT INTO orders VALUES ('acme', 2)");
        assertThat(run(new VerifyCommand(), file, "--json", "--tenant", "acme"))
                .isEqualTo(ExitCode.FINDING);
        JsonNode json = new ObjectMapper().readTree(out.toString());
        assertThat(json.get("verdict").textValue()).isEqualTo("different");
        assertThat(json.at("/replications/0/tables/0/differences/0/key").textValue())
                .isEqualTo("tenant_id=acme, id=2");

        assertThat(
                        run(
                                new VerifyCommand(),
                                config(server.url(source), "jdbc:postgresql://localhost:1/x")))
                .isEqualTo(ExitCode.UNREACHABLE);
    }

    @Test
    void tellsItsProgressNowAndThen() {
        AtomicLong clock = new AtomicLong();
        ProgressLines lines = new ProgressLines(new PrintWriter(out), clock::get);
        TableId table = new TableId("public", "t");

        lines.compared(table, 1, 5, 1000, 500.0);
        clock.addAndGet(Duration.ofSeconds(4).toNanos());
        lines.compared(table, 2, 5, 2000, 500.0);
        lines.compared(table, 3, 5, 3000, 500.0);
        clock.addAndGet(Duration.ofSeconds(4).toNanos());
        lines.waiting("eu", 7);

        assertThat(out.toString().lines())
                .containsExactly(
                        "2 of 5 tables compared, 2,000 rows, 500 rows/s",
                        "waiting for target eu: 7 replications behind");
    }

    private static void progress(String source, String target) throws Exception {
        try (Connection there = server.connect(target);
                Statement write = there.createStatement();
                Connection here = server.connect(source);
                Statement read = here.createStatement()) {
            new ProgressStore(there).create();
            try (var slot =
                    read.executeQuery(
                            "SELECT lsn, (SELECT system_identifier FROM pg_control_system())"
                                    + " FROM pg_create_logical_replication_slot('helios',"
                                    + " 'pgoutput')")) {
                slot.next();
                write.execute(
                        "INSERT INTO heliosdb.replication_progress (replication_id, source_id,"
                                + " tenant_id, epoch, commit_lsn, state) VALUES ('acme', '"
                                + slot.getString(2)
                                + "/"
                                + source
                                + "', 'acme', 1, '"
                                + slot.getString(1)
                                + "', 'STREAMING')");
            }
        }
    }
}
