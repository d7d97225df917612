package io.heliosdb.replication.core.apply.postgres;

import static io.heliosdb.replication.core.apply.postgres.ApplyStand.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.ApplyException.Kind;
import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.core.apply.LaneBatch;
import io.heliosdb.replication.core.apply.StateReport;
import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.core.apply.TargetSession.Advance;
import io.heliosdb.replication.core.apply.TargetSession.ApplyResult;
import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.model.Epoch;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationState;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who may write, from where on: the progress row and its epoch. */
class ProgressAndFencingTest extends TargetSessionStand {

    ProgressAndFencingTest() {
        super(ITEMS);
    }

    @Test
    void skipsWhatIsAlreadyThereAfterAnAmbiguousCommit() {
        LaneBatch first = stand.batch("r1", 100, new ChangeSet().insert(item, "1", "1", "a", "1"));
        stand.apply(first);
        LaneBatch both =
                stand.batch(
                        "r1",
                        first.transactions().get(0),
                        stand.transaction(
                                "r1", 200, new ChangeSet().insert(item, "1", "2", "b", "1")));

        ApplyResult result = stand.apply(both);
        ApplyResult again = stand.apply(both);

        assertThat(result).isEqualTo(new ApplyResult(1, 0, 1));
        assertThat(again).isEqualTo(new ApplyResult(0, 0, 2));
        assertThat(stand.rows("SELECT id FROM item ORDER BY id")).hasSize(2);
        assertThat(stand.value("SELECT rows_applied FROM heliosdb.replication_progress"))
                .isEqualTo("2");
    }

    @Test
    void isFencedOnceSomebodyElseHasClaimed() throws Exception {
        LaneBatch batch = stand.batch("r1", 100, new ChangeSet().insert(item, "1", "1", "a", "1"));
        try (PostgresTargetSession other = stand.open("s2")) {
            Claim claim = other.claim(ApplyStand.spec("r1"), ApplyStand.SOURCE);
            assertThat(claim.epoch()).isEqualTo(new Epoch(2));
        }

        failure(() -> stand.apply(batch)).returns(Kind.FENCED, ApplyException::kind);
        assertThat(stand.rows("SELECT * FROM item")).isEmpty();
    }

    @Test
    void splitsAGroupInWhichOneIsFenced() throws Exception {
        LaneBatch r1 = stand.batch("r1", 100, new ChangeSet().insert(item, "1", "1", "a", "1"));
        LaneBatch r2 = stand.batch("r2", 100, new ChangeSet().insert(item, "2", "2", "b", "1"));
        try (PostgresTargetSession other = stand.open("s2")) {
            other.claim(ApplyStand.spec("r2"), ApplyStand.SOURCE);
        }

        failure(() -> stand.apply(r2, r1)).returns(Kind.SPLIT_GROUP, ApplyException::kind);
        assertThat(stand.apply(r1).rows()).isEqualTo(1);
        failure(() -> stand.apply(r2)).returns(Kind.FENCED, ApplyException::kind);
    }

    /** A standby that was behind is promoted: what it lost is not in the stream any more. */
    @Test
    void refusesATargetThatWasSetBackBehindWhatItAcknowledged() {
        for (String tenant : List.of("1", "2")) {
            String replication = "r" + tenant;
            stand.apply(
                    replication,
                    200,
                    new ChangeSet().insert(item, tenant, tenant, "a" + tenant, "1"));
            stand.acknowledged.put(replication, 200L);
        }
        stand.execute(
                "UPDATE heliosdb.replication_progress SET commit_lsn = '0/96' WHERE replication_id = 'r1'");
        LaneBatch setBack =
                stand.batch("r1", 300, new ChangeSet().insert(item, "1", "9", "b", "1"));
        LaneBatch well = stand.batch("r2", 300, new ChangeSet().insert(item, "2", "8", "b", "1"));

        failure(() -> stand.apply(setBack))
                .returns(Kind.REJECTED, ApplyException::kind)
                .returns(ErrorCode.STREAM_GAP, ApplyException::code);
        failure(() -> stand.apply(setBack, well)).returns(Kind.SPLIT_GROUP, ApplyException::kind);
        failure(() -> stand.session.stream(setBack))
                .returns(ErrorCode.STREAM_GAP, ApplyException::code);
        assertThat(stand.apply(well)).isEqualTo(new ApplyResult(1, 0, 0));
    }

    @Test
    void refusesToContinueFromAnotherSource() {
        stand.apply("r1", 100, new ChangeSet().insert(item, "1", "1", "a", "1"));

        failure(() -> stand.session.claim(ApplyStand.spec("r1"), new SourceIdentity("8", "app")))
                .returns(Kind.REJECTED, ApplyException::kind)
                .satisfies(e -> assertThat(e.getMessage()).contains("resync --all --new-slot"));
    }

    @Test
    void claimsReadWhatWasStored() {
        assertThat(stand.claim("r1").isNew()).isTrue();
        stand.apply("r1", 100, new ChangeSet().insert(item, "1", "1", "a", "1"));
        stand.session.report(
                new ReplicationId("r1"),
                new Epoch(1),
                new StateReport(ReplicationState.ERROR, ErrorCode.ROW_REJECTED, "it's broken"));
        stand.execute(
                "INSERT INTO heliosdb.table_sync VALUES ('r1', 'public', 'item', '10:20:12,15', '0/AA', 1, 1)");

        Claim claim = stand.claim("r1");

        assertThat(claim.epoch()).isEqualTo(new Epoch(2));
        assertThat(claim.progress()).isEqualTo(Position.after(new Lsn(100)));
        assertThat(claim.storedState()).isEqualTo(ReplicationState.ERROR);
        assertThat(claim.syncedTables()).hasSize(1);
        assertThat(claim.syncedTables().get(0).snapshot().toString()).isEqualTo("10:20:12,15");
        stand.session.report(
                new ReplicationId("r1"),
                new Epoch(1),
                new StateReport(ReplicationState.STREAMING, null, null));
        assertThat(stand.value("SELECT reason FROM heliosdb.replication_progress"))
                .isEqualTo("it's broken");
    }

    @Test
    void advancesForwardOnlyAndOnlyWithTheEpochInForce() {
        stand.claim("r1");
        stand.claim("r2");
        stand.session.advance(
                List.of(
                        advance("r2", 1, 500, 7),
                        advance("r1", 1, 500, 1),
                        advance("r3", 1, 500, 1)));
        stand.session.advance(List.of(advance("r1", 1, 400, 2), advance("r2", 9, 900, 8)));

        assertThat(
                        stand.rows(
                                "SELECT replication_id, commit_lsn, backlog_transactions FROM heliosdb.replication_progress ORDER BY 1"))
                .containsExactly(List.of("r1", "0/1F4", "2"), List.of("r2", "0/1F4", "7"));
        assertThat(
                        stand.rows(
                                "SELECT backlog_rows, backlog_stored_bytes, extract(epoch FROM backlog_since)::bigint, coalesce(compression, '-') FROM heliosdb.replication_progress ORDER BY replication_id"))
                .containsExactly(
                        List.of("6", "20", "1600000000", "-"),
                        List.of("21", "70", "1600000000", "{\"a\": \"x, y\"}"));
        stand.session.advance(List.of(advance("r2", 1, 500, 0)));
        assertThat(
                        stand.rows(
                                "SELECT backlog_rows, backlog_since IS NULL, compression FROM heliosdb.replication_progress WHERE replication_id = 'r2'"))
                .containsExactly(List.of("0", "t", "{\"a\": \"x, y\"}"));
    }

    /** Else the heartbeat would lift a target over what it lost before anybody notices. */
    @Test
    void doesNotAdvanceATargetThatWasSetBack() {
        stand.claim("r1");
        stand.session.advance(List.of(advance("r1", 1, 300, 1, 200)));
        assertThat(stand.value("SELECT commit_lsn FROM heliosdb.replication_progress"))
                .as("the target stands before what it acknowledged")
                .isEqualTo("0/0");

        stand.session.advance(List.of(advance("r1", 1, 200, 1, 0)));
        stand.session.advance(List.of(advance("r1", 1, 300, 1, 200)));
        assertThat(stand.value("SELECT commit_lsn FROM heliosdb.replication_progress"))
                .isEqualTo("0/12C");
    }

    private static Advance advance(String replication, long epoch, long lsn, long backlog) {
        return advance(replication, epoch, lsn, backlog, 0);
    }

    private static Advance advance(
            String replication, long epoch, long lsn, long backlog, long acknowledged) {
        return new Advance(
                new ReplicationId(replication),
                new Epoch(epoch),
                Position.after(new Lsn(lsn)),
                1_700_000_000_000_000L,
                new TargetSession.Waiting(
                        backlog,
                        backlog * 100,
                        backlog * 3,
                        backlog * 10,
                        backlog == 0 ? 0 : 1_600_000_000_000_000L,
                        backlog == 7 ? "{\"a\": \"x, y\"}" : "",
                        "{\"tier\": \"premium\"}"),
                acknowledged);
    }
}
