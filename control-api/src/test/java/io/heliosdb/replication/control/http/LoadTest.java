package io.heliosdb.replication.control.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.control.SharedPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Many replications, through one client as a script would make them, beside a source that is asked.
 */
class LoadTest {

    private static final int MANY = Boolean.getBoolean("heliosdb.soak") ? 1000 : 300;

    @Test
    void createsAThousandInAMinuteAndListsThemAtOnce() {
        try (ControlStand stand = ControlStand.start()) {
            String database = SharedPostgres.server().createDatabase("load_source");
            SharedPostgres.server()
                    .execute(
                            database,
                            "CREATE TABLE orders (tenant_id text, id int, PRIMARY KEY (tenant_id, id))",
                            "INSERT INTO orders SELECT 't' || n % 1000, n FROM generate_series(1, 10000) n",
                            "ANALYZE",
                            "CREATE PUBLICATION heliosdb FOR ALL TABLES");
            String source = stand.connection("source", database);
            String target = stand.connection("target", database);
            long begun = System.nanoTime();
            for (int i = 0; i < MANY; i++) {
                stand.replication("t" + i, source, target);
            }
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
            System.out.println("created " + MANY + " in " + millis + " ms");
            assertThat(Duration.ofMillis(millis)).isLessThan(Duration.ofMillis(60L * MANY));

            report("list", times(stand, 100, "/v1/replications?page_size=100&sort_by=tenant_id"));
            String one = stand.get("/v1/replications").json().get("data").get(0).get("id").asText();
            report("get", times(stand, 100, "/v1/replications/" + one));
        }
    }

    private static List<Double> times(ControlStand stand, int calls, String path) {
        List<Double> millis = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            long begun = System.nanoTime();
            assertThat(stand.get(path).status()).isEqualTo(200);
            millis.add((System.nanoTime() - begun) / 1e6);
        }
        Collections.sort(millis);
        return millis;
    }

    /** p99 of a hundred is the second slowest; the bound is that of the design. */
    private static void report(String what, List<Double> millis) {
        double p50 = millis.get(millis.size() / 2);
        double p99 = millis.get(millis.size() - 2);
        System.out.printf("%s: p50 %.1f ms, p99 %.1f ms%n", what, p50, p99);
        assertThat(p99).isLessThan(100);
    }
}
