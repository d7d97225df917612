package io.heliosdb.replication.job;

import static io.heliosdb.replication.job.Stand.awaitState;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.ddl.postgres.DdlCapture;
import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** The whole job while tables are altered under load, and while it is killed. */
class DdlITCase extends JobStand {

    private static final String[] ROUNDS = {
        "ALTER TABLE account ADD COLUMN added int NOT NULL DEFAULT 7",
        "ALTER TABLE account RENAME COLUMN note TO remark",
        "ALTER TABLE account ALTER COLUMN balance TYPE bigint USING balance * 2",
        "ALTER TABLE account DROP COLUMN added",
        "CREATE TABLE copied AS SELECT * FROM account",
        "ALTER TABLE account ADD COLUMN token uuid DEFAULT gen_random_uuid()",
        "ALTER TABLE account ADD COLUMN added text DEFAULT 'again'"
    };

    @Test
    void tablesAreAlteredUnderLoadThroughCrashes_R15_R17() throws Exception {
        stand.onSource(
                "CREATE TABLE account (id int, tenant_id text, balance numeric(12,2), note text,"
                        + " PRIMARY KEY (id, tenant_id))",
                "INSERT INTO account SELECT g, (array['a', 'b', 'c'])[g % 3 + 1], g, 'before'"
                        + " FROM generate_series(1, 500) g");
        stand.onSource(DdlCapture.install(PostgresServer.USER).toArray(String[]::new));
        stand.onSource("CREATE PUBLICATION helios FOR ALL TABLES");
        stand.replicate("ra", "a", "main").replicate("rb", "b", "main").write();
        stand.start();
        awaitState(targetServer, target, "ra", "STREAMING");
        try (Load load = Load.start("writes", this::write)) {
            for (int i = 0; i < ROUNDS.length; i++) {
                stand.onSource(ROUNDS[i]);
                if (i % 3 == 2) {
                    stand.crash();
                    stand.start();
                }
            }
            load.stop();
        }
        String carried = " WHERE tenant_id IN ('a', 'b') ORDER BY id";
        stand.awaitSame(targetServer, target, "SELECT * FROM public.account" + carried);
        stand.awaitSame(targetServer, target, "SELECT * FROM public.copied" + carried);
        assertThat(
                        targetServer.rows(
                                target,
                                "SELECT item FROM heliosdb.ddl WHERE state IN ('FAILED', 'SKIPPED')"))
                .isEmpty();
    }

    private void write(BooleanSupplier over) throws SQLException {
        Random random = new Random(11);
        try (Connection connection = sourceServer.connect(stand.source);
                Statement statement = connection.createStatement()) {
            for (int id = 1000; !over.getAsBoolean(); id++) {
                String tenant = random.nextBoolean() ? "a" : "b";
                statement.execute(
                        "INSERT INTO account (id, tenant_id, balance) VALUES ("
                                + id
                                + ", '"
                                + tenant
                                + "', 1)");
                statement.execute(
                        "UPDATE account SET balance = balance + 1 WHERE id % 97 = " + id % 97);
                if (id % 5 == 0) {
                    statement.execute("DELETE FROM account WHERE id = " + (id - 3));
                }
            }
        }
    }
}
