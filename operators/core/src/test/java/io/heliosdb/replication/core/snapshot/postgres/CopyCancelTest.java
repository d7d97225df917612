package io.heliosdb.replication.core.snapshot.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.ApplyException.Kind;
import io.heliosdb.replication.core.snapshot.SyncEngine;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Copies that are cancelled while they are blocked: a trigger in the target holds the rows of one
 * tenant for as long as the test holds a lock.
 */
class CopyCancelTest {

    private static final int ROWS = 60_000;

    private CopyStand stand;
    private Connection gate;

    @BeforeEach
    void open() throws Exception {
        stand = new CopyStand();
        stand.onSource(
                "CREATE TABLE big (tenant_id text, id int, filler text)",
                "INSERT INTO big SELECT chr(97 + n % 3), n, repeat('x', 300)"
                        + " FROM generate_series(1, "
                        + ROWS
                        + ") n",
                "CREATE TABLE small (tenant_id text, id int)",
                "INSERT INTO small VALUES ('a', 1), ('b', 1), ('c', 1)",
                "ANALYZE");
        stand.publishAll();
        stand.onTarget(
                "CREATE TABLE big (tenant_id text, id int, filler text)",
                "CREATE FUNCTION halt() RETURNS trigger LANGUAGE plpgsql AS"
                        + " 'BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN NEW; END'",
                "CREATE TRIGGER halt BEFORE INSERT ON big FOR EACH ROW WHEN (NEW.tenant_id = 'a'"
                        + " AND NEW.id > 20000) EXECUTE FUNCTION halt()",
                "ALTER TABLE big ENABLE ALWAYS TRIGGER halt");
        gate = stand.targetServer.connect(stand.target);
        try (Statement statement = gate.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(7)");
        }
    }

    @AfterEach
    void close() throws Exception {
        gate.close();
        stand.close();
    }

    /** As many copying sessions as there are workers stand at the gate. */
    private void awaitBlocked(int sessions) throws Exception {
        CopyStand.await(
                "a copy that is held",
                () ->
                        stand.targetRows(
                                                "SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"
                                                        + " AND objid = 7 AND NOT granted")
                                        .size()
                                == sessions);
    }

    private void openGate() throws Exception {
        try (Statement statement = gate.createStatement()) {
            statement.execute("SELECT pg_advisory_unlock(7)");
        }
    }

    @Test
    void theOthersOfTheGroupGoOnAtOnceAndTheCancelledOneCanBeCopiedLater() throws Exception {
        SyncEngine.Copying copying =
                stand.start(stand.request("a"), stand.request("b"), stand.request("c"));
        awaitBlocked(2);

        copying.cancel(CopyStand.id("a"));

        // The gate is still shut.
        stand.awaitEnd("a", "b", "c");
        assertThat(stand.heard.failed).containsOnlyKeys(CopyStand.id("a"));
        assertThat(stand.heard.failed.get(CopyStand.id("a")).kind()).isEqualTo(Kind.FENCED);
        assertThat(stand.heard.finished).containsOnlyKeys(CopyStand.id("b"), CopyStand.id("c"));
        assertThat(
                        stand.targetRows(
                                "SELECT replication_id FROM heliosdb.table_sync"
                                        + " WHERE table_name = 'big' ORDER BY 1"))
                .containsExactly("r-b", "r-c");
        assertThat(
                        stand.targetRows(
                                "SELECT replication_id FROM heliosdb.copy_mark"
                                        + " WHERE table_name = 'big'"))
                .as("what is half done is marked")
                .containsExactly("r-a");
        assertThat(sourceRowsOf("b", "c")).isEqualTo(targetRowsOf("b", "c"));

        openGate();
        stand.heard.forget();
        stand.copy("a");
        assertThat(stand.heard.failed).isEmpty();
        stand.assertSame("big", null);
    }

    private List<String> sourceRowsOf(String... tenants) throws Exception {
        return stand.sourceRows(rowsOf(tenants));
    }

    private List<String> targetRowsOf(String... tenants) throws Exception {
        return stand.targetRows(rowsOf(tenants));
    }

    private static String rowsOf(String... tenants) {
        return "SELECT t::text FROM big t WHERE tenant_id IN ('"
                + String.join("', '", tenants)
                + "') ORDER BY 1";
    }

    @Test
    void aCopyOfOneEndsAtOnceWhateverItWaitsFor() throws Exception {
        SyncEngine.Copying copying = stand.start(stand.request("a"));
        awaitBlocked(2);

        copying.cancel(CopyStand.id("a"));

        stand.awaitEnd("a");
        assertThat(stand.heard.failed.get(CopyStand.id("a")).kind()).isEqualTo(Kind.FENCED);
        CopyStand.await(
                "no session at the source",
                () ->
                        stand.sourceRows(
                                        "SELECT 1 FROM pg_stat_activity WHERE datname ="
                                                + " current_database() AND pid <> pg_backend_pid()")
                                .isEmpty());
        openGate();
        stand.heard.forget();
        stand.copy("a");
        assertThat(stand.heard.failed).isEmpty();
        stand.assertSame("big", "tenant_id = 'a'");
    }

    @Test
    void aCopyThatWaitsToBecomePossibleEndsToo() throws Exception {
        long unseen = Long.parseLong(stand.sourceRows("SELECT pg_current_xact_id()").get(0)) + 1000;
        SyncEngine.Copying copying = stand.start(stand.request("a", unseen), stand.request("b"));
        CopyStand.await("a copy that waits", () -> !stand.heard.waits.isEmpty());

        copying.cancel(CopyStand.id("a"));

        stand.awaitEnd("a", "b");
        assertThat(stand.heard.finished).containsOnlyKeys(CopyStand.id("b"));
        assertThat(stand.targetRows("SELECT 1 FROM big WHERE tenant_id = 'a'")).isEmpty();
    }

    @Test
    void cancellingAtAnyMomentLosesAndDoublesNothing() throws Exception {
        openGate();
        PostgresSyncEngine engine = stand.engine();
        for (int round = 0; round < 12; round++) {
            stand.onTarget(
                    "CREATE TABLE IF NOT EXISTS small (tenant_id text, id int)",
                    "TRUNCATE big, small",
                    "DELETE FROM heliosdb.table_sync",
                    "DELETE FROM heliosdb.replication_progress");
            stand.heard.forget();
            SyncEngine.Copying copying =
                    engine.start(
                            List.of(stand.request("a"), stand.request("b"), stand.request("c")),
                            stand.heard);
            int few = round * 1500;
            CopyStand.await(
                    "some rows",
                    () ->
                            stand.heard.ended("a", "b", "c")
                                    || stand.targetNumber("SELECT count(*) FROM big") >= few);
            copying.cancel(CopyStand.id("b"));
            copying.cancel(CopyStand.id("b"));
            stand.awaitEnd("a", "b", "c");

            assertThat(stand.heard.finished).containsKeys(CopyStand.id("a"), CopyStand.id("c"));
            assertThat(sourceRowsOf("a", "c")).isEqualTo(targetRowsOf("a", "c"));
            if (!stand.heard.finished.containsKey(CopyStand.id("b"))) {
                stand.heard.forget();
                engine.start(List.of(stand.request("b")), stand.heard);
                stand.awaitEnd("b");
                assertThat(stand.heard.failed).isEmpty();
            }
            stand.assertSame("big", null);
            stand.assertSame("small", null);
        }
    }

    @Test
    void aGroupMovesBesideOthersThatAreHeld() throws Exception {
        PostgresSyncEngine engine = stand.engine();
        SyncEngine.Copying held = engine.start(List.of(stand.request("a")), stand.heard);
        awaitBlocked(2);

        engine.start(List.of(stand.request("b")), stand.heard);
        stand.awaitEnd("b");

        assertThat(stand.heard.failed).isEmpty();
        assertThat(sourceRowsOf("b")).isEqualTo(targetRowsOf("b"));
        held.cancel(CopyStand.id("a"));
        stand.awaitEnd("a");
    }
}
