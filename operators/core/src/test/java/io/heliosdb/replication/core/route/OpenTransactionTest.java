package io.heliosdb.replication.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.ReplicationRule;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.TenancyConfig;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a source transaction collects for all replications together is bounded. */
class OpenTransactionTest {

    private static final int ORDERS = 100;
    private static final int PART_BYTES = 200;
    private static final int COLLECTED_BYTES = 2000;
    private static final int TENANTS = 40;

    private final WalScript wal = new WalScript();
    private final Recorder output = new Recorder();
    private final Router router =
            new Router(
                    new Tenancy(new TenancyConfig("tenant_id", Map.of(), "shop_(.+)", Set.of())),
                    PART_BYTES,
                    COLLECTED_BYTES,
                    SourceAccess.NONE,
                    output);

    OpenTransactionTest() {
        router.rules(IntStream.range(0, TENANTS).mapToObj(OpenTransactionTest::rule).toList());
        router.route(wal.relation(ORDERS, "public", "orders", "*id", "*tenant_id").commit(10));
        output.transactions.clear();
    }

    private static ReplicationRule rule(int tenant) {
        return new ReplicationRule(
                "r" + tenant,
                "t" + tenant,
                "main",
                new TableFilter(List.of(), List.of()),
                Tier.STANDARD,
                50,
                false,
                ExistingRows.FAIL);
    }

    private void insertForEach(int rows) {
        for (int tenant = 1; tenant < TENANTS; tenant++) {
            for (int row = 0; row < rows; row++) {
                wal.insert(ORDERS, "1", "t" + tenant);
            }
        }
    }

    @Test
    void theBoundOverAllHoldsAfterManyPartsOfOneTenant() {
        for (int row = 0; row < 1000; row++) {
            wal.insert(ORDERS, "1", "t0");
            wal.update(ORDERS, "1", "t0");
            wal.delete(ORDERS, "1", "t0");
        }
        insertForEach(4);
        router.route(wal.chunk(20, false));
        assertThat(output.of("r1"))
                .as("4 rows of 39 tenants are more than the limit")
                .containsExactly("20.0 I(1,t1) I(1,t1) I(1,t1) I(1,t1)");
    }

    @Test
    void whatStaysBelowTheBoundWaitsForTheCommit() {
        insertForEach(2);
        router.route(wal.chunk(20, false));
        assertThat(output.transactions).isEmpty();
        insertForEach(2);
        router.route(wal.chunk(20, false));
        assertThat(output.of("r1")).containsExactly("20.0 I(1,t1) I(1,t1) I(1,t1) I(1,t1)");
    }

    @Test
    void truncatesCount() {
        for (int i = 0; i < 15; i++) {
            wal.truncate(ORDERS);
        }
        router.route(wal.chunk(20, false));
        assertThat(output.of("r1")).containsExactly("20.0" + " T".repeat(15));
    }
}
