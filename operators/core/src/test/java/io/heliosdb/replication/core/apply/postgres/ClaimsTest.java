package io.heliosdb.replication.core.apply.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.core.apply.ClaimRequest;
import io.heliosdb.replication.core.apply.StateReport;
import io.heliosdb.replication.model.Epoch;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.config.TableFilter;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who may say what of a replication, and how the right to write ends. */
class ClaimsTest {

    private static final StateReport REJECTED =
            new StateReport(ReplicationState.ERROR, ErrorCode.TARGET_NOT_READY, "it's not ours");
    private static final ReplicationId R1 = new ReplicationId("r1");

    private ApplyStand stand;

    @BeforeEach
    void open() throws Exception {
        stand = new ApplyStand("CREATE TABLE item (tenant_id text, id int PRIMARY KEY)");
    }

    @AfterEach
    void close() throws Exception {
        stand.close();
    }

    private Epoch report(Epoch lastHeld) {
        return stand.session.reportUnclaimed(
                ApplyStand.spec("r1"), ApplyStand.SOURCE, lastHeld, REJECTED);
    }

    private List<List<String>> row() {
        return stand.rows(
                "SELECT epoch, state, error_code, reason FROM heliosdb.replication_progress");
    }

    @Test
    void whereThereIsNoRowTheStateOfAnUnclaimedReplicationMakesOne() {
        assertThat(report(new Epoch(0))).isEqualTo(new Epoch(0));
        report(new Epoch(0));

        assertThat(row())
                .containsExactly(List.of("0", "ERROR", "TARGET_NOT_READY", "it's not ours"));
        assertThat(stand.claim("r1").isNew()).isTrue();
    }

    @Test
    void aFilterIsStoredOnlyInThePlaceOfTheOneThatTheClaimerKnows() {
        TableFilter awkward = new TableFilter(List.of("a\\n", "b.*\n+c"), List.of("-d", "\\"));
        var spec = ApplyStand.spec("r1");
        assertThat(claim(null, TableFilter.ALL).filter()).isEqualTo(TableFilter.ALL);
        assertThat(claim(awkward, awkward).filter()).as("nothing applied").isEqualTo(awkward);
        RelationDescriptor item = stand.relation("item", 'd');
        stand.claim("r1");
        assertThat(claim(TableFilter.ALL, awkward).filter()).isEqualTo(awkward);
        stand.claim("r1");
        stand.apply("r1", 100, new ChangeSet().insert(item, "1", "1"));

        assertThat(claim(null, awkward).filter()).isEqualTo(TableFilter.ALL);
        assertThat(claim(awkward, awkward).filter()).isEqualTo(TableFilter.ALL);
        assertThat(claim(TableFilter.ALL, awkward).filter()).isEqualTo(awkward);
        assertThat(claim(awkward, null).filter()).isNull();
        assertThat(claim(null, spec.tables()).filter()).isEqualTo(TableFilter.ALL);
    }

    private Claim claim(TableFilter known, TableFilter now) {
        return stand.session.claim(
                new ClaimRequest(ApplyStand.spec("r1"), ApplyStand.SOURCE, known, now));
    }

    @Test
    void theLastHolderMayTellItsState() {
        stand.claim("r1");

        assertThat(report(new Epoch(1))).isEqualTo(new Epoch(1));

        assertThat(row())
                .containsExactly(List.of("1", "ERROR", "TARGET_NOT_READY", "it's not ours"));
    }

    @Test
    void whoMayBeSomebodyElsesIsLeftAlone() {
        stand.claim("r1");
        stand.claim("r1");
        List<List<String>> before = row();

        assertThat(report(new Epoch(1))).isEqualTo(new Epoch(1));
        assertThat(report(new Epoch(0))).isEqualTo(new Epoch(0));

        assertThat(row()).isEqualTo(before);
    }

    @Test
    void aReleasedRowIsFree() {
        stand.claim("r1");
        stand.session.release(R1, new Epoch(1));
        assertThat(stand.rows("SELECT epoch, state FROM heliosdb.replication_progress"))
                .containsExactly(List.of("2", "STOPPED"));

        Epoch shown = report(new Epoch(0));

        assertThat(shown).isEqualTo(new Epoch(2));
        assertThat(report(shown)).isEqualTo(new Epoch(2));
        assertThat(row())
                .containsExactly(List.of("2", "ERROR", "TARGET_NOT_READY", "it's not ours"));
    }

    @Test
    void nothingIsWrittenBehindARelease() {
        RelationDescriptor item = stand.relation("item", 'd');
        var batch =
                stand.batch(
                        "r1", stand.transaction("r1", 100, new ChangeSet().insert(item, "1", "1")));

        stand.session.release(R1, batch.epoch());

        assertThatThrownBy(() -> stand.session.apply(List.of(batch)))
                .isInstanceOfSatisfying(
                        ApplyException.class,
                        e -> assertThat(e.kind()).isEqualTo(ApplyException.Kind.FENCED));
        assertThat(stand.rows("SELECT 1 FROM item")).isEmpty();
        stand.session.report(
                R1, batch.epoch(), new StateReport(ReplicationState.STREAMING, null, null));
        assertThat(stand.rows("SELECT state FROM heliosdb.replication_progress"))
                .containsExactly(List.of("STOPPED"));
    }

    @Test
    void aReleaseDoesNotTouchANewHolder() {
        stand.claim("r1");
        stand.claim("r1");
        List<List<String>> before = row();

        stand.session.release(R1, new Epoch(1));

        assertThat(row()).isEqualTo(before);
    }

    @Test
    void aReleaseWaitsForACopyThatIsAboutToCommit() throws Exception {
        stand.claim("r1");
        stand.session.setLockTimeout("200ms");
        try (Connection copy = ApplyStand.SERVER.connect(stand.database);
                Statement statement = copy.createStatement()) {
            copy.setAutoCommit(false);
            statement.execute(
                    "SELECT 1 FROM heliosdb.replication_progress WHERE replication_id = 'r1'"
                            + " FOR SHARE");

            assertThatThrownBy(() -> stand.session.release(R1, new Epoch(1)))
                    .isInstanceOfSatisfying(
                            ApplyException.class,
                            e -> assertThat(e.kind()).isEqualTo(ApplyException.Kind.RETRY_LANE));
            copy.commit();
        }
        stand.session.release(R1, new Epoch(1));
        assertThat(stand.rows("SELECT state FROM heliosdb.replication_progress"))
                .containsExactly(List.of("STOPPED"));
    }
}
