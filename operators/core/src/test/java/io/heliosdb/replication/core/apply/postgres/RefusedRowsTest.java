package io.heliosdb.replication.core.apply.postgres;

import static io.heliosdb.replication.core.apply.postgres.ApplyStand.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.ApplyException.Kind;
import io.heliosdb.replication.core.apply.LaneBatch;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.TableId;
import java.util.List;
import org.assertj.core.api.ObjectAssert;
import org.junit.jupiter.api.Test;

/** Rows and tables that the target does not take: nothing is applied, and it is said why. */
class RefusedRowsTest extends TargetSessionStand {

    RefusedRowsTest() {
        super(ITEMS);
    }

    @Test
    void quarantinesTheRowThatCannotBeAppliedAndAppliesNothing() {
        ChangeSet changes =
                ChangeSet.repeat(
                        300,
                        (set, i) -> set.insert(item, "1", "" + i, "n" + i, i == 250 ? "-1" : "1"));

        ObjectAssert<ApplyException> failure = failure(() -> stand.apply("r1", 100, changes));

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
        LaneBatch good = stand.batch("r1", 100, new ChangeSet().insert(item, "1", "1", "a", "1"));
        LaneBatch bad = stand.batch("r2", 100, new ChangeSet().insert(item, "2", "2", "a", "1"));

        failure(() -> stand.apply(good, bad))
                .returns(Kind.SPLIT_GROUP, ApplyException::kind)
                .returns("23505", ApplyException::sqlState);
        assertThat(stand.apply(good).rows()).isEqualTo(1);
        failure(() -> stand.apply(bad)).returns(ErrorCode.ROW_REJECTED, ApplyException::code);
        assertThat(stand.rows("SELECT id FROM item")).containsExactly(List.of("1"));
    }

    @Test
    void neverCutsAValueThatIsTooLong() {
        for (int count : new int[] {1, 50, 300}) {
            ChangeSet changes =
                    ChangeSet.repeat(
                            count,
                            (set, i) ->
                                    set.insert(
                                            item,
                                            "1",
                                            "" + i,
                                            i == 0 ? "elevenchars" : "n" + i,
                                            "1"));
            failure(() -> stand.apply("r1", 100, changes))
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

        failure(() -> stand.apply("r1", 100, new ChangeSet().insert(wider, "1", "2")))
                .returns(ErrorCode.TARGET_INCOMPATIBLE, ApplyException::code)
                .satisfies(
                        e ->
                                assertThat(e.getMessage())
                                        .contains(
                                                "ALTER TABLE \"public\".\"item\" ADD COLUMN \"price\" numeric(12,2)"));
        failure(() -> stand.apply("r1", 100, new ChangeSet().insert(other, "1", "2")))
                .satisfies(
                        e ->
                                assertThat(e.getMessage())
                                        .contains(
                                                "CREATE TABLE \"public\".\"Order\" (\"id\" bigint, \"price\" numeric(12,2), PRIMARY KEY (\"id\"))"));
        stand.execute("ALTER TABLE item ADD COLUMN price numeric(12,2)");
        assertThat(stand.apply("r1", 100, new ChangeSet().insert(wider, "1", "2")).rows())
                .isEqualTo(1);
    }
}
