package io.heliosdb.replication.core.apply.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.Conflict;
import io.heliosdb.replication.core.apply.TargetSession.ApplyResult;
import io.heliosdb.replication.model.ReplicationId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a transaction leaves in the target: rows, figures and marks. */
class PostgresTargetSessionTest extends TargetSessionStand {

    PostgresTargetSessionTest() {
        super(ITEMS);
    }

    @Test
    void appliesATransactionAndMovesTheProgressWithIt() {
        ApplyResult result =
                stand.apply(
                        "r1",
                        100,
                        new ChangeSet()
                                .insert(item, "1", "1", "a'\\b", null)
                                .insert(item, "1", "2", "zwei", "7")
                                .update(item, "1", "1", "eins", "3")
                                .delete(item, 'K', null, "2", null, null));

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
    void appliesAGroupAsOneTransactionAndCountsConflictsPerReplication() {
        for (int lane : new int[] {1, 2}) {
            ChangeSet rows =
                    ChangeSet.repeat(
                            20,
                            (set, i) ->
                                    set.insert(
                                            item,
                                            "" + lane,
                                            "" + (lane * 100 + i),
                                            lane + "n" + i,
                                            "1"));
            stand.apply("r" + lane, 100, rows);
        }
        stand.execute("DELETE FROM item WHERE id IN (103, 201, 202)");
        ChangeSet one =
                ChangeSet.repeat(
                        20, (set, i) -> set.update(item, "1", "" + (100 + i), "1n" + i, "2"));
        ChangeSet two =
                ChangeSet.repeat(
                        20,
                        (set, i) ->
                                set.delete(item, 'K', null, "" + (200 + i), null, null)
                                        .insert(item, "2", "" + (300 + i), "2x" + i, "3"));

        ApplyResult result = stand.apply(stand.batch("r2", 200, two), stand.batch("r1", 200, one));

        assertThat(result.rows()).isEqualTo(60);
        assertThat(result.conflicts()).isEqualTo(3);
        assertThat(result.conflictsOf())
                .isEqualTo(Map.of(new ReplicationId("r1"), 1L, new ReplicationId("r2"), 2L));
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
                stand.apply(
                        "r1",
                        100,
                        new ChangeSet()
                                .update(item, "1", "5", "no", "1")
                                .delete(item, 'K', null, "6", null, null));

        assertThat(result.conflicts()).isEqualTo(2);
        assertThat(stand.value("SELECT conflicts FROM heliosdb.replication_progress"))
                .isEqualTo("2");
        assertThat(result.found())
                .extracting(it -> it.type() + " " + it.position() + " " + it.table())
                .containsExactly(
                        "UPDATE_MISSING 0/64:0 public.item", "DELETE_MISSING 0/64:1 public.item");
        assertThat(result.found().get(0).row()).contains("\"no\"");
    }

    @Test
    void tellsHowManyRowsOfASetWereMissing() {
        ChangeSet changes = new ChangeSet();
        for (int i = 0; i < 40; i++) {
            changes.update(item, "1", String.valueOf(1_000 + i), "no", "1");
        }

        ApplyResult result = stand.apply("r1", 100, changes);

        assertThat(result.conflicts()).isEqualTo(40);
        assertThat(result.found())
                .singleElement()
                .returns("0/64", Conflict::position)
                .returns(Conflict.Type.UPDATE_MISSING, Conflict::type)
                .returns("40 of 40 rows are not in the target", Conflict::reason)
                .returns(null, Conflict::row);
    }

    @Test
    void skipsRowsThatTheFirstCopyBrought() {
        ChangeSet changes =
                new ChangeSet().insert(item, "1", "1", "a", "1").insert(item, "1", "2", "b", "1");

        ApplyResult result =
                stand.apply(
                        stand.batch(
                                "r1",
                                (xid, lsn, table, from, to) ->
                                        lsn == 100 && table.name().equals("item"),
                                List.of(
                                        stand.transaction("r1", 100, changes),
                                        stand.transaction(
                                                "r1",
                                                200,
                                                new ChangeSet()
                                                        .insert(item, "1", "3", "c", "1")))));

        assertThat(result).isEqualTo(new ApplyResult(1, 0, 2));
        assertThat(stand.rows("SELECT id FROM item")).containsExactly(List.of("3"));
        assertThat(stand.value("SELECT rows_applied FROM heliosdb.replication_progress"))
                .isEqualTo("1");
    }

    @Test
    void looksAtTheCatalogAgainWhenTheTableHasChanged() {
        for (int round = 0; round < 3; round++) {
            long lsn = 100 + round;
            String id = "" + (round == 0 ? 1 : 5_000_000_000L + round);
            stand.apply("r1", lsn, new ChangeSet().insert(item, "1", "" + round, "n" + round, id));
            if (round == 0) {
                stand.execute("ALTER TABLE item ALTER COLUMN qty TYPE bigint");
            }
        }
        assertThat(stand.value("SELECT max(qty) FROM item")).isEqualTo("5000000002");
        assertThat(stand.value("SELECT count(*) FROM heliosdb.quarantine")).isEqualTo("0");
    }

    @Test
    void writesTheSourcesPositionAndTimeIntoTheCommit() {
        stand.apply("r1", 100, new ChangeSet().insert(item, "1", "1", "a", "1"));

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
}
