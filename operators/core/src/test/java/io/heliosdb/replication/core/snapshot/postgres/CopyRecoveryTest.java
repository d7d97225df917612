package io.heliosdb.replication.core.snapshot.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.ApplyException.Kind;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Copies that are interrupted. The table is large enough for several transactions, has no key that
 * would hide duplicates, and a trigger in the target that holds the copy at one row for as long as
 * the test holds a lock.
 */
class CopyRecoveryTest {

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
                "INSERT INTO small VALUES ('a', 1), ('b', 1)",
                "ANALYZE");
        stand.publishAll();
        stand.onTarget(
                "CREATE TABLE big (tenant_id text, id int, filler text)",
                "CREATE FUNCTION halt() RETURNS trigger LANGUAGE plpgsql AS"
                        + " 'BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN NEW; END'",
                "CREATE TRIGGER halt BEFORE INSERT ON big FOR EACH ROW WHEN (NEW.id = "
                        + (ROWS - 9)
                        + ") EXECUTE FUNCTION halt()",
                "ALTER TABLE big ENABLE ALWAYS TRIGGER halt");
        gate = stand.targetServer.connect(stand.target);
        shut();
    }

    @AfterEach
    void close() throws Exception {
        gate.close();
        stand.close();
    }

    @Test
    void aCopyThatDiesBetweenTwoTransactionsIsFinishedByTheNextWithoutDuplicates()
            throws Exception {
        stand.start(stand.request("a"), stand.request("b"));
        awaitHalfway();

        stand.closeEngines();

        assertThat(stand.heard.failed).isEmpty();
        assertThat(stand.heard.finished).isEmpty();
        assertThat(stand.targetNumber("SELECT count(*) FROM big")).isPositive();
        assertThat(
                        stand.targetNumber(
                                "SELECT count(*) FROM heliosdb.table_sync WHERE table_name = 'big'"))
                .isZero();
        openGate();
        // The user's own rows of another tenant stay.
        stand.onTarget("INSERT INTO big VALUES ('c', -1, NULL)");
        stand.copy("a", "b");

        assertThat(stand.heard.failed).isEmpty();
        assertThat(stand.targetRows("SELECT id FROM big WHERE tenant_id = 'c'"))
                .containsExactly("-1");
        stand.onTarget("DELETE FROM big WHERE tenant_id = 'c'");
        stand.assertSame("big", "tenant_id IN ('a', 'b')");
        stand.assertSame("small", null);
        assertThat(stand.targetNumber("SELECT count(*) FROM heliosdb.copy_mark")).isZero();
    }

    @Test
    void finishedTablesSurvive() throws Exception {
        stand.start(stand.request("a"));
        awaitHalfway();
        CopyStand.await(
                "the small table",
                () -> !stand.targetRows("SELECT 1 FROM heliosdb.table_sync").isEmpty());
        stand.closeEngines();
        openGate();
        stand.onSource("INSERT INTO small VALUES ('a', 2)");

        stand.start(
                stand.request(
                        "a", TableFilter.ALL, ExistingRows.FAIL, Set.of(TableId.parse("small"))));
        stand.awaitEnd("a");

        assertThat(stand.targetRows("SELECT id FROM small")).containsExactly("1");
        stand.assertSame("big", "tenant_id = 'a'");
        assertThat(stand.heard.finished.get(CopyStand.id("a"))).hasSize(2);
    }

    @Test
    void aFinishedCopyThatTheStreamDoesNotContinueIsReplacedIfItWasNeverStreamedTo()
            throws Exception {
        openGate();
        stand.copy("a");
        stand.heard.forget();
        stand.onSource("INSERT INTO small VALUES ('a', 5)");

        stand.start(stand.request("a", TableFilter.ALL, ExistingRows.FAIL, Set.of()));
        stand.awaitEnd("a");

        assertThat(stand.heard.failed).isEmpty();
        stand.assertSame("small", "tenant_id = 'a'");
        stand.assertSame("big", "tenant_id = 'a'");
        stand.onTarget("UPDATE heliosdb.replication_progress SET commit_lsn = '0/1'");
        stand.heard.forget();

        stand.start(stand.request("a", TableFilter.ALL, ExistingRows.FAIL, Set.of()));
        stand.awaitEnd("a");

        assertThat(stand.heard.failed.get(CopyStand.id("a")).code())
                .as("what was streamed to is the user's")
                .isEqualTo(ErrorCode.TARGET_NOT_READY);
        stand.assertSame("small", "tenant_id = 'a'");
    }

    @Test
    void aReplicationThatIsClaimedMeanwhileIsFencedAndTheOthersGoOn() throws Exception {
        stand.start(stand.request("a"), stand.request("b"));
        awaitHalfway();
        long before = stand.targetNumber("SELECT count(*) FROM big WHERE tenant_id = 'a'");
        stand.claim("a");
        openGate();
        stand.awaitEnd("a", "b");

        assertThat(stand.heard.failed.get(CopyStand.id("a")).kind()).isEqualTo(Kind.FENCED);
        assertThat(stand.heard.finished).containsOnlyKeys(CopyStand.id("b"));
        assertThat(
                        stand.targetRows(
                                "SELECT replication_id FROM heliosdb.table_sync"
                                        + " WHERE table_name = 'big'"))
                .containsExactly("r-b");
        assertThat(stand.targetNumber("SELECT count(*) FROM big WHERE tenant_id = 'a'"))
                .as("nothing is committed behind the fence")
                .isEqualTo(before);

        stand.heard.forget();
        stand.copy("a");
        assertThat(stand.heard.failed).isEmpty();
        stand.assertSame("big", "tenant_id IN ('a', 'b')");
    }

    @Test
    void aReplicationThatIsFencedFromTheStartTouchesNothing() throws Exception {
        openGate();
        var request = stand.request("a");
        stand.claim("a");

        stand.start(request);
        stand.awaitEnd("a");

        assertThat(stand.heard.failed.get(CopyStand.id("a")).kind()).isEqualTo(Kind.FENCED);
        assertThat(stand.targetNumber("SELECT count(*) FROM big")).isZero();
    }

    @Test
    void aLostSourceIsRetriedByTheLane() throws Exception {
        copiesAfterTheSessionsEnded(
                stand.sourceServer, stand.source, Kind.RETRY_LANE, ErrorCode.SOURCE_UNREACHABLE);
    }

    @Test
    void aLostTargetIsRetriedByTheTarget() throws Exception {
        copiesAfterTheSessionsEnded(
                stand.targetServer, stand.target, Kind.RETRY_TARGET, ErrorCode.TARGET_UNREACHABLE);
    }

    private void copiesAfterTheSessionsEnded(
            PostgresServer server, String database, Kind kind, ErrorCode code) throws Exception {
        stand.start(stand.request("a"));
        awaitHalfway();

        server.execute(
                "postgres",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"
                        + database
                        + "' AND application_name = 'heliosdb-sync'");
        stand.awaitEnd("a");

        assertThat(stand.heard.failed.get(CopyStand.id("a")))
                .returns(kind, ApplyException::kind)
                .returns(code, ApplyException::code);
        stand.heard.forget();
        openGate();
        stand.copy("a");
        stand.assertSame("big", "tenant_id = 'a'");
    }

    @Test
    void deadlocksAndLockTimeoutsAreTriedAgain() throws Exception {
        stand.onTarget(
                "CREATE SEQUENCE tries",
                "CREATE FUNCTION stumble() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN"
                        + " IF nextval('public.tries') < 3 THEN RAISE SQLSTATE '40P01'; END IF;"
                        + " RETURN NEW; END$$",
                "CREATE TABLE small (tenant_id text, id int)",
                "CREATE TRIGGER stumble BEFORE INSERT ON small FOR EACH ROW"
                        + " EXECUTE FUNCTION stumble()",
                "ALTER TABLE small ENABLE ALWAYS TRIGGER stumble");
        openGate();

        stand.copy("a");

        assertThat(stand.heard.failed).isEmpty();
        stand.assertSame("small", "tenant_id = 'a'");
    }

    /** A member that is fenced takes a turn, perhaps the very one that would be the last. */
    @Test
    void aTableThatCannotBeRecordedEndsTheCopyAlsoIfAMemberIsFencedMeanwhile() throws Exception {
        stand.onTarget(
                "CREATE SEQUENCE tries",
                "CREATE FUNCTION stumble() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN"
                        + " IF nextval('public.tries') = 5 THEN"
                        + " PERFORM pg_advisory_xact_lock_shared(8); END IF;"
                        + " RAISE SQLSTATE '40P01'; END$$",
                "CREATE TRIGGER stumble BEFORE INSERT ON heliosdb.table_sync FOR EACH ROW"
                        + " WHEN (NEW.table_name = 'big') EXECUTE FUNCTION stumble()",
                "ALTER TABLE heliosdb.table_sync ENABLE ALWAYS TRIGGER stumble");
        openGate();
        CompletableFuture<Void> claimed;
        try (Connection held = stand.targetServer.connect(stand.target);
                Statement lock = held.createStatement()) {
            lock.execute("SELECT pg_advisory_lock(8)");
            stand.start(stand.request("a"), stand.request("b"));
            awaitWaiting("the fifth attempt", "locktype = 'advisory' AND objid = 8");
            claimed = CompletableFuture.runAsync(this::claimB);
            awaitWaiting("the claim", "locktype = 'transactionid'");
        }
        claimed.get();

        stand.awaitEnd("a", "b");

        assertThat(stand.heard.failed.get(CopyStand.id("b")).kind()).isEqualTo(Kind.FENCED);
        assertThat(stand.heard.failed.get(CopyStand.id("a")).kind()).isEqualTo(Kind.RETRY_LANE);
    }

    private void claimB() {
        try {
            stand.claim("b");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitWaiting(String what, String condition) throws Exception {
        CopyStand.await(
                what,
                () ->
                        !stand.targetRows(
                                        "SELECT 1 FROM pg_locks WHERE NOT granted AND " + condition)
                                .isEmpty());
    }

    @Test
    void indexesThatACrashLeftOutAreBuiltByTheNext() throws Exception {
        openGate();
        stand.onSource("CREATE TABLE keyed (tenant_id text, id int PRIMARY KEY)");
        stand.copy("a");
        stand.heard.forget();
        stand.onTarget(
                "ALTER TABLE keyed DROP CONSTRAINT keyed_pkey",
                "INSERT INTO heliosdb.pending_ddl VALUES ('public', 'keyed', 'index', 1,"
                        + " 'public', 'keyed', NULL, NULL,"
                        + " 'ALTER TABLE public.keyed ADD CONSTRAINT keyed_pkey PRIMARY KEY (id)')");

        stand.copy("a");

        assertThat(stand.heard.failed).isEmpty();
        assertThat(stand.heard.finished.get(CopyStand.id("a"))).hasSize(3);
        assertThat(stand.targetRows("SELECT 1 FROM pg_constraint WHERE conname = 'keyed_pkey'"))
                .hasSize(1);
    }

    /** Some transactions of the big table are committed, one is held at the gate. */
    private void awaitHalfway() throws Exception {
        CopyStand.await(
                "a copy that is half done",
                () ->
                        !stand.targetRows("SELECT 1 FROM big LIMIT 1").isEmpty()
                                && !stand.targetRows(
                                                "SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"
                                                        + " AND objid = 7 AND NOT granted")
                                        .isEmpty());
    }

    private void shut() throws Exception {
        try (Statement statement = gate.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(7)");
        }
    }

    private void openGate() throws Exception {
        if (gate.isValid(5)) {
            try (Statement statement = gate.createStatement()) {
                statement.execute("SELECT pg_advisory_unlock(7)");
            }
        }
    }
}
