package io.heliosdb.replication.core.snapshot.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.Resync;
import io.heliosdb.replication.core.snapshot.SyncEngine;
import io.heliosdb.replication.core.snapshot.SyncRequest;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.TableFilter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Copies that compare and mend what the target has. */
class MendTest {

    private CopyStand stand;

    @BeforeEach
    void open() throws Exception {
        stand = new CopyStand();
    }

    @AfterEach
    void close() throws Exception {
        stand.close();
    }

    private SyncRequest resync(String tenant, String... tables) throws SQLException {
        SyncRequest all = stand.request(tenant, TableFilter.ALL, ExistingRows.FAIL, Set.of());
        return new SyncRequest(
                all.spec(),
                all.epoch(),
                List.of(new Resync(List.of(tables), 1, "").spared()),
                Set.of(),
                all.pendingXids(),
                true);
    }

    private void mend(String... tenants) throws Exception {
        SyncRequest[] requests = new SyncRequest[tenants.length];
        for (int i = 0; i < tenants.length; i++) {
            requests[i] = resync(tenants[i]);
        }
        stand.heard.forget();
        stand.start(requests);
        stand.awaitEnd(tenants);
        assertThat(stand.heard.failed).isEmpty();
    }

    private List<String> mended(String table) throws SQLException {
        return stand.targetRows(
                "SELECT format('%s: %s compared, %s missing, %s extra, %s differing',"
                        + " replication_id, rows_compared, rows_missing, rows_extra,"
                        + " rows_differing) FROM heliosdb.mended WHERE table_name = '"
                        + table
                        + "' ORDER BY 1");
    }

    @Test
    void mendsWhatDiffersAndTouchesNothingElse_R18() throws Exception {
        stand.onSource(
                "CREATE TABLE t (tenant_id text, id int, v text, w jsonb,"
                        + " PRIMARY KEY (tenant_id, id))",
                "INSERT INTO t SELECT x, g, 'v' || g, '{\"a\": 1}'"
                        + " FROM unnest(ARRAY['a', 'b', 'c']) x, generate_series(1, 2000) g");
        stand.publishAll();
        stand.copy("a", "b");
        stand.onTarget(
                "DELETE FROM t WHERE id IN (1, 2, 3)",
                "UPDATE t SET v = NULL WHERE tenant_id = 'a' AND id = 10",
                "UPDATE t SET w = '{\"a\": 2}' WHERE tenant_id = 'a' AND id = 11",
                "INSERT INTO t VALUES ('a', 9001, 'extra', NULL), ('z', 1, 'not ours', NULL)",
                "CREATE TABLE before AS SELECT tenant_id, id, xmin::text AS x FROM t");

        mend("a", "b");

        stand.onTarget("DELETE FROM t WHERE tenant_id = 'z' AND v = 'not ours'");
        stand.assertSame("t", "tenant_id IN ('a', 'b')");
        assertThat(mended("t"))
                .containsExactly(
                        "r-a: 2000 compared, 3 missing, 1 extra, 2 differing",
                        "r-b: 2000 compared, 3 missing, 0 extra, 0 differing");
        assertThat(
                        stand.targetNumber(
                                "SELECT count(*) FROM t JOIN before b USING (tenant_id, id)"
                                        + " WHERE t.xmin::text <> b.x"))
                .as("rows written though they were right")
                .isEqualTo(2);
    }

    @Test
    void findsNothingWhereNothingIsWrong() throws Exception {
        stand.onSource(
                "CREATE TABLE t (tenant_id text, id int PRIMARY KEY, f float8, n numeric)",
                "INSERT INTO t SELECT 'a', g, 1.0 / g, 1.10 FROM generate_series(1, 100) g");
        stand.publishAll();
        stand.copy("a");
        mend("a");
        assertThat(mended("t"))
                .containsExactly("r-a: 100 compared, 0 missing, 0 extra, 0 differing");
    }

    @Test
    void mendsUniqueValuesThatHaveChangedPlaces_R11() throws Exception {
        stand.onSource(
                "CREATE TABLE t (tenant_id text, id int PRIMARY KEY, u text UNIQUE)",
                "INSERT INTO t VALUES ('a', 1, 'x'), ('a', 2, 'y'), ('a', 3, 'z')");
        stand.publishAll();
        stand.copy("a");
        stand.onSource(
                "UPDATE t SET u = u || '-' WHERE id < 3",
                "UPDATE t SET u = CASE id WHEN 1 THEN 'y' ELSE 'x' END WHERE id < 3");
        mend("a");
        stand.assertSame("t", null);
        assertThat(mended("t")).containsExactly("r-a: 3 compared, 0 missing, 0 extra, 2 differing");
    }

    @Test
    void mendsTablesWithoutKeyAsMultisets_R12() throws Exception {
        stand.onSource(
                "CREATE TABLE t (tenant_id text, v text)",
                "ALTER TABLE t REPLICA IDENTITY FULL",
                "INSERT INTO t VALUES ('a', 'x'), ('a', 'x'), ('a', NULL), ('a', NULL), ('a', '')");
        stand.publishAll();
        stand.copy("a");
        stand.onTarget(
                "DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t WHERE v = 'x')",
                "INSERT INTO t VALUES ('a', NULL), ('a', 'extra'), ('a', 'extra')");
        mend("a");
        stand.assertSame("t", null);
        assertThat(mended("t")).containsExactly("r-a: 5 compared, 1 missing, 3 extra, 0 differing");
    }

    @Test
    void keepsWhatOnlyTheTargetHas_R12() throws Exception {
        stand.onSource(
                "CREATE TABLE t (tenant_id text, id int PRIMARY KEY, v text)",
                "CREATE TABLE i (tenant_id text, id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
                        + " v text)",
                "INSERT INTO t VALUES ('a', 1, 'x'), ('a', 2, 'y')",
                "INSERT INTO i (tenant_id, v) VALUES ('a', 'x'), ('a', 'y')");
        stand.publishAll();
        stand.copy("a");
        stand.onTarget(
                "ALTER TABLE t ADD COLUMN note text",
                "UPDATE t SET v = 'wrong', note = 'kept' WHERE id = 1",
                "DELETE FROM i WHERE id = 1",
                "UPDATE i SET v = 'wrong' WHERE id = 2");
        mend("a");
        assertThat(stand.targetRows("SELECT t::text FROM t ORDER BY 1"))
                .containsExactly("(a,1,x,kept)", "(a,2,y,)");
        stand.assertSame("i", null);
    }

    @Test
    void mendsPartitionedTablesAsAWhole_R14() throws Exception {
        stand.onSource(
                "CREATE TABLE p (tenant_id text, id int, v text, PRIMARY KEY (tenant_id, id))"
                        + " PARTITION BY RANGE (id)",
                "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (100)",
                "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (100) TO (200)",
                "INSERT INTO p SELECT 'a', g, 'v' FROM generate_series(1, 199) g");
        stand.publishAll();
        stand.copy("a");
        stand.onTarget(
                "DELETE FROM p WHERE id IN (50, 150)",
                "UPDATE p SET v = 'wrong' WHERE id IN (60, 160)",
                "INSERT INTO p VALUES ('a', 0, 'extra')");
        mend("a");
        assertThat(mended("p"))
                .containsExactly("r-a: 199 compared, 2 missing, 1 extra, 2 differing");
        assertThat(stand.targetRows("SELECT p::text FROM p ORDER BY 1"))
                .isEqualTo(stand.sourceRows("SELECT p::text FROM p ORDER BY 1"));
    }

    @Test
    void leavesTablesAloneThatWereNotNamed() throws Exception {
        stand.onSource(
                "CREATE TABLE one (tenant_id text, id int PRIMARY KEY)",
                "CREATE TABLE two (tenant_id text, id int PRIMARY KEY)",
                "INSERT INTO one VALUES ('a', 1)",
                "INSERT INTO two VALUES ('a', 1)");
        stand.publishAll();
        stand.copy("a");
        stand.onTarget("TRUNCATE one, two");
        stand.heard.forget();
        stand.start(resync("a", "one"));
        stand.awaitEnd("a");
        assertThat(stand.targetNumber("SELECT count(*) FROM one")).isEqualTo(1);
        assertThat(stand.targetNumber("SELECT count(*) FROM two")).isZero();
    }

    @Test
    void aRowThatBelongsToAnotherTenantIsNotTakenFromIt() throws Exception {
        stand.onSource(
                "CREATE TABLE t (tenant_id text, id int PRIMARY KEY)",
                "INSERT INTO t VALUES ('a', 1), ('a', 2)");
        stand.publishAll();
        stand.copy("a");
        stand.onTarget("UPDATE t SET tenant_id = 'b' WHERE id = 2");
        stand.heard.forget();
        stand.start(resync("a"));
        stand.awaitEnd("a");
        assertThat(stand.heard.failed.get(CopyStand.id("a")).code())
                .isEqualTo(ErrorCode.ROW_REJECTED);
        assertThat(stand.targetRows("SELECT t::text FROM t ORDER BY 1"))
                .containsExactly("(a,1)", "(b,2)");
    }

    @Test
    void aCrashInTheMiddleLeavesNothingBehind_R20() throws Exception {
        stand.onSource(
                "CREATE TABLE t (tenant_id text, id int PRIMARY KEY, v int)",
                "INSERT INTO t SELECT 'a', g, 0 FROM generate_series(1, 1000) g");
        stand.publishAll();
        stand.copy("a");
        stand.onTarget("UPDATE t SET v = 1 WHERE id = 7", "DELETE FROM t WHERE id = 8");
        try (Connection lock = stand.targetServer.connect(stand.target);
                Statement statement = lock.createStatement()) {
            lock.setAutoCommit(false);
            statement.execute("UPDATE t SET v = 2 WHERE id = 7");
            stand.heard.forget();
            SyncEngine.Copying copying = stand.start(resync("a"));
            CopyStand.await(
                    "the mending to wait for the row",
                    () ->
                            stand.targetNumber(
                                            "SELECT count(*) FROM pg_stat_activity WHERE datname ="
                                                    + " current_database() AND wait_event_type ="
                                                    + " 'Lock' AND application_name = 'heliosdb-sync'")
                                    == 1);
            assertThat(copying).isNotNull();
            stand.closeEngines();
        }
        String orphans =
                "SELECT count(*) FROM pg_class WHERE relname LIKE 'heliosdb\\_%' AND relnamespace"
                        + " <> 'heliosdb'::regnamespace";
        CopyStand.await("no staging table", () -> stand.targetNumber(orphans) == 0);
        assertThat(stand.targetNumber("SELECT count(*) FROM pg_prepared_xacts")).isZero();
        assertThat(stand.targetNumber("SELECT v FROM t WHERE id = 7")).isEqualTo(1);

        mend("a");
        stand.assertSame("t", null);
    }
}
