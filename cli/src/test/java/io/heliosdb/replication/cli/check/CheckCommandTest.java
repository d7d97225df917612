package io.heliosdb.replication.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heliosdb.replication.cli.CommandStand;
import io.heliosdb.replication.cli.ExitCode;
import org.junit.jupiter.api.Test;

class CheckCommandTest extends CommandStand {

    @Test
    void exitCodeTellsWhetherTheJobMayStart() throws Exception {
        String source = server.createDatabase("check_source");
        String target = server.createDatabase("check_target");
        server.execute(
                source,
                "CREATE TABLE orders (tenant_id text NOT NULL, id int PRIMARY KEY)",
                "INSERT INTO orders VALUES ('acme', 1)",
                "CREATE PUBLICATION helios FOR ALL TABLES");

        assertThat(run(new CheckCommand(), config(server.url(source), server.url(target))))
                .isEqualTo(ExitCode.FINDING);
        assertThat(out.toString())
                .contains("source table public.orders", "lacks the tenant key", "not ready");

        server.execute(source, "ALTER TABLE orders REPLICA IDENTITY FULL");
        assertThat(run(new CheckCommand(), config(server.url(source), server.url(target))))
                .isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("ready: 1 warning").contains("max_slot_wal_keep_size");

        assertThat(
                        run(
                                new CheckCommand(),
                                config(server.url(source), "jdbc:postgresql://localhost:1/x")))
                .isEqualTo(ExitCode.UNREACHABLE);
    }

    @Test
    void printsJson() throws Exception {
        String source = server.createDatabase("check_source");

        assertThat(
                        run(
                                new CheckCommand(),
                                config(server.url(source), server.url("nowhere")),
                                "--json"))
                .isEqualTo(ExitCode.UNREACHABLE);

        JsonNode json = new ObjectMapper().readTree(out.toString());
        assertThat(json.get("ready").booleanValue()).isFalse();
        JsonNode last = json.get("findings").get(json.get("findings").size() - 1);
        assertThat(last.get("subject").textValue()).isEqualTo("target eu");
        assertThat(last.get("fixSql").get(0).textValue()).isEqualTo("CREATE DATABASE \"nowhere\";");
    }
}
