package io.heliosdb.replication.core.snapshot.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.TableFilter;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a first copy does with rows and tables that stand in its way. */
class SyncRefusalsTest {

    private CopyStand stand;

    @BeforeEach
    void open() throws Exception {
        stand = new CopyStand();
    }

    @AfterEach
    void close() throws Exception {
        stand.close();
    }

    @Test
    void rowsThatAreThereAreAnErrorThatChangesNothing() throws Exception {
        stand.createShop();
        stand.publishAll();
        stand.copy("b");
        stand.onTarget("INSERT INTO orders VALUES ('a', 1000, 'of the user')");

        stand.copy("a", "c");

        ApplyException failure = stand.heard.failed.get(CopyStand.id("a"));
        assertThat(failure.kind()).isEqualTo(ApplyException.Kind.REJECTED);
        assertThat(failure.code()).isEqualTo(ErrorCode.TARGET_NOT_READY);
        assertThat(failure).hasMessageContaining("public.orders already holds 1 rows of tenant a");
        assertThat(stand.heard.finished).containsKey(CopyStand.id("c"));
        assertThat(stand.targetNumber("SELECT count(*) FROM items WHERE tenant_id = 'a'")).isZero();
        assertThat(stand.targetRows("SELECT note FROM orders WHERE tenant_id = 'a'"))
                .containsExactly("of the user");
    }

    @Test
    void rowsThatAreThereAreReplacedIfAskedFor() throws Exception {
        stand.createShop();
        stand.publishAll();
        stand.copy("b");
        stand.onTarget("INSERT INTO orders VALUES ('a', 1000, 'of the user')");

        stand.start(stand.request("a", TableFilter.ALL, ExistingRows.REPLACE, Set.of()));
        stand.awaitEnd("a");

        assertThat(stand.heard.failed).isEmpty();
        stand.assertSame("orders", "tenant_id IN ('a', 'b')");
    }

    @Test
    void anIncompatibleTableFailsOnlyThoseThatCarryIt() throws Exception {
        stand.createShop();
        stand.publishAll();
        stand.onTarget("CREATE TABLE items (tenant_id text, id int)");

        stand.start(
                stand.request("a"),
                stand.request(
                        "b",
                        new TableFilter(List.of(), List.of("items")),
                        ExistingRows.FAIL,
                        Set.of()));
        stand.awaitEnd("a", "b");

        assertThat(stand.heard.failed).containsOnlyKeys(CopyStand.id("a"));
        assertThat(stand.heard.failed.get(CopyStand.id("a")).code())
                .isEqualTo(ErrorCode.TARGET_INCOMPATIBLE);
        stand.assertSame("orders", "tenant_id = 'b'");
    }

    @Test
    void oneTenantsBadRowFailsThatTenantAlone() throws Exception {
        stand.createShop();
        stand.onSource("UPDATE items SET note = 'bad' WHERE tenant_id = 'b' AND id = 17");
        stand.publishAll();
        stand.onTarget(
                "CREATE TABLE orders (tenant_id text, id int, note text)",
                "CREATE TABLE items (tenant_id text, order_id int, id int, note text"
                        + " CHECK (note <> 'bad'))");

        stand.copy("a", "b", "c");

        assertThat(stand.heard.failed).containsOnlyKeys(CopyStand.id("b"));
        assertThat(stand.heard.failed.get(CopyStand.id("b")))
                .hasMessageContaining("items")
                .hasMessageNotContaining("17")
                .extracting(ApplyException::code)
                .isEqualTo(ErrorCode.ROW_REJECTED);
        stand.assertSame("items", "tenant_id IN ('a', 'c')");
    }

    /** It was copied or streamed there before, and the lane that removes it is behind. */
    @Test
    void aRowThatAnotherTenantIsAboutToLeaveIsWaitedFor_R11() throws Exception {
        stand.onSource(
                "CREATE TABLE items (id int PRIMARY KEY, tenant_id text)",
                "INSERT INTO items SELECT g, 'a' FROM generate_series(1, 50) g");
        stand.publishAll();
        stand.onTarget(
                "CREATE TABLE items (id int PRIMARY KEY, tenant_id text)",
                "INSERT INTO items VALUES (7, 'b')",
                "CREATE SEQUENCE attempts",
                "CREATE FUNCTION count_attempt() RETURNS trigger LANGUAGE plpgsql AS"
                        + " 'BEGIN PERFORM nextval(''public.attempts''); RETURN NULL; END'",
                "CREATE TRIGGER attempt BEFORE INSERT ON items EXECUTE FUNCTION count_attempt()",
                "ALTER TABLE items ENABLE ALWAYS TRIGGER attempt");
        stand.start(stand.request("a"));
        CopyStand.await(
                "attempts", () -> stand.targetNumber("SELECT last_value FROM attempts") > 2);
        assertThat(stand.heard.failed).isEmpty();

        stand.onTarget("DELETE FROM items WHERE id = 7");
        stand.awaitEnd("a");

        assertThat(stand.heard.failed).isEmpty();
        stand.assertSame("items", null);
    }

    @Test
    void aReplicationWithoutAnyTableIsAnError() throws Exception {
        stand.onSource("CREATE TABLE t (id int)");
        stand.publishAll();

        stand.copy("a");

        assertThat(stand.heard.failed.get(CopyStand.id("a")).code())
                .isEqualTo(ErrorCode.TABLE_NOT_ROUTABLE);
    }

    @Test
    void aMissingPublicationIsAnError() throws Exception {
        stand.copy("a");

        assertThat(stand.heard.failed.get(CopyStand.id("a")).code())
                .isEqualTo(ErrorCode.SOURCE_NOT_READY);
    }
}
