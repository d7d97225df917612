package io.heliosdb.replication.core.verify.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.verify.Outcome;
import io.heliosdb.replication.core.verify.ReplicationResult;
import io.heliosdb.replication.core.verify.TableResult;
import io.heliosdb.replication.core.verify.VerifyReport;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** R29, with both ends at rest: every kind of difference is found and named. */
class VerifierTest {

    private static final String ROWS =
            """
            CREATE TABLE t (id int, tenant_id text, name text, amount numeric, ratio float8,
                ok bool, raw bytea, doc jsonb, code char(5), at timestamptz,
                total numeric GENERATED ALWAYS AS (amount * 2) STORED, PRIMARY KEY (id, tenant_id))
            """;
    private static final String FILL =
            """
            INSERT INTO t SELECT i, (i % 3 + 1)::text, 'name ' || i, i * 1.10, i / 3.0, i % 2 = 0,
                decode(lpad(to_hex(i), 8, '0'), 'hex'), jsonb_build_object('n', i), 'c' || i % 7,
                '2024-01-01Z'::timestamptz + i * interval '1 second'
            FROM generate_series(1, 3000) i
            """;

    private static final String LSN = "SELECT pg_current_wal_lsn()";

    private final Stand stand = new Stand();

    @AfterEach
    void leavesNothingBehind() throws Exception {
        stand.close();
    }

    private TableResult only(VerifyReport report) {
        assertThat(report.replications()).hasSize(1);
        assertThat(report.replications().get(0).tables()).hasSize(1);
        return report.replications().get(0).tables().get(0);
    }

    private VerifyReport verifyAfter(String... targetStatements) throws Exception {
        stand.both(ROWS, FILL);
        stand.targetServer.execute(stand.target, targetStatements);
        stand.replicate("1");
        stand.job(stand.slot, "1");
        stand.startHeart();
        return stand.verify("1");
    }

    @Test
    void findsEqualRowsEqual() throws Exception {
        VerifyReport report = verifyAfter();

        TableResult table = only(report);
        assertThat(report.verdict()).isEqualTo(Outcome.EQUAL);
        assertThat(table.sourceRows()).isEqualTo(1000);
        assertThat(table.targetRows()).isEqualTo(1000);
        assertThat(table.notes()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "UPDATE t SET name = 'name 29' WHERE id = 30         | name",
                "UPDATE t SET name = NULL WHERE id = 30              | name",
                "UPDATE t SET name = '' WHERE id = 30                | name",
                "UPDATE t SET name = concat(name, ' ') WHERE id=30  | name",
                "UPDATE t SET amount = 33.0 WHERE id = 30            | amount, total",
                "UPDATE t SET ratio = 10.000000000000002 WHERE id=30 | ratio",
                "UPDATE t SET ok = false WHERE id = 30               | ok",
                "UPDATE t SET raw = '\\x0000001f' WHERE id = 30      | raw",
                "UPDATE t SET doc = '{\"n\": 30.0}' WHERE id = 30    | doc",
                "UPDATE t SET doc = 'null' WHERE id = 30             | doc",
                "UPDATE t SET code = NULL WHERE id = 30              | code",
                "UPDATE t SET at = at + interval '1us' WHERE id = 30 | at"
            })
    void namesKeyAndColumnOfADifferentRow(String change, String columns) throws Exception {
        TableResult table = only(verifyAfter(change));

        assertThat(table.outcome()).isEqualTo(Outcome.DIFFERENT);
        assertThat(table.differences())
                .hasToString("[different: id=30, tenant_id=1 in " + columns + "]");
        assertThat(table.moreDifferences()).isFalse();
    }

    @Test
    void tellsNullFromTheEmptyString() throws Exception {
        stand.both(ROWS, "INSERT INTO t (id, tenant_id, name) VALUES (1, '1', NULL)");
        stand.targetServer.execute(stand.target, "UPDATE t SET name = ''");
        stand.replicate("1").job(stand.slot, "1");
        stand.startHeart();

        assertThat(only(stand.verify("1")).differences())
                .hasToString("[different: id=1, tenant_id=1 in name]");
    }

    @Test
    void namesMissingAndExtraRows() throws Exception {
        TableResult table =
                only(
                        verifyAfter(
                                "DELETE FROM t WHERE id IN (3, 300)",
                                "INSERT INTO t (id, tenant_id) VALUES (90000, '1')"));

        assertThat(table.differences())
                .hasToString(
                        "[missing in target: id=3, tenant_id=1, missing in target: id=300,"
                                + " tenant_id=1, extra in target: id=90000, tenant_id=1]");
        assertThat(table.targetRows()).isEqualTo(999);
    }

    @Test
    void namesTheFirstOfManyDifferences() throws Exception {
        TableResult table = only(verifyAfter("UPDATE t SET ok = NULL"));

        assertThat(table.differences()).hasSize(20);
        assertThat(table.moreDifferences()).isTrue();
        assertThat(table.differences().get(0)).hasToString("different: id=3, tenant_id=1 in ok");
    }

    @Test
    void findsTwoRowsThatSwappedTheirContent() throws Exception {
        TableResult table =
                only(
                        verifyAfter(
                                "UPDATE t SET name = CASE id WHEN 3 THEN 'name 6' ELSE 'name 3'"
                                        + " END WHERE id IN (3, 6)"));

        assertThat(table.differences())
                .hasToString(
                        "[different: id=3, tenant_id=1 in name, different: id=6, tenant_id=1 in"
                                + " name]");
    }

    @Test
    void ignoresOtherTenantsAndCollations() throws Exception {
        stand.both(ROWS, FILL);
        stand.targetServer.execute(
                stand.target,
                "ALTER TABLE t ALTER name TYPE text COLLATE \"C\"",
                "UPDATE t SET name = 'x' WHERE tenant_id = '2'");
        stand.replicate("1").job(stand.slot, "1");
        stand.startHeart();

        assertThat(stand.verify("1").verdict()).isEqualTo(Outcome.EQUAL);
    }

    @Test
    void countsDuplicatesInTablesWithoutKey() throws Exception {
        stand.both(
                "CREATE TABLE log (tenant_id text, line text)",
                "ALTER TABLE log REPLICA IDENTITY FULL",
                "INSERT INTO log SELECT '1', 'line ' || i % 5 FROM generate_series(1, 50) i",
                "INSERT INTO log VALUES ('1', NULL), ('1', NULL), ('1', '')");
        stand.targetServer.execute(
                stand.target,
                "DELETE FROM log WHERE ctid = (SELECT ctid FROM log WHERE line = 'line 1' LIMIT 1)",
                "DELETE FROM log WHERE ctid = (SELECT max(ctid) FROM log WHERE line IS NULL)",
                "INSERT INTO log VALUES ('1', '')");
        stand.replicate("1").job(stand.slot, "1");
        stand.startHeart();

        TableResult table = only(stand.verify("1"));
        assertThat(table.sourceRows()).isEqualTo(53);
        assertThat(table.targetRows()).isEqualTo(52);
        assertThat(table.differences().stream().map(each -> each.kind().name()))
                .containsExactly("MISSING_IN_TARGET", "MISSING_IN_TARGET", "EXTRA_IN_TARGET");
    }

    @Test
    void reportsRowsOfTenantsThatAreNotReplicated() throws Exception {
        stand.both(ROWS, FILL);
        stand.replicate("1", "2").job(stand.slot, "1", "2");
        stand.startHeart();

        VerifyReport report = stand.verify();

        assertThat(report.foreignRows())
                .hasToString(
                        "[ForeignRows[target=target, table=public.t, tenants=1, rows=1000,"
                                + " exampleTenant=3]]");
        assertThat(report.verdict()).isEqualTo(Outcome.DIFFERENT);
        assertThat(report.count(Outcome.EQUAL)).isEqualTo(2);
    }

    @Test
    void findsTheReplicationsOfAPattern() throws Exception {
        stand.both(ROWS, FILL);
        stand.replicate().rule("all", "*");
        for (String tenant : List.of("1", "2")) {
            stand.progress("all/" + tenant, tenant, stand.value(stand.source, LSN));
        }
        stand.job(stand.slot, "1", "2");
        stand.startHeart();

        List<ReplicationResult> replications = stand.verify().replications();

        assertThat(replications.stream().map(each -> each.replication() + " " + each.outcome()))
                .containsExactly("all/1 EQUAL", "all/2 EQUAL", "all/3 BEHIND");
        assertThat(replications.get(2).reason()).contains("not started");
    }

    @Test
    void saysWhichColumnOrTableTheTargetLacks() throws Exception {
        stand.both(ROWS, FILL, "CREATE TABLE u (id int PRIMARY KEY, tenant_id text)");
        stand.sourceServer.execute(stand.source, "INSERT INTO u VALUES (1, '1')");
        stand.targetServer.execute(stand.target, "DROP TABLE u", "ALTER TABLE t DROP COLUMN ok");
        stand.replicate("1").job(stand.slot, "1");
        stand.startHeart();

        List<TableResult> tables = stand.verify("1").replications().get(0).tables();

        assertThat(tables.stream().map(TableResult::outcome))
                .containsExactly(Outcome.DIFFERENT, Outcome.DIFFERENT);
        assertThat(tables.get(0).notes()).containsExactly("the target's table has no column ok");
        assertThat(tables.get(1).notes()).containsExactly("the table does not exist in the target");
    }
}
