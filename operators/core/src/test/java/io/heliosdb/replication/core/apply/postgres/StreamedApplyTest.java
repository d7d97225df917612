package io.heliosdb.replication.core.apply.postgres;

import static io.heliosdb.replication.core.apply.postgres.ApplyStand.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.ApplyException.Kind;
import io.heliosdb.replication.core.apply.LaneBatch;
import io.heliosdb.replication.core.apply.StateReport;
import io.heliosdb.replication.core.apply.TargetSession.ApplyResult;
import io.heliosdb.replication.model.Epoch;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationState;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StreamedApplyTest extends TargetSessionStand {

    private static final long LSN = 1000;

    StreamedApplyTest() {
        super(
                "CREATE TABLE item (tenant_id int, id bigint PRIMARY KEY, name text, code int, CONSTRAINT one_code UNIQUE (code) DEFERRABLE)");
    }

    @BeforeEach
    void claim() {
        stand.claim("r1");
    }

    @Test
    void appliesATransactionOf200ThousandRowsAsItsPartsCome() throws Exception {
        ApplyResult sum = new ApplyResult(0, 0, 0);
        int rowsPerPart = 2500;
        for (int part = 0; part < 80; part++) {
            ChangeSet changes = new ChangeSet();
            for (int i = 0; i < rowsPerPart; i++) {
                int row = part * rowsPerPart + i;
                if (row >= 100 && row % 10 == 0) {
                    changes.update(item, "1", "" + (row - 99), "changed", null);
                } else {
                    changes.insert(item, "1", "" + row, "name of " + row, null);
                }
            }
            sum = sum.plus(stand.session.stream(part(changes, part, false)));
            if (part == 40) {
                assertThat(stand.value("SELECT count(*) FROM item")).isEqualTo("0");
            }
        }
        sum = sum.plus(stand.session.commitStream(part(new ChangeSet(), 80, true)));

        assertThat(sum).isEqualTo(new ApplyResult(200_000, 0, 0));
        assertThat(
                        stand.rows(
                                "SELECT count(*), count(*) FILTER (WHERE name = 'changed'), max(id) FROM item"))
                .containsExactly(List.of("180010", "19990", "199999"));
        assertThat(
                        stand.rows(
                                "SELECT commit_lsn, transactions, rows_applied FROM heliosdb.replication_progress"))
                .containsExactly(List.of("0/3E8", "1", "200000"));
    }

    @Test
    void replaysAChunkThatCannotBeWrittenSetWise() {
        ChangeSet rows =
                ChangeSet.repeat(100, (set, i) -> set.insert(item, "1", "" + i, "n", "" + i));
        stand.apply("r1", 500, rows);
        ChangeSet swaps = new ChangeSet();
        for (int i = 0; i < 100; i += 2) {
            swaps.update(item, "1", "" + i, "n", "" + (1000 + i));
            swaps.delete(item, 'K', null, "" + (i + 1), null, null);
            swaps.insert(item, "1", "" + (i + 1), "m", "" + i);
            swaps.update(item, "1", "" + i, "n", "" + (i + 1));
        }
        stand.session.stream(part(swaps, 0, false));
        // duplicate until the next chunk: the source had the constraint deferred
        ChangeSet first = new ChangeSet().update(item, "1", "0", "n", "3");
        ChangeSet second = new ChangeSet().update(item, "1", "2", "n", "1");
        for (int i = 0; i < 40; i++) {
            first.insert(item, "1", "" + (5000 + i), "x".repeat(120_000), null);
        }
        stand.session.stream(part(first, 1, false));

        ApplyResult result = stand.session.commitStream(part(second, 2, true));

        assertThat(result.conflicts()).isZero();
        assertThat(stand.rows("SELECT id, code FROM item WHERE id < 4 ORDER BY id"))
                .containsExactly(
                        List.of("0", "3"), List.of("1", "0"), List.of("2", "1"), List.of("3", "2"));
    }

    @Test
    void leavesNothingOfATransactionThatIsRolledBack() {
        stand.session.stream(part(large(), 0, false));
        stand.session.rollbackStream();

        assertThat(stand.value("SELECT count(*) FROM item")).isEqualTo("0");
        stand.session.stream(part(large(), 0, false));
        stand.session.commitStream(part(new ChangeSet(), 1, true));
        assertThat(stand.value("SELECT count(*) FROM item")).isEqualTo("50");
    }

    @Test
    void skipsATransactionThatIsAlreadyThere() {
        for (int round = 0; round < 2; round++) {
            ApplyResult result =
                    stand.session.stream(part(large(), 0, false))
                            .plus(stand.session.commitStream(part(new ChangeSet(), 1, true)));
            assertThat(result.rows()).isEqualTo(round == 0 ? 50 : 0);
        }
        assertThat(stand.value("SELECT count(*) FROM item")).isEqualTo("50");
        assertThat(stand.value("SELECT transactions FROM heliosdb.replication_progress"))
                .isEqualTo("1");
    }

    @Test
    void makesAClaimWaitButNeitherReportsNorAdvances() throws Exception {
        stand.session.stream(part(large(), 0, false));
        try (PostgresTargetSession other = stand.open("s2")) {
            other.setLockTimeout("50ms");
            other.report(
                    new ReplicationId("r1"),
                    new Epoch(1),
                    new StateReport(ReplicationState.STREAMING, null, null));

            failure(() -> other.claim(ApplyStand.spec("r1"), ApplyStand.SOURCE))
                    .returns(Kind.RETRY_LANE, ApplyException::kind);

            stand.session.commitStream(part(new ChangeSet(), 1, true));
            assertThat(other.claim(ApplyStand.spec("r1"), ApplyStand.SOURCE).epoch())
                    .isEqualTo(new Epoch(2));
        }
        failure(() -> stand.session.stream(part(large(), 0, false)))
                .returns(Kind.FENCED, ApplyException::kind);
    }

    @Test
    void quarantinesTheRowThatCannotBeApplied() {
        stand.execute("ALTER TABLE item ADD CHECK (code <> 13)");
        ChangeSet changes =
                ChangeSet.repeat(50, (set, i) -> set.insert(item, "1", "" + i, "n", "" + i));

        failure(() -> stand.session.commitStream(part(changes, 0, true)))
                .returns(ErrorCode.ROW_REJECTED, ApplyException::code);

        assertThat(stand.rows("SELECT ordinal, row_data->>'id' FROM heliosdb.quarantine"))
                .containsExactly(List.of("13", "13"));
        assertThat(stand.value("SELECT count(*) FROM item")).isEqualTo("0");
        assertThat(stand.apply("r1", 2000, new ChangeSet().insert(item, "1", "1", "n", "1")).rows())
                .isEqualTo(1);
    }

    @Test
    void appliesAValueOfManyMegabytes() {
        String value = "v'\\\n\t".repeat(4_000_000);
        stand.apply("r1", 100, new ChangeSet().insert(item, "1", "1", value, null));
        stand.apply("r1", 200, new ChangeSet().update(item, "1", "1", value + "!", null));

        assertThat(stand.value("SELECT length(name) || right(name, 3) FROM item"))
                .isEqualTo(value.length() + 1 + "\n\t!");
        assertThat(stand.session.replays()).isZero();
    }

    /** Fifty rows, more than a chunk. */
    private ChangeSet large() {
        ChangeSet changes =
                ChangeSet.repeat(
                        50, (set, i) -> set.insert(item, "1", "" + i, "x".repeat(100_000), null));
        return changes;
    }

    private LaneBatch part(ChangeSet changes, int number, boolean last) {
        stand.know(changes);
        return stand.batch("r1", changes.part("r1", LSN, number, last, number * 2500L));
    }
}
