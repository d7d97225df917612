package io.heliosdb.replication.core.apply.postgres;

import static io.heliosdb.replication.core.apply.postgres.ApplyStand.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.core.apply.ClaimRequest;
import io.heliosdb.replication.core.apply.Resync;
import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.ingest.SourceTimeline;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TableId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a target remembers of resyncs, and of the timeline it was fed from. */
class ResyncClaimsTest extends TargetSessionStand {

    private static final Resync WHOLE = new Resync(List.of(), 500, "me: why");
    private static final Resync SOME = new Resync(List.of("public.a"), 500, "me: why");

    ResyncClaimsTest() {
        super(ITEMS);
    }

    /** Applied up to 100, two tables copied. */
    @BeforeEach
    void begin() {
        stand.apply("r1", 100, new ChangeSet().insert(item, "1", "1", "a", "1"));
        stand.execute(
                "INSERT INTO heliosdb.table_sync (replication_id, schema_name, table_name,"
                        + " snapshot, upper_lsn, rows, bytes) VALUES"
                        + " ('r1', 'public', 'a', '5:5:', '0/10', 1, 1),"
                        + " ('r1', 'public', 'b', '5:5:', '0/10', 1, 1)");
    }

    private Claim claim(SourceTimeline timeline, @Nullable Resync begin, @Nullable Resync done) {
        return stand.session.claim(
                new ClaimRequest(
                        ApplyStand.spec("r1"),
                        ApplyStand.SOURCE,
                        timeline,
                        ApplyStand.spec("r1").tables(),
                        ApplyStand.spec("r1").tables(),
                        begin,
                        done));
    }

    private Claim claim(@Nullable Resync begin, @Nullable Resync done) {
        return claim(SourceTimeline.UNKNOWN, begin, done);
    }

    @Test
    void aResyncIsPendingUntilItIsDoneAndDoneOnce_R1() {
        Claim begun = claim(WHOLE, null);
        assertThat(begun.resync()).isEqualTo(WHOLE);
        assertThat(begun.progress()).isEqualTo(Position.after(new Lsn(500)));
        assertThat(begun.syncedTables()).isEmpty();
        assertThat(claim(null, null).resync()).as("whoever claims").isEqualTo(WHOLE);
        assertThat(claim(WHOLE, WHOLE).resync()).isNull();
        assertThat(claim(WHOLE, null).resync()).as("comes again after a crash").isNull();
        Resync next = new Resync(List.of(), 600, "again");
        assertThat(claim(next, null).resync()).isEqualTo(next);
    }

    @Test
    void aResyncOfSomeTablesLeavesTheOthersAndTheProgress() {
        Claim begun = claim(SOME, null);
        assertThat(begun.resync()).isEqualTo(SOME);
        assertThat(begun.progress()).isEqualTo(Position.after(new Lsn(100)));
        assertThat(begun.syncedTables())
                .extracting(Claim.SyncedTable::table)
                .containsExactly(new TableId("public", "b"));
        assertThat(claim(null, null).syncedTables()).hasSize(1);
    }

    @Test
    void takingItUpAnswersTheErrorThatItWasOrderedFor_R18() throws Exception {
        stand.execute(
                "UPDATE heliosdb.replication_progress SET state = 'ERROR',"
                        + " error_code = 'STREAM_GAP', reason = 'set back', refused_lsn = '0/1'");
        String recorded =
                "SELECT concat_ws(' ', state, error_code, reason, refused_lsn)"
                        + " FROM heliosdb.replication_progress";
        claim(null, null);
        assertThat(stand.value(recorded))
                .as("a claim without one")
                .isEqualTo("ERROR STREAM_GAP set back 0/1");
        claim(WHOLE, null);
        assertThat(stand.value(recorded)).isEqualTo("INITIALIZING");
    }

    @Test
    void whatIsPausedStaysPaused_R18() throws Exception {
        stand.execute("UPDATE heliosdb.replication_progress SET state = 'PAUSED'");
        claim(WHOLE, null);
        assertThat(stand.value("SELECT state FROM heliosdb.replication_progress"))
                .isEqualTo("PAUSED");
    }

    @Test
    void oneThatIsMarkedWhileTheJobIsDownBeginsAnewFromAnySource_R18() throws Exception {
        SourceIdentity other = new SourceIdentity("8", "app");
        failure(() -> stand.session.claim(ApplyStand.spec("r1"), other))
                .matches(e -> e.kind() == ApplyException.Kind.REJECTED);

        assertThat(ResyncMarks.mark(stand.sql, List.of(new ReplicationId("r1")), "me: lost"))
                .isEqualTo(1);
        failure(() -> stand.apply("r1", 200, new ChangeSet().insert(item, "1", "2", "a", "1")))
                .as("who held it does not any more")
                .matches(e -> e.kind() == ApplyException.Kind.FENCED);

        Claim claim = stand.session.claim(ApplyStand.spec("r1"), other);
        assertThat(claim.isNew()).isTrue();
        assertThat(claim.resync()).isEqualTo(new Resync(List.of(), 0, "me: lost"));
        assertThat(stand.value("SELECT count(*) FROM item")).as("no row is touched").isEqualTo("1");
    }

    @Test
    void knowsWhatAFailoverOfTheSourceHasLost_R19() {
        claim(new SourceTimeline(1, Map.of()), null, null);
        SourceTimeline behind = new SourceTimeline(2, Map.of(1L, new Lsn(50)));
        assertThat(claim(behind, null, null).lostBehind()).isEqualTo(new Lsn(50));
        assertThat(claim(behind, null, null).lostBehind())
                .as("it is not forgotten")
                .isEqualTo(new Lsn(50));
        assertThat(claim(behind, WHOLE, null).lostBehind()).isNull();
        assertThat(claim(behind, WHOLE, WHOLE).lostBehind()).isNull();
    }

    @Test
    void aFailoverThatHasLostNothingIsNoticedByNobody_R19() {
        claim(new SourceTimeline(1, Map.of()), null, null);
        SourceTimeline ahead = new SourceTimeline(2, Map.of(1L, new Lsn(200)));
        assertThat(claim(ahead, null, null).lostBehind()).isNull();
        assertThat(claim(new SourceTimeline(1, Map.of()), null, null).lostBehind())
                .as("the former primary is back")
                .isEqualTo(new Lsn(0));
    }
}
