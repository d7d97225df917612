package io.heliosdb.replication.job;

import static io.heliosdb.replication.job.Stand.awaitState;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.testkit.Await;
import org.junit.jupiter.api.Test;

/** Sequences of replicated tables, carried along while rows are. */
class SequenceITCase extends JobStand {

    private static final String LAST = "SELECT coalesce(pg_sequence_last_value('%s'), 0)";

    private long at(String sequence) {
        return Long.parseLong(targetServer.rows(target, LAST.formatted(sequence)).get(0));
    }

    private long atSource(String sequence) {
        return Long.parseLong(sourceServer.rows(stand.source, LAST.formatted(sequence)).get(0));
    }

    private void awaitAhead(String sequence) {
        Await.until(
                sequence + " to be ahead of the source",
                () -> at(sequence) - atSource(sequence),
                ahead -> ahead >= 500);
    }

    @Test
    void aTargetIsAheadOfWhatTheSourceHasHandedOut_alsoAfterACrash_R28() {
        stand.onSource(
                "CREATE SCHEMA other",
                "CREATE SEQUENCE other.numbers CACHE 20",
                "CREATE TABLE doc (tenant_id int, id bigint GENERATED ALWAYS AS IDENTITY,"
                        + " number bigint DEFAULT nextval('other.numbers'),"
                        + " PRIMARY KEY (tenant_id, id))",
                "CREATE PUBLICATION helios FOR ALL TABLES",
                "INSERT INTO doc (tenant_id) SELECT g % 2 FROM generate_series(1, 2000) g");
        stand.replicate("r0", "0", "main").write();
        stand.start();
        awaitState(targetServer, target, "r0", "STREAMING");
        awaitAhead("doc_id_seq");
        awaitAhead("other.numbers");

        // Other tenants take from it too, and are not in the target.
        stand.onSource("INSERT INTO doc (tenant_id) SELECT 1 FROM generate_series(1, 3000) g");
        awaitAhead("doc_id_seq");
        assertThat(at("doc_id_seq")).isGreaterThan(5_000);

        stand.crash();
        long before = at("doc_id_seq");
        stand.onSource("INSERT INTO doc (tenant_id) SELECT 0 FROM generate_series(1, 3000) g");
        stand.start();
        awaitAhead("doc_id_seq");
        assertThat(at("doc_id_seq")).isGreaterThanOrEqualTo(before);
        stand.awaitSame(
                targetServer,
                target,
                "SELECT id, number FROM public.doc WHERE tenant_id = 0 ORDER BY 1");
        assertThat(
                        targetServer.rows(
                                target,
                                "INSERT INTO doc (tenant_id) VALUES (0) RETURNING id > 8000 AND"
                                        + " number > 8000"))
                .as("promoted, it hands out nothing that was used")
                .containsExactly("t");
    }
}
