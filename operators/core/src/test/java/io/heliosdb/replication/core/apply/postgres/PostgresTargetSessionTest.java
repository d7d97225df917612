package io.heliosdb.replication.core.apply.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.ApplyException.Kind;
import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.core.apply.LaneBatch;
import io.heliosdb.replication.core.apply.StateReport;
import io.heliosdb.replication.core.apply.TargetSession.Advance;
import io.heliosdb.replication.core.apply.TargetSession.ApplyResult;
import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.model.Epoch;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.model.config.TargetConfig;
import java.sql.Connection;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ObjectAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PostgresTargetSessionTest {

    private ApplyStand stand;
    private RelationDescriptor item;

    @BeforeEach
    void open() throws Exception {
        stand =
                new ApplyStand(
                        "CREATE TABLE item (tenant_id int, id bigint PRIMARY KEY, name varchar(10) UNIQUE, qty int CHECK (qty >= 0))");
        item = stand.relation("item", 'd');
    }

    @AfterEach
    void close() throws Exception {
        stand.close();
    }

    @Test
    void appliesATransactionAndMovesTheProgressWithIt() {
        ApplyResult result =
                stand.session.apply(
                        List.of(
                                stand.batch(
                                        "r1",
                                        stand.transaction(
                                                "r1",
                                                100,
                                                new ChangeSet()
                                                        .insert(item, "1", "1", "a'\\b", null)
                                                        .insert(item, "1", "2", "zwei", "7")
                                                        .update(item, "1", "1", "eins", "3")
                                                        .delete(
                                                                item, 'K', null, "2", null,
                                                                null)))));

        assertThat(result).isEqualTo(new ApplyResult(4, 0, 0));
        assertThat(stand.rows("SELECT * FROM item"))
                .containsExactly(List.of("1", "1", "eins", "3"));
        assertThat(
                        stand.rows(
                                "SELECT commit_lsn, transactions, rows_applied, conflicts, extract(epoch from source_time)*1000000"
                                        + " FROM heliosdb.replication_progress"))
                .containsExactly(List.of("0/64", "1", "4", "0", "1700000000000100.000000"));
    }

    @Test
    void skipsWhatIsAlreadyThereAfterAnAmbiguousCommit() {
        LaneBatch first =
                stand.batch(
                        "r1",
                        stand.transaction(
                                "r1", 100, new ChangeSet().insert(item, "1", "1", "a", "1")));
        stand.session.apply(List.of(first));
        LaneBatch both =
                stand.batch(
                        "r1",
                        first.transactions().get(0),
                        stand.transaction(
                                "r1", 200, new ChangeSet().insert(item, "1", "2", "b", "1")));

        ApplyResult result = stand.session.apply(List.of(both));
        ApplyResult again = stand.session.apply(List.of(both));

        assertThat(result).isEqualTo(new ApplyResult(1, 0, 1));
        assertThat(again).isEqualTo(new ApplyResult(0, 0, 2));
        assertThat(stand.rows("SELECT id FROM item ORDER BY id")).hasSize(2);
        assertThat(stand.value("SELECT rows_applied FROM heliosdb.replication_progress"))
                .isEqualTo("2");
    }

    @Test
    void isFencedOnceSomebodyElseHasClaimed() throws Exception {
        LaneBatch batch =
                stand.batch(
                        "r1",
                        stand.transaction(
                                "r1", 100, new ChangeSet().insert(item, "1", "1", "a", "1")));
        try (PostgresTargetSession other = stand.open("s2")) {
            Claim claim = other.claim(ApplyStand.spec("r1"), ApplyStand.SOURCE);
            assertThat(claim.epoch()).isEqualTo(new Epoch(2));
        }

        failure(() -> stand.session.apply(List.of(batch)))
                .returns(Kind.FENCED, ApplyException::kind);
        assertThat(stand.rows("SELECT * FROM item")).isEmpty();
    }

    @Test
    void splitsAGroupInWhichOneIsFenced() throws Exception {
        LaneBatch r1 =
                stand.batch(
                        "r1",
                        stand.transaction(
                                "r1", 100, new ChangeSet().insert(item, "1", "1", "a", "1")));
        LaneBatch r2 =
                stand.batch(
                        "r2",
                        stand.transaction(
                                "r2", 100, new ChangeSet().insert(item, "2", "2", "b", "1")));
        try (PostgresTargetSession other = stand.open("s2")) {
            other.claim(ApplyStand.spec("r2"), ApplyStand.SOURCE);
        }

        failure(() -> stand.session.apply(List.of(r2, r1)))
                .returns(Kind.SPLIT_GROUP, ApplyException::kind);
        assertThat(stand.session.apply(List.of(r1)).rows()).isEqualTo(1);
        failure(() -> stand.session.apply(List.of(r2))).returns(Kind.FENCED, ApplyException::kind);
    }

    @Test
    void appliesAGroupAsOneTransactionAndCountsConflictsPerReplication() {
        for (int lane = 1; lane <= 2; lane++) {
            ChangeSet rows = new ChangeSet();
            for (int i = 0; i < 20; i++) {
                rows.insert(item, "" + lane, "" + (lane * 100 + i), lane + "n" + i, "1");
            }
            stand.session.apply(
                    List.of(stand.batch("r" + lane, stand.transaction("r" + lane, 100, rows))));
        }
        stand.execute("DELETE FROM item WHERE id IN (103, 201, 202)");
        ChangeSet one = new ChangeSet();
        ChangeSet two = new ChangeSet();
        for (int i = 0; i < 20; i++) {
            one.update(item, "1", "" + (100 + i), "1n" + i, "2");
            two.delete(item, 'K', null, "" + (200 + i), null, null);
            two.insert(item, "2", "" + (300 + i), "2x" + i, "3");
        }

        ApplyResult result =
                stand.session.apply(
                        List.of(
                                stand.batch("r2", stand.transaction("r2", 200, two)),
                                stand.batch("r1", stand.transaction("r1", 200, one))));

        assertThat(result).isEqualTo(new ApplyResult(60, 3, 0));
        assertThat(
                        stand.rows(
                                "SELECT replication_id, conflicts, rows_applied FROM heliosdb.replication_progress ORDER BY 1"))
                .containsExactly(List.of("r1", "1", "40"), List.of("r2", "2", "60"));
        assertThat(stand.rows("SELECT tenant_id, qty, count(*) FROM item GROUP BY 1, 2 ORDER BY 1"))
                .containsExactly(List.of("1", "2", "19"), List.of("2", "3", "20"));
    }

    @Test
    void countsASingleConflictThatTravelsWithTheCommit() {
        ApplyResult result =
                stand.session.apply(
                        List.of(
                                stand.batch(
                                        "r1",
                                        stand.transaction(
                                                "r1",
                                                100,
                                                new ChangeSet()
                                                        .update(item, "1", "5", "no", "1")
                                                        .delete(
                                                                item, 'K', null, "6", null,
                                                                null)))));

        assertThat(result.conflicts()).isEqualTo(2);
        assertThat(stand.value("SELECT conflicts FROM heliosdb.replication_progress"))
                .isEqualTo("2");
    }

    @Test
    void quarantinesTheRowThatCannotBeAppliedAndAppliesNothing() {
        ChangeSet changes = new ChangeSet();
        for (int i = 0; i < 300; i++) {
            changes.insert(item, "1", "" + i, "n" + i, i == 250 ? "-1" : "1");
        }

        ObjectAssert<ApplyException> failure =
                failure(
                        () ->
                                stand.session.apply(
                                        List.of(
                                                stand.batch(
                                                        "r1",
                                                        stand.transaction("r1", 100, changes)))));

        failure.returns(Kind.REJECTED, ApplyException::kind)
                .returns(ErrorCode.ROW_REJECTED, ApplyException::code)
                .returns("23514", ApplyException::sqlState)
                .returns(null, ApplyException::getCause);
        failure.satisfies(
                e ->
                        assertThat(e.getMessage())
                                .contains("INSERT on public.item", "item_qty_check", "0/64")
                                .doesNotContain("n250"));
        assertThat(stand.rows("SELECT * FROM item")).isEmpty();
        assertThat(
                        stand.rows(
                                "SELECT replication_id, commit_lsn, ordinal, table_name, operation, sqlstate, row_data->>'name'"
                                        + " FROM heliosdb.quarantine"))
                .containsExactly(List.of("r1", "0/64", "250", "item", "INSERT", "23514", "n250"));
        assertThat(stand.value("SELECT commit_lsn FROM heliosdb.replication_progress"))
                .isEqualTo("0/0");
    }

    @Test
    void splitsAGroupThatOneBadRowWouldFail() {
        LaneBatch good =
                stand.batch(
                        "r1",
                        stand.transaction(
                                "r1", 100, new ChangeSet().insert(item, "1", "1", "a", "1")));
        LaneBatch bad =
                stand.batch(
                        "r2",
                        stand.transaction(
                                "r2", 100, new ChangeSet().insert(item, "2", "2", "a", "1")));

        failure(() -> stand.session.apply(List.of(good, bad)))
                .returns(Kind.SPLIT_GROUP, ApplyException::kind)
                .returns("23505", ApplyException::sqlState);
        assertThat(stand.session.apply(List.of(good)).rows()).isEqualTo(1);
        failure(() -> stand.session.apply(List.of(bad)))
                .returns(ErrorCode.ROW_REJECTED, ApplyException::code);
        assertThat(stand.rows("SELECT id FROM item")).containsExactly(List.of("1"));
    }

    @Test
    void neverCutsAValueThatIsTooLong() {
        for (int count : new int[] {1, 50, 300}) {
            ChangeSet changes = new ChangeSet();
            for (int i = 0; i < count; i++) {
                changes.insert(item, "1", "" + i, i == 0 ? "elevenchars" : "n" + i, "1");
            }
            failure(
                            () ->
                                    stand.session.apply(
                                            List.of(
                                                    stand.batch(
                                                            "r1",
                                                            stand.transaction(
                                                                    "r1", 100, changes)))))
                    .returns("22001", ApplyException::sqlState);
        }
    }

    @Test
    void saysWhichTableAndColumnIsMissingAndHowToMendIt() {
        RelationDescriptor wider =
                new RelationDescriptor(
                        1,
                        new TableId("public", "item"),
                        'd',
                        List.of(
                                new RelationDescriptor.Column("id", true, 20, -1),
                                new RelationDescriptor.Column("price", false, 1700, 786438)));
        RelationDescriptor other =
                new RelationDescriptor(2, new TableId("public", "Order"), 'd', wider.columns());

        failure(
                        () ->
                                stand.session.apply(
                                        List.of(
                                                stand.batch(
                                                        "r1",
                                                        stand.transaction(
                                                                "r1",
                                                                100,
                                                                new ChangeSet()
                                                                        .insert(
                                                                                wider, "1",
                                                                                "2"))))))
                .returns(ErrorCode.TARGET_INCOMPATIBLE, ApplyException::code)
                .satisfies(
                        e ->
                                assertThat(e.getMessage())
                                        .contains(
                                                "ALTER TABLE \"public\".\"item\" ADD COLUMN \"price\" numeric(12,2)"));
        failure(
                        () ->
                                stand.session.apply(
                                        List.of(
                                                stand.batch(
                                                        "r1",
                                                        stand.transaction(
                                                                "r1",
                                                                100,
                                                                new ChangeSet()
                                                                        .insert(
                                                                                other, "1",
                                                                                "2"))))))
                .satisfies(
                        e ->
                                assertThat(e.getMessage())
                                        .contains(
                                                "CREATE TABLE \"public\".\"Order\" (\"id\" bigint, \"price\" numeric(12,2), PRIMARY KEY (\"id\"))"));
        stand.execute("ALTER TABLE item ADD COLUMN price numeric(12,2)");
        assertThat(
                        stand.session
                                .apply(
                                        List.of(
                                                stand.batch(
                                                        "r1",
                                                        stand.transaction(
                                                                "r1",
                                                                100,
                                                                new ChangeSet()
                                                                        .insert(wider, "1", "2")))))
                                .rows())
                .isEqualTo(1);
    }

    @Test
    void looksAtTheCatalogAgainWhenTheTableHasChanged() {
        for (int round = 0; round < 3; round++) {
            long lsn = 100 + round;
            String id = "" + (round == 0 ? 1 : 5_000_000_000L + round);
            stand.session.apply(
                    List.of(
                            stand.batch(
                                    "r1",
                                    stand.transaction(
                                            "r1",
                                            lsn,
                                            new ChangeSet()
                                                    .insert(
                                                            item,
                                                            "1",
                                                            "" + round,
                                                            "n" + round,
                                                            id)))));
            if (round == 0) {
                stand.execute("ALTER TABLE item ALTER COLUMN qty TYPE bigint");
            }
        }
        assertThat(stand.value("SELECT max(qty) FROM item")).isEqualTo("5000000002");
        assertThat(stand.value("SELECT count(*) FROM heliosdb.quarantine")).isEqualTo("0");
    }

    @Test
    void tellsLockTimeoutsAndDeadObjectsApart() throws Exception {
        stand.session.apply(
                List.of(
                        stand.batch(
                                "r1",
                                stand.transaction(
                                        "r1",
                                        100,
                                        new ChangeSet().insert(item, "1", "1", "a", "1")))));
        LaneBatch update =
                stand.batch(
                        "r1",
                        stand.transaction(
                                "r1", 200, new ChangeSet().update(item, "1", "1", "b", "2")));
        stand.session.setLockTimeout("50ms");
        stand.sql.setAutoCommit(false);
        stand.sql.createStatement().execute("UPDATE item SET qty = 9");

        failure(() -> stand.session.apply(List.of(update)))
                .returns(Kind.RETRY_LANE, ApplyException::kind)
                .returns(ErrorCode.TARGET_BUSY, ApplyException::code)
                .returns("55P03", ApplyException::sqlState);
        stand.sql.rollback();
        stand.sql.setAutoCommit(true);
        assertThat(stand.session.apply(List.of(update)).rows()).isEqualTo(1);
    }

    /** A standby that was behind is promoted: what it lost is not in the stream any more. */
    @Test
    void refusesATargetThatWasSetBackBehindWhatItAcknowledged() {
        for (String other : List.of("r1", "r2")) {
            stand.session.apply(
                    List.of(
                            stand.batch(
                                    other,
                                    stand.transaction(
                                            other,
                                            200,
                                            new ChangeSet()
                                                    .insert(
                                                            item,
                                                            other.substring(1),
                                                            other.substring(1),
                                                            other,
                                                            "1")))));
            stand.acknowledged.put(other, 200L);
        }
        stand.execute(
                "UPDATE heliosdb.replication_progress SET commit_lsn = '0/96' WHERE replication_id = 'r1'");
        LaneBatch setBack =
                stand.batch(
                        "r1",
                        stand.transaction(
                                "r1", 300, new ChangeSet().insert(item, "1", "9", "b", "1")));
        LaneBatch well =
                stand.batch(
                        "r2",
                        stand.transaction(
                                "r2", 300, new ChangeSet().insert(item, "2", "8", "b", "1")));

        assertThatThrownBy(() -> stand.session.apply(List.of(setBack)))
                .asInstanceOf(type(ApplyException.class))
                .returns(Kind.REJECTED, ApplyException::kind)
                .returns(ErrorCode.STREAM_GAP, ApplyException::code);
        assertThatThrownBy(() -> stand.session.apply(List.of(setBack, well)))
                .asInstanceOf(type(ApplyException.class))
                .returns(Kind.SPLIT_GROUP, ApplyException::kind);
        assertThatThrownBy(() -> stand.session.stream(setBack))
                .asInstanceOf(type(ApplyException.class))
                .returns(ErrorCode.STREAM_GAP, ApplyException::code);
        assertThat(stand.session.apply(List.of(well))).isEqualTo(new ApplyResult(1, 0, 0));
    }

    /** Two sessions of ours meet in opposite order: one is told to come again, and can. */
    @Test
    void retriesTheLaneThatADeadlockHit() throws Exception {
        stand.session.apply(
                List.of(
                        stand.batch(
                                "r1",
                                stand.transaction(
                                        "r1",
                                        100,
                                        new ChangeSet()
                                                .insert(item, "1", "1", "a", "1")
                                                .insert(item, "1", "2", "b", "1")))));
        stand.execute("ALTER DATABASE " + stand.database + " SET deadlock_timeout = '2s'");
        LaneBatch batch =
                stand.batch(
                        "r1",
                        stand.transaction(
                                "r1",
                                200,
                                new ChangeSet()
                                        .update(item, "1", "1", "a", "2")
                                        .update(item, "1", "2", "b", "2")));
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (PostgresTargetSession session = stand.open("s2");
                Connection local = ApplyStand.SERVER.connect(stand.database)) {
            local.createStatement().execute("SET deadlock_timeout = '1h'");
            local.setAutoCommit(false);
            local.createStatement().execute("UPDATE item SET qty = 9 WHERE id = 2");
            Future<ApplyResult> apply = other.submit(() -> session.apply(List.of(batch)));
            await("SELECT count(*) FROM pg_locks WHERE NOT granted", "1");

            local.createStatement().execute("UPDATE item SET qty = 9 WHERE id = 1");

            assertThatThrownBy(apply::get)
                    .cause()
                    .asInstanceOf(type(ApplyException.class))
                    .returns(Kind.RETRY_LANE, ApplyException::kind)
                    .returns("40P01", ApplyException::sqlState);
            local.rollback();
            assertThat(session.apply(List.of(batch))).isEqualTo(new ApplyResult(2, 0, 0));
        } finally {
            other.shutdownNow();
        }
    }

    private void await(String query, String expected) throws InterruptedException {
        for (int i = 0; i < 1000 && !stand.value(query).equals(expected); i++) {
            Thread.sleep(5);
        }
        assertThat(stand.value(query)).isEqualTo(expected);
    }

    @Test
    void classifiesWhatRefusesAConnection() {
        TargetConfig away =
                new TargetConfig(
                        "away",
                        new DatabaseConfig(
                                "jdbc:postgresql://localhost:1/none", "postgres", Secret.EMPTY),
                        1);
        TargetConfig unknown =
                new TargetConfig(
                        "unknown",
                        new DatabaseConfig(
                                ApplyStand.SERVER.url("no_such"), "postgres", Secret.EMPTY),
                        1);

        failure(() -> new PostgresTargets().open(away, ApplyStand.tenancy("t", null), "s"))
                .returns(Kind.RETRY_TARGET, ApplyException::kind)
                .returns(ErrorCode.TARGET_UNREACHABLE, ApplyException::code);
        failure(() -> new PostgresTargets().open(unknown, ApplyStand.tenancy("t", null), "s"))
                .returns(Kind.REJECTED, ApplyException::kind)
                .returns(ErrorCode.TARGET_NOT_READY, ApplyException::code);
    }

    /** A role without superuser, with the grants that we ask for, can do all but origins. */
    @Test
    void worksWithGrantsInsteadOfSuperuser() throws Exception {
        String role = "applier_" + stand.database;
        TargetConfig target =
                new TargetConfig(
                        "target",
                        new DatabaseConfig(
                                ApplyStand.SERVER.url(stand.database), role, Secret.EMPTY),
                        1);
        stand.execute("CREATE ROLE " + role + " LOGIN");
        failure(
                        () ->
                                new PostgresTargets()
                                        .open(target, ApplyStand.tenancy("tenant_id", null), "u"))
                .returns(ErrorCode.TARGET_NOT_READY, ApplyException::code)
                .satisfies(
                        e ->
                                assertThat(e.getMessage())
                                        .contains(
                                                "GRANT SET ON PARAMETER session_replication_role TO "
                                                        + role));
        stand.execute("GRANT SET ON PARAMETER session_replication_role TO " + role);
        stand.execute("GRANT USAGE ON SCHEMA heliosdb TO " + role);
        stand.execute(
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA heliosdb TO " + role);
        LaneBatch batch =
                stand.batch(
                        "r1",
                        stand.transaction(
                                "r1", 100, new ChangeSet().insert(item, "1", "1", "a", "1")));
        try (PostgresTargetSession session =
                new PostgresTargets()
                        .openSession(target, ApplyStand.tenancy("tenant_id", null), "u")) {
            assertThat(session.originAvailable()).isFalse();
            failure(() -> session.apply(List.of(batch)))
                    .returns(Kind.REJECTED, ApplyException::kind)
                    .returns(ErrorCode.TARGET_NOT_READY, ApplyException::code);
            stand.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON item TO " + role);
            assertThat(session.apply(List.of(batch)).rows()).isEqualTo(1);
        }
    }

    @Test
    void isBrokenWhenTheServerEndsTheSession() {
        LaneBatch batch =
                stand.batch(
                        "r1",
                        stand.transaction(
                                "r1", 100, new ChangeSet().insert(item, "1", "1", "a", "1")));
        stand.rows(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()"
                        + " AND pid <> pg_backend_pid()");

        failure(() -> stand.session.apply(List.of(batch)))
                .returns(Kind.RETRY_TARGET, ApplyException::kind);
    }

    @Test
    void refusesToContinueFromAnotherSource() {
        stand.session.apply(
                List.of(
                        stand.batch(
                                "r1",
                                stand.transaction(
                                        "r1",
                                        100,
                                        new ChangeSet().insert(item, "1", "1", "a", "1")))));

        failure(() -> stand.session.claim(ApplyStand.spec("r1"), new SourceIdentity("8", "app")))
                .returns(Kind.REJECTED, ApplyException::kind)
                .satisfies(e -> assertThat(e.getMessage()).contains("DELETE FROM"));
    }

    @Test
    void claimsReadWhatWasStored() {
        assertThat(stand.claim("r1").isNew()).isTrue();
        stand.session.apply(
                List.of(
                        stand.batch(
                                "r1",
                                stand.transaction(
                                        "r1",
                                        100,
                                        new ChangeSet().insert(item, "1", "1", "a", "1")))));
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
    }

    @Test
    void writesTheSourcesPositionAndTimeIntoTheCommit() {
        stand.session.apply(
                List.of(
                        stand.batch(
                                "r1",
                                stand.transaction(
                                        "r1",
                                        100,
                                        new ChangeSet().insert(item, "1", "1", "a", "1")))));

        assertThat(stand.session.originAvailable()).isTrue();
        assertThat(
                        stand.rows(
                                "SELECT (pg_xact_commit_timestamp_origin(item.xmin)).timestamp::text, o.roname FROM item, pg_replication_origin o"
                                        + " WHERE o.roident = (pg_xact_commit_timestamp_origin(item.xmin)).roident"))
                .containsExactly(
                        List.of(
                                "2023-11-14 22:13:20.0001+00",
                                "heliosdb_" + stand.database + "_s1"));
    }

    @Test
    void takesTheNextOriginWhileTheFirstIsInUse() throws Exception {
        try (PostgresTargetSession same = stand.open("s1")) {
            assertThat(same.originAvailable()).isTrue();
        }
        assertThat(
                        stand.value(
                                "SELECT count(*) FROM pg_replication_origin WHERE roname LIKE 'heliosdb_"
                                        + stand.database
                                        + "_s1%'"))
                .isEqualTo("2");
    }

    @Test
    void skipsRowsThatTheFirstCopyBrought() {
        ChangeSet changes =
                new ChangeSet().insert(item, "1", "1", "a", "1").insert(item, "1", "2", "b", "1");

        ApplyResult result =
                stand.session.apply(
                        List.of(
                                stand.batch(
                                        "r1",
                                        (xid, lsn, table) ->
                                                lsn == 100 && table.name().equals("item"),
                                        List.of(
                                                stand.transaction("r1", 100, changes),
                                                stand.transaction(
                                                        "r1",
                                                        200,
                                                        new ChangeSet()
                                                                .insert(
                                                                        item, "1", "3", "c",
                                                                        "1"))))));

        assertThat(result).isEqualTo(new ApplyResult(1, 0, 2));
        assertThat(stand.rows("SELECT id FROM item")).containsExactly(List.of("3"));
        assertThat(stand.value("SELECT rows_applied FROM heliosdb.replication_progress"))
                .isEqualTo("1");
    }

    private static Advance advance(String replication, long epoch, long lsn, long backlog) {
        return new Advance(
                new ReplicationId(replication),
                new Epoch(epoch),
                Position.after(new Lsn(lsn)),
                1_700_000_000_000_000L,
                backlog,
                backlog * 100);
    }

    private static ObjectAssert<ApplyException> failure(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        return assertThatThrownBy(call).asInstanceOf(type(ApplyException.class));
    }
}
