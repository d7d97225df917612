package io.heliosdb.replication.core.verify.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.verify.Outcome;
import io.heliosdb.replication.core.verify.ReplicationResult;
import io.heliosdb.replication.core.verify.TableResult;
import io.heliosdb.replication.core.verify.VerifyReport;
import io.heliosdb.replication.core.verify.VerifyText;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** R29, while writes go on: no false alarm, no miss. */
class VerifierUnderWritesITCase {

    private final Stand stand = new Stand();

    @BeforeEach
    void fillBothEnds() throws Exception {
        stand.both(Writers.TABLES);
        stand.targetServer.execute(
                stand.target,
                // Replications of tenants between which rows move are at different positions.
                "ALTER TABLE moving DROP CONSTRAINT moving_pkey, ADD PRIMARY KEY (id, tenant_id)",
                "DELETE FROM item WHERE tenant_id = '3'",
                "DELETE FROM moving WHERE tenant_id = '3'",
                "DELETE FROM log WHERE tenant_id = '3'");
        stand.replicate("0", "1", "2");
        stand.startHeart();
    }

    @AfterEach
    void leavesNothingBehind() throws Exception {
        stand.close();
    }

    @Test
    void raisesNoFalseAlarmAndMissesNothing() throws Exception {
        stand.job(stand.slot, "0", "1", "2");
        try (Writers writers = new Writers(stand)) {
            writers.start();
            long changed = 0;
            for (int i = 0; i < 20; i++) {
                VerifyReport report = stand.verify();
                assertEqual(report);
                changed += changedRows(report);
            }
            assertThat(changed).as("writes fell between the snapshots").isPositive();

            // One byte, and one row too many in a table without key.
            stand.targetServer.execute(
                    stand.target,
                    "UPDATE item SET note = overlay(note PLACING 'N' FROM 1) WHERE id = 100001",
                    "INSERT INTO log VALUES ('0', 'extra')");
            for (int i = 0; i < 5; i++) {
                VerifyReport report = stand.verify();
                assertThat(report.replications().stream().map(ReplicationResult::outcome))
                        .as(() -> VerifyText.render(report))
                        .startsWith(Outcome.DIFFERENT, Outcome.DIFFERENT)
                        .element(2)
                        .isNotEqualTo(Outcome.DIFFERENT);
                assertThat(table(report, 1, "item").differences())
                        .hasToString("[different: tenant_id=1, id=100001 in note]");
                assertThat(table(report, 0, "log").differences()).hasSize(1);
            }
        }
        stand.awaitApplied();
    }

    @Test
    void comparesReplicationsAtDifferentPositions() throws Exception {
        String second = stand.createSlot(stand.slot + "_2");
        assertThat(second).isNotEmpty();
        stand.job(stand.slot, "0");
        stand.job(stand.slot + "_2", "1", "2");
        try (Writers writers = new Writers(stand)) {
            writers.start();
            for (int i = 0; i < 5; i++) {
                VerifyReport report = stand.verify();
                assertEqual(report);
            }
        }
    }

    @Test
    void comparesAtThePositionOfTheTargetWhileTheJobIsDown() throws Exception {
        SimulatedJob job = stand.job(stand.slot, "0", "1", "2");
        try (Writers writers = new Writers(stand)) {
            writers.start();
            stand.verify();
            stand.stop(job);
        }
        stand.sourceServer.execute(
                stand.source,
                "UPDATE item SET n = n + 1 WHERE tenant_id = '1' AND id = 100001",
                "DELETE FROM moving WHERE id = (SELECT min(id) FROM moving WHERE tenant_id = '2')",
                "UPDATE log SET line = 'changed' WHERE tenant_id = '2'",
                "TRUNCATE short");

        VerifyReport down = stand.verify();

        assertThat(down.replications().stream().map(ReplicationResult::outcome))
                .as(() -> VerifyText.render(down))
                .doesNotContain(Outcome.DIFFERENT)
                .element(1)
                .isEqualTo(Outcome.BEHIND);
        assertThat(table(down, 1, "item").notes().toString()).contains("presence only");
        assertThat(table(down, 2, "log").outcome()).isEqualTo(Outcome.EQUAL);

        // What differs at the target's position differs, however far behind it is.
        stand.targetServer.execute(
                stand.target,
                "UPDATE item SET note = 'x' WHERE tenant_id = '1' AND id = 100005",
                "DELETE FROM log WHERE ctid = (SELECT ctid FROM log WHERE tenant_id = '2' LIMIT 1)");
        VerifyReport broken = stand.verify();
        assertThat(table(broken, 1, "item").differences())
                .hasToString("[different: tenant_id=1, id=100005 in note]");
        assertThat(table(broken, 2, "log").outcome()).isEqualTo(Outcome.DIFFERENT);
        assertThat(table(broken, 0, "item").outcome()).isNotEqualTo(Outcome.DIFFERENT);
    }

    @Test
    void isNotFooledByATransactionThatIsOpenMeanwhile() throws Exception {
        stand.job(stand.slot, "0", "1", "2");
        try (Connection connection = stand.sourceServer.connect(stand.source);
                Statement open = connection.createStatement()) {
            connection.setAutoCommit(false);
            open.execute("UPDATE item SET n = -1 WHERE tenant_id = '0'");
            try (Writers writers = new Writers(stand)) {
                writers.start();
                Thread committer =
                        new Thread(
                                () -> {
                                    try {
                                        stand.await(
                                                stand.source,
                                                "SELECT count(*) > 0 FROM pg_replication_slots"
                                                        + " WHERE temporary");
                                        connection.commit();
                                    } catch (java.sql.SQLException e) {
                                        throw new IllegalStateException(e);
                                    }
                                });
                committer.start();
                VerifyReport report = stand.verify();
                committer.join();
                assertEqual(report);
            }
        }
    }

    @Test
    void namesTheTransactionThatKeepsItFromStarting() throws Exception {
        try (Connection connection = stand.sourceServer.connect(stand.source);
                Statement open = connection.createStatement()) {
            connection.setAutoCommit(false);
            open.execute("UPDATE item SET n = -1 WHERE id = 5");
            String pid =
                    stand.value(
                            stand.source,
                            "SELECT max(pid) FROM pg_stat_activity WHERE"
                                    + " backend_xid IS NOT NULL");

            org.assertj.core.api.Assertions.assertThatThrownBy(
                            () -> stand.verify(Duration.ofSeconds(1)))
                    .hasMessageContaining("pid " + pid)
                    .hasMessageContaining("--timeout");
            connection.rollback();
        }
    }

    /** Equal; but a table truncated before it was read has lost what the snapshot saw. */
    private static void assertEqual(VerifyReport report) {
        assertThat(report.replications()).isNotEmpty();
        for (ReplicationResult replication : report.replications()) {
            for (TableResult table : replication.tables()) {
                if (table.outcome() != Outcome.EQUAL) {
                    assertThat(table.table().name())
                            .as(() -> VerifyText.render(report))
                            .isEqualTo("short");
                    assertThat(table.outcome()).isEqualTo(Outcome.BEHIND);
                    assertThat(table.notes().toString()).contains("truncated or rewritten");
                }
            }
        }
    }

    private static long changedRows(VerifyReport report) {
        return report.replications().stream()
                .flatMap(each -> each.tables().stream())
                .mapToLong(TableResult::changedRows)
                .sum();
    }

    private static TableResult table(VerifyReport report, int replication, String name) {
        return report.replications().get(replication).tables().stream()
                .filter(each -> each.table().name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
