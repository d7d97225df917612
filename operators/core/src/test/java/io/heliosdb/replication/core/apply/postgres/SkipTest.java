package io.heliosdb.replication.core.apply.postgres;

import static io.heliosdb.replication.core.apply.postgres.ApplyStand.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.LaneBatch;
import io.heliosdb.replication.core.apply.SkipOrder;
import io.heliosdb.replication.model.RelationDescriptor;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Transactions that are left out by order. */
class SkipTest {

    private static final SkipOrder ORDER = new SkipOrder(100, "it's me", "row of a former test");

    private ApplyStand stand;
    private RelationDescriptor t;

    @BeforeEach
    void open() throws SQLException {
        stand = new ApplyStand("CREATE TABLE t (tenant_id int, id int PRIMARY KEY, v text)");
        t = stand.relation("public.t", 'd');
    }

    @AfterEach
    void close() throws SQLException {
        stand.close();
    }

    private LaneBatch poison() {
        return stand.batch(
                "r1",
                100,
                new ChangeSet().insert(t, "1", "5", "poison").delete(t, 'K', "1", "6", null));
    }

    @Test
    void recordsWhatIsLeftOutAndGoesOnBehindIt_R22() {
        stand.execute("INSERT INTO t VALUES (1, 5, 'there already')");
        LaneBatch batch = poison();
        failure(() -> stand.apply(batch));

        stand.session.skip(batch, ORDER);

        assertThat(
                        stand.rows(
                                "SELECT ordinal, table_name, operation, row_data->>'v', who, reason"
                                        + " FROM heliosdb.skipped ORDER BY ordinal"))
                .satisfiesExactly(
                        whole -> assertThat(whole).contains("-1", "TRANSACTION", ORDER.who()),
                        insert ->
                                assertThat(insert)
                                        .containsExactly(
                                                "0",
                                                "t",
                                                "INSERT",
                                                "poison",
                                                ORDER.who(),
                                                ORDER.reason()),
                        delete -> assertThat(delete).contains("1", "DELETE"));
        assertThat(stand.value("SELECT row_data FROM heliosdb.skipped WHERE ordinal = -1"))
                .isEqualTo("{\"changes\": 2}");
        assertThat(stand.value("SELECT v FROM t")).isEqualTo("there already");
        stand.apply("r1", 200, new ChangeSet().insert(t, "1", "7", "next"));
        assertThat(stand.value("SELECT rows_applied FROM heliosdb.replication_progress"))
                .isEqualTo("1");
    }

    @Test
    void doesItOnceAlsoIfTheAnswerWasLost() {
        LaneBatch batch = poison();
        stand.session.skip(batch, ORDER);
        stand.session.skip(batch, ORDER);
        assertThat(stand.value("SELECT count(*) FROM heliosdb.skipped")).isEqualTo("3");
    }

    @Test
    void isRefusedToWhoHasLostTheRightToWrite() {
        LaneBatch batch = poison();
        stand.claim("r1");
        failure(() -> stand.session.skip(batch, ORDER))
                .matches(e -> e.kind() == ApplyException.Kind.FENCED);
        assertThat(stand.value("SELECT count(*) FROM heliosdb.skipped")).isEqualTo("0");
    }
}
