package io.heliosdb.replication.core.apply.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.TableFilter;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A tenant leaves a target. */
class RowRemovalTest {

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
        stand.session.claim(spec("r1", "1"), ApplyStand.SOURCE);
        ApplyStand.SERVER.execute(
                stand.database,
                "INSERT INTO heliosdb.table_sync (replication_id, schema_name, table_name, snapshot,"
                        + " upper_lsn, rows, bytes) VALUES ('r1', 'public', 'item', '1:1:', '0/1', 1, 1),"
                        + " ('r1', 'public', 'gone', '1:1:', '0/1', 1, 1)",
                "INSERT INTO heliosdb.copy_mark VALUES ('r1', 'public', 'detail')");
    }

    @AfterEach
    void close() throws Exception {
        stand.close();
    }

    private static ReplicationSpec spec(String id, String tenant) {
        return new ReplicationSpec(
                new ReplicationId(id),
                new TenantId(tenant),
                "main",
                TableFilter.ALL,
                Tier.STANDARD,
                50,
                false,
                ExistingRows.FAIL);
    }

    private List<List<String>> counts() {
        return stand.rows(
                "SELECT (SELECT count(*) FROM item), (SELECT count(*) FROM item WHERE tenant_id = 1),"
                        + " (SELECT count(*) FROM detail), (SELECT count(*) FROM local),"
                        + " (SELECT count(*) FROM heliosdb.replication_progress)");
    }

    @Test
    void takesItsRowsOutOfReplicatedTablesAndNobodyElses() {
        assertThat(stand.session.removeRows(spec("r1", "1"))).isEqualTo(10);
        assertThat(counts()).containsExactly(List.of("5", "0", "5", "10", "0"));
        assertThat(stand.session.removeRows(spec("r1", "1"))).as("again, without harm").isZero();
        assertThat(counts()).containsExactly(List.of("5", "0", "5", "10", "0"));
    }

    @Test
    void leavesRowsThatAnotherReplicationHasBrought() {
        stand.session.claim(spec("r2", "1"), ApplyStand.SOURCE);
        assertThatThrownBy(() -> stand.session.removeRows(spec("r1", "1")))
                .isInstanceOf(ApplyException.class)
                .hasMessageContaining("r2")
                .matches(e -> ((ApplyException) e).kind() == ApplyException.Kind.REJECTED);
        assertThat(counts()).containsExactly(List.of("10", "5", "10", "10", "2"));
    }

    @Test
    void aTenantThatTheKeyCannotHoldIsRefused() {
        stand.session.claim(spec("r3", "x"), ApplyStand.SOURCE);
        ApplyStand.SERVER.execute(
                stand.database, "UPDATE heliosdb.table_sync SET replication_id = 'r3'");
        assertThatThrownBy(() -> stand.session.removeRows(spec("r3", "x")))
                .isInstanceOf(ApplyException.class);
        assertThat(counts()).containsExactly(List.of("10", "5", "10", "10", "2"));
    }
}
