package io.heliosdb.replication.core.apply.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.LaneBatch;
import io.heliosdb.replication.core.apply.SkippedTables;
import io.heliosdb.replication.core.apply.TargetSession.ApplyResult;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.TenantTransaction;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whatever tenants write and however it is grouped, the target ends as a twin does in which the
 * same changes were made by plain SQL, one after the other.
 */
class ApplyEqualityTest {

    private static final int TENANTS = 4;

    @ParameterizedTest(name = "{0}, seed {2}")
    @CsvSource({
        "'PRIMARY KEY (tenant_id, id)', d, 1, true",
        "'PRIMARY KEY (tenant_id, id)', d, 2, true",
        "'PRIMARY KEY (id, tenant_id), UNIQUE (code)', d, 3, true",
        "'PRIMARY KEY (tenant_id, id)', f, 4, true",
        "'UNIQUE (tenant_id, id)', f, 5, true",
        "'CHECK (true)', f, 6, false",
        "'CHECK (true)', f, 7, false",
    })
    void endsAsTheSameChangesMadeByPlainSql(
            String constraint, char identity, long seed, boolean keyed) throws Exception {
        try (ApplyStand stand =
                new ApplyStand(
                        "CREATE TABLE item (" + RandomTenant.COLUMNS + ", " + constraint + ")",
                        "CREATE TABLE twin (LIKE item INCLUDING ALL)")) {
            RelationDescriptor item = stand.relation("item", identity);
            Random random = new Random(seed);
            List<RandomTenant> tenants = new ArrayList<>();
            for (int i = 1; i <= TENANTS; i++) {
                tenants.add(new RandomTenant(random, item, "" + i, keyed));
            }
            // unique values that wander from row to row need the order of the source
            boolean mayFail = constraint.contains("(code)");
            long lsn = 100;
            for (int round = 0; round < 40; round++) {
                List<LaneBatch> group = new ArrayList<>();
                long rows = 0;
                for (int i = 1; i <= TENANTS; i++) {
                    if (random.nextBoolean()) {
                        List<TenantTransaction> transactions = new ArrayList<>();
                        int count = 1 + random.nextInt(4);
                        for (int t = 0; t < count; t++) {
                            int size = 1 + random.nextInt(random.nextInt(5) == 0 ? 250 : 12);
                            ChangeSet changes = tenants.get(i - 1).transaction(size);
                            executeAll(stand, tenants.get(i - 1).statements);
                            transactions.add(stand.transaction("r" + i, lsn++, changes));
                            rows += changes.rows();
                        }
                        group.add(stand.batch("r" + i, SkippedTables.NONE, transactions));
                    }
                }
                ApplyResult result = mayFail ? oneByOne(stand, group) : stand.session.apply(group);
                assertThat(result).isEqualTo(new ApplyResult(rows, 0, 0));
            }

            assertThat(stand.session.replays() > 0).isEqualTo(mayFail);
            String all =
                    "SELECT tenant_id, id, code, name, note, amount, data FROM %s x ORDER BY x::text";
            assertThat(stand.rows(all.formatted("item")))
                    .hasSizeGreaterThan(20)
                    .isEqualTo(stand.rows(all.formatted("twin")));
        }
    }

    /** As the engine does: a group that must be split is applied one by one. */
    private static ApplyResult oneByOne(ApplyStand stand, List<LaneBatch> group) {
        try {
            return stand.session.apply(group);
        } catch (ApplyException e) {
            assertThat(e.kind()).isEqualTo(ApplyException.Kind.SPLIT_GROUP);
            ApplyResult sum = new ApplyResult(0, 0, 0);
            for (LaneBatch batch : group) {
                sum = sum.plus(stand.session.apply(List.of(batch)));
            }
            return sum;
        }
    }

    private static void executeAll(ApplyStand stand, List<String> statements) throws SQLException {
        try (Statement batch = stand.sql.createStatement()) {
            for (String statement : statements) {
                batch.addBatch(statement);
            }
            batch.executeBatch();
        }
    }
}
