package io.heliosdb.replication.core.snapshot.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.core.snapshot.SyncRequest;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.TableFilter;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Copies for replications that stream, of tables that came to them. */
class CopyGrowthTest {

    private static final TableFilter OLD_ONLY = new TableFilter(List.of("old"), List.of());

    private CopyStand stand;

    @BeforeEach
    void open() throws Exception {
        stand = new CopyStand();
        stand.onSource(
                "CREATE TABLE old (tenant_id text, id int)",
                "CREATE TABLE young (tenant_id text, id int)",
                "ALTER TABLE young REPLICA IDENTITY FULL",
                "INSERT INTO old VALUES ('a', 1), ('b', 1)",
                "INSERT INTO young VALUES ('a', 1), ('a', 2), ('b', 1)");
        stand.publishAll();
    }

    @AfterEach
    void close() throws Exception {
        stand.close();
    }

    /** Carried so far: what these filters accept all the while. */
    private void grow(TableFilter... before) throws Exception {
        SyncRequest all =
                stand.request(
                        "a", TableFilter.ALL, ExistingRows.FAIL, Set.of(TableId.parse("old")));
        stand.heard.forget();
        stand.start(
                new SyncRequest(
                        all.spec(),
                        all.epoch(),
                        List.of(before),
                        all.doneTables(),
                        all.pendingXids()));
        stand.awaitEnd("a");
        assertThat(stand.heard.failed).isEmpty();
    }

    private void firstCopy(TableFilter tables) throws Exception {
        stand.start(stand.request("a", tables, ExistingRows.FAIL, Set.of()));
        stand.awaitEnd("a");
        assertThat(stand.heard.failed).isEmpty();
        stand.onTarget("UPDATE heliosdb.replication_progress SET commit_lsn = '0/10'");
    }

    @Test
    void copiesTheNewTableAndTouchesNoOther() throws Exception {
        firstCopy(OLD_ONLY);
        stand.onTarget("INSERT INTO old VALUES ('a', 99)");

        grow(OLD_ONLY);

        stand.assertSame("young", "tenant_id = 'a'");
        assertThat(stand.targetRows("SELECT id FROM old ORDER BY id")).containsExactly("1", "99");
        assertThat(stand.heard.finished.get(CopyStand.id("a")))
                .extracting(Claim.SyncedTable::table)
                .containsExactlyInAnyOrder(TableId.parse("old"), TableId.parse("young"));
    }

    @Test
    void replacesWhatATableHadBeforeItWasLeftOut() throws Exception {
        firstCopy(TableFilter.ALL);
        stand.onSource(
                "DELETE FROM young WHERE id = 1", "INSERT INTO young VALUES ('a', 3), ('b', 3)");
        stand.onTarget("INSERT INTO young VALUES ('other', 7)");

        grow(TableFilter.ALL, OLD_ONLY);

        assertThat(stand.targetRows("SELECT id FROM young WHERE tenant_id = 'a' ORDER BY id"))
                .containsExactly("2", "3");
        assertThat(stand.targetRows("SELECT id FROM young WHERE tenant_id <> 'a'"))
                .containsExactly("7");
    }

    @Test
    void hasNothingToDoIfNoTableIsNew() throws Exception {
        firstCopy(TableFilter.ALL);

        grow(TableFilter.ALL);

        assertThat(stand.targetRows("SELECT id FROM young ORDER BY id")).containsExactly("1", "2");
    }
}
