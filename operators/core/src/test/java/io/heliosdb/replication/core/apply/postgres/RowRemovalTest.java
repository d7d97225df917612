package io.heliosdb.replication.core.apply.postgres;

import static io.heliosdb.replication.core.apply.postgres.ApplyStand.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.core.apply.ClaimRequest;
import io.heliosdb.replication.core.apply.Removal;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.testkit.Await;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A tenant leaves a target, and may come back before that is done. */
class RowRemovalTest {

    private static final String LAST_YEAR = "now() - interval '1 year'";
    private static final String SINCE = "now() + interval '1 second'";

    private ApplyStand stand;

    @BeforeEach
    void open() throws Exception {
        stand =
                new ApplyStand(
                        "CREATE TABLE item (tenant_id int, id int PRIMARY KEY)",
                        "CREATE TABLE local (tenant_id int, id int PRIMARY KEY)",
                        "CREATE TABLE detail (tenant_id int, item int REFERENCES item)",
                        "INSERT INTO item SELECT g % 2, g FROM generate_series(1, 10) g",
                        "INSERT INTO detail SELECT tenant_id, id FROM item",
                        "INSERT INTO local SELECT tenant_id, id FROM item");
        claim("r1");
        copied("r1", "item", "now()");
        copied("r1", "gone", "now()");
        stand.execute("INSERT INTO heliosdb.copy_mark VALUES ('r1', 'public', 'detail')");
    }

    @AfterEach
    void close() throws Exception {
        stand.close();
    }

    private Claim claim(String id, String... tables) {
        ReplicationSpec spec = spec(id, tables);
        return stand.session.claim(new ClaimRequest(spec, ApplyStand.SOURCE, null, spec.tables()));
    }

    private void copied(String id, String table, String at) {
        stand.execute(
                "INSERT INTO heliosdb.table_sync VALUES ('%s', 'public', '%s', '1:1:', '0/1', 1, 1, %s)"
                        .formatted(id, table, at));
    }

    private void ends(String id, Claim claim) {
        stand.session.release(new ReplicationId(id), claim.epoch());
    }

    private Removal remove(String id) {
        return stand.session.removeRows(spec(id));
    }

    private static Removal done(int rows) {
        return new Removal(rows, Optional.empty());
    }

    private static Removal waits(int rows, String other) {
        return new Removal(rows, Optional.of(other));
    }

    private static ReplicationSpec spec(String id, String... tables) {
        return spec(new ReplicationId(id), "1", tables);
    }

    private static ReplicationSpec spec(ReplicationId id, String tenant, String... tables) {
        return new ReplicationSpec(
                id,
                new TenantId(tenant),
                "main",
                new TableFilter(List.of(tables), List.of()),
                Tier.STANDARD,
                50,
                false,
                ExistingRows.FAIL);
    }

    private static void refuses(ThrowingCallable call, ApplyException.Kind kind, String reason) {
        failure(call)
                .satisfies(
                        e -> {
                            assertThat(e).hasMessageContaining(reason);
                            assertThat(e.kind()).isEqualTo(kind);
                        });
    }

    /** Rows of the tenant and of others, by table; what is on record. */
    private String left() {
        return stand.value(
                "SELECT concat_ws(' ',"
                        + " 'item', (SELECT count(*) FILTER (WHERE tenant_id = 1) || '+' ||"
                        + " count(*) FILTER (WHERE tenant_id = 0) FROM item),"
                        + " 'detail', (SELECT count(*) FILTER (WHERE tenant_id = 1) || '+' ||"
                        + " count(*) FILTER (WHERE tenant_id = 0) FROM detail),"
                        + " 'local', (SELECT count(*) FROM local),"
                        + " (SELECT string_agg(replication_id || ':' || relation, ',' ORDER BY 1)"
                        + " FROM heliosdb.removal_due))");
    }

    @Test
    void takesItsRowsOutOfReplicatedTablesAndNobodyElses() {
        assertThat(remove("r1")).isEqualTo(done(10));
        assertThat(left()).isEqualTo("item 0+5 detail 0+5 local 10");
        assertThat(remove("r1")).as("again, without harm").isEqualTo(done(0));
        assertThat(left()).isEqualTo("item 0+5 detail 0+5 local 10");
        assertThat(stand.rows("SELECT * FROM heliosdb.replication_progress")).isEmpty();
    }

    @Test
    void whatAnotherMayYetCopyWaitsUntilItHasEndedWhoeverOfBothEndsWithItsRows() {
        for (boolean secondGoesWithItsRows : new boolean[] {false, true}) {
            Claim second = claim("r2");
            assertThat(remove("r1")).isEqualTo(waits(0, "r2"));
            assertThat(remove("r1")).as("again, without harm").isEqualTo(waits(0, "r2"));
            assertThat(left()).endsWith("r1:detail,r1:item");
            ends("r2", second);
            assertThat(remove(secondGoesWithItsRows ? "r2" : "r1")).isEqualTo(done(10));
            assertThat(left()).isEqualTo("item 0+5 detail 0+5 local 10");
            assertThat(remove("r1")).isEqualTo(done(0));
            stand.execute(
                    "INSERT INTO item SELECT 1, g FROM generate_series(1, 10, 2) g;"
                            + " INSERT INTO detail SELECT 1, g FROM generate_series(1, 10, 2) g");
            claim("r1");
            copied("r1", "item", "now()");
            copied("r1", "detail", "now()");
        }
    }

    @Test
    void whatAnotherHasCopiedSinceIsItsOwnAndWhatItDoesNotCarryGoesAtOnce() {
        Claim second = claim("r2", "public.item");
        assertThat(remove("r1")).isEqualTo(waits(5, "r2"));
        assertThat(left()).isEqualTo("item 5+5 detail 0+5 local 10 r1:item");
        copied("r2", "item", SINCE);
        assertThat(remove("r1")).isEqualTo(done(0));
        assertThat(left()).isEqualTo("item 5+5 detail 0+5 local 10");
        ends("r2", second);
        assertThat(remove("r1")).isEqualTo(done(0));
        assertThat(left()).isEqualTo("item 5+5 detail 0+5 local 10");
    }

    @Test
    void rowsOfOneThatHasStoppedAndMayGoOnStay() {
        Claim second = claim("r2");
        stand.execute(
                "INSERT INTO heliosdb.copy_mark VALUES ('r2', 'public', 'item', " + SINCE + ")");
        ends("r2", second);
        assertThat(remove("r1")).isEqualTo(done(5));
        assertThat(left()).isEqualTo("item 5+5 detail 0+5 local 10");
        claim("r2");
    }

    @Test
    void whoLeftItsRowsBeforeDoesNotKeepThoseThatReplacedThem() {
        ends("r0", claim("r0"));
        copied("r0", "item", LAST_YEAR);
        assertThat(remove("r1")).isEqualTo(done(10));
    }

    @Test
    void twoThatEndAtOnceNeedNotWaitForEachOther() {
        Claim second = claim("r2");
        copied("r2", "item", SINCE);
        assertThat(remove("r2")).as("the first is still at work").isEqualTo(waits(0, "r1"));
        assertThat(remove("r1")).isEqualTo(done(10));
        assertThat(remove("r2")).isEqualTo(done(0));
        assertThat(second.epoch().value()).isOne();
    }

    @Test
    void whoHasEndedIsNotClaimedAgainByALaneOfACheckpointBefore() {
        Claim second = claim("r2");
        remove("r1");
        refuses(() -> claim("r1"), ApplyException.Kind.REJECTED, "has ended");
        ends("r2", second);
        assertThat(remove("r1")).isEqualTo(done(10));
    }

    @Test
    void nobodyIsClaimedWhileRowsOfItsTenantAreBeingRemoved() throws Exception {
        try (Connection removing = ApplyStand.SERVER.connect(stand.database);
                Statement statement = removing.createStatement()) {
            removing.setAutoCommit(false);
            statement.execute(RemovalSql.EXCLUDE.replace("?", "'1'"));
            refuses(() -> claim("r2"), ApplyException.Kind.RETRY_LANE, "being removed");
            stand.session.claim(spec(new ReplicationId("other"), "0"), ApplyStand.SOURCE);
            removing.rollback();
        }
        claim("r2");
    }

    @Test
    void waitsForWhatTheReplicationHasStillOnItsWay() throws Exception {
        try (Connection late = ApplyStand.SERVER.connect(stand.database);
                Statement statement = late.createStatement()) {
            late.setAutoCommit(false);
            statement.execute(
                    "UPDATE heliosdb.replication_progress SET ordinal = 1 WHERE replication_id = 'r1'");
            CompletableFuture<Removal> removal = CompletableFuture.supplyAsync(() -> remove("r1"));
            Await.until(
                    "it waits",
                    () ->
                            stand.value("SELECT count(*) FROM pg_locks WHERE NOT granted")
                                    .equals("1"));
            statement.execute("INSERT INTO item VALUES (1, 100)");
            statement.execute("INSERT INTO heliosdb.copy_mark VALUES ('r1', 'public', 'local')");
            late.commit();
            assertThat(removal.get(10, TimeUnit.SECONDS)).isEqualTo(done(16));
        }
    }

    @Test
    void tablesOfTheStreamAreThoseThatItHadComeTo() {
        stand.execute("CREATE TABLE streamed (tenant_id int); INSERT INTO streamed VALUES (1)");
        stand.execute("CREATE TABLE later (tenant_id int); INSERT INTO later VALUES (1)");
        stand.execute(
                "INSERT INTO heliosdb.ddl_shape SELECT '"
                        + ApplyStand.SOURCE
                        + "', 'public', t, l::pg_lsn, 0, '{}'"
                        + " FROM (VALUES ('streamed', '0/10'), ('later', '0/30')) v (t, l)");
        stand.execute("UPDATE heliosdb.replication_progress SET commit_lsn = '0/20'");
        claim("r2");
        stand.execute(
                "UPDATE heliosdb.replication_progress SET commit_lsn = '0/40' WHERE replication_id = 'r2'");
        assertThat(remove("r1")).isEqualTo(waits(0, "r2"));
        assertThat(left()).endsWith(" r1:detail,r1:item,r1:streamed");
    }

    @Test
    void followsTablesThatAreRenamedOrDroppedMeanwhile() {
        Claim second = claim("r2");
        remove("r1");
        ends("r2", second);
        stand.execute("ALTER TABLE item RENAME TO thing");
        stand.execute("DROP TABLE detail");
        assertThat(remove("r1")).isEqualTo(done(5));
        assertThat(stand.value("SELECT count(*) FROM thing")).isEqualTo("5");
        assertThat(stand.rows("SELECT * FROM heliosdb.removal_due")).isEmpty();
    }

    @Test
    void takesNoRowsWhoseKeyOnlyLooksLikeTheTenant() {
        stand.execute("CREATE TABLE short (tenant_id varchar(3), id int)");
        stand.execute("INSERT INTO short VALUES ('abc', 1), ('xyz', 2)");
        stand.execute("CREATE TABLE parent (tenant_id text)");
        stand.execute("CREATE TABLE child () INHERITS (parent)");
        stand.execute("INSERT INTO child VALUES ('abcdef')");
        ReplicationSpec longer = spec(new ReplicationId("r3"), "abcdef");
        stand.session.claim(longer, ApplyStand.SOURCE);
        for (String table : List.of("short", "parent", "item")) {
            copied("r3", table, "now()");
        }
        assertThat(stand.session.removeRows(longer)).isEqualTo(done(0));
        assertThat(stand.value("SELECT count(*) FROM short")).isEqualTo("2");
        assertThat(stand.value("SELECT count(*) FROM parent")).isEqualTo("1");
        assertThat(left()).startsWith("item 5+5");
    }
}
