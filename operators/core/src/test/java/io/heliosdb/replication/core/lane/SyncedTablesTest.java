package io.heliosdb.replication.core.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.model.SourceSnapshot;
import io.heliosdb.replication.model.TableId;
import java.util.List;
import org.junit.jupiter.api.Test;

class SyncedTablesTest {

    private static final TableId EARLY = new TableId("public", "early");
    private static final TableId LATE = new TableId("public", "late");

    /** Of the transactions below 120, 112 was running. */
    private final SyncedTables tables =
            new SyncedTables(
                    List.of(
                            new Claim.SyncedTable(EARLY, SourceSnapshot.parse("110:120:112"), 500),
                            new Claim.SyncedTable(LATE, SourceSnapshot.parse("140:140:"), 900)));

    @Test
    void skipsWhatTheSnapshotOfTheTableSees_R2() {
        assertThat(tables.skips(109, 400, EARLY)).isTrue();
        assertThat(tables.skips(119, 400, EARLY)).isTrue();
        assertThat(tables.skips(139, 800, LATE)).isTrue();
    }

    /** Its commit record was before the snapshot, and it was not visible yet; or it ran on. */
    @Test
    void skipsNothingThatTheSnapshotDoesNotSee_R3_R4() {
        assertThat(tables.skips(112, 400, EARLY)).isFalse();
        assertThat(tables.skips(120, 400, EARLY)).isFalse();
        assertThat(tables.skips(130, 400, EARLY)).isFalse();
    }

    @Test
    void skipsNothingOfTablesThatWereNotCopied() {
        assertThat(tables.skips(1, 1, new TableId("public", "other"))).isFalse();
        assertThat(new SyncedTables(List.of()).skips(1, 1, EARLY)).isFalse();
    }

    /** Ids wrap around: one that is far behind the snapshot is a new one by then. */
    @Test
    void asksNobodyBeyondTheUpperLsn_R36() {
        assertThat(tables.skips(109, 499, EARLY)).isTrue();
        assertThat(tables.skips(109, 500, EARLY)).isFalse();
        assertThat(tables.skips(109, 899, LATE)).isTrue();
        assertThat(tables.skips(109, 900, LATE)).isFalse();
        assertThat(tables.upperLsn()).isEqualTo(900);
    }
}
