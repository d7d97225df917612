package io.heliosdb.replication.job;

import static io.heliosdb.replication.job.Stand.awaitState;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Very many very small transactions, and very many transactions within one. */
class ManyTransactionsITCase extends JobStand {

    private static final Duration LONG = Duration.ofMinutes(Soak.times(2, 30));

    private static final String SUMS =
            "SELECT tenant_id, count(*), sum(n), max(id) FROM public.item WHERE tenant_id IN ('a', 'b') GROUP BY 1 ORDER BY 1";

    @BeforeEach
    void createItems() {
        stand.onSource(
                "CREATE TABLE item (tenant_id text, id int, n int, PRIMARY KEY (tenant_id, id))",
                "CREATE PUBLICATION helios FOR ALL TABLES");
        stand.replicate("ra", "a", "main").write();
    }

    @Test
    void aMillionTinyTransactions_R8() {
        int count = Soak.times(30_000, 1_000_000);
        stand.replicate("rb", "b", "main").write();
        stand.startProcess("-Xmx" + Soak.times(300, 512) + "m");
        awaitState(targetServer, target, "ra", "STREAMING");
        awaitState(targetServer, target, "rb", "STREAMING");
        long begin = System.nanoTime();
        stand.onSource(
                """
                DO $$ BEGIN
                    FOR i IN 1..%d LOOP
                        INSERT INTO item VALUES (CASE i %% 3 WHEN 0 THEN 'a' WHEN 1 THEN 'b' ELSE 'c' END, i, 0);
                        IF i %% 10 = 0 THEN UPDATE item SET n = n + 1 WHERE tenant_id = 'a' AND id = i / 30 * 3; END IF;
                        COMMIT;
                    END LOOP;
                END $$
                """
                        .formatted(count));
        long written = System.nanoTime();
        stand.awaitSame(LONG, targetServer, target, SUMS);
        long applied = System.nanoTime();
        System.out.printf(
                "%d tiny transactions: written in %.1f s (%.0f/s), the last applied %.1f s later%n",
                count,
                (written - begin) / 1e9,
                count * 1e9 / (written - begin),
                (applied - written) / 1e9);
    }

    /** A tenant is copied while they are open: more subtransactions than a snapshot can name. */
    @Test
    void thousandsOfSubtransactions_R2_R8() throws Exception {
        int count = Soak.times(5_000, 200_000);
        String subtransactions =
                """
                DO $$ BEGIN
                    FOR i IN 1..%d LOOP
                        BEGIN
                            INSERT INTO item VALUES (CASE i %% 2 WHEN 0 THEN 'a' ELSE 'b' END, %d + i, i);
                            IF i %% 5 = 0 THEN RAISE EXCEPTION 'undone'; END IF;
                        EXCEPTION WHEN raise_exception THEN NULL;
                        END;
                    END LOOP;
                END $$
                """;
        try (Connection open = sourceServer.connect(stand.source);
                Statement statement = open.createStatement()) {
            stand.startProcess();
            awaitState(targetServer, target, "ra", "STREAMING");
            open.setAutoCommit(false);
            statement.execute(subtransactions.formatted(count, 0));
            stand.onSource(subtransactions.formatted(count, 10_000_000));
            stand.replicate("rb", "b", "main").write();
            awaitState(targetServer, target, "rb", "STREAMING");
            assertThat(targetServer.rows(target, "SELECT count(*) FROM item WHERE tenant_id = 'b'"))
                    .containsExactly(String.valueOf(count / 5 * 2));
            stand.onSource("UPDATE item SET n = -n WHERE id % 3 = 0");
            for (int i = 0; i < 2_000; i++) {
                statement.execute("SAVEPOINT s" + i);
                statement.execute("INSERT INTO item VALUES ('a', " + (-1 - i) + ", 0)");
            }
            statement.execute("ROLLBACK TO s1500");
            open.commit();
        }
        stand.awaitSame(LONG, targetServer, target, SUMS);
    }
}
