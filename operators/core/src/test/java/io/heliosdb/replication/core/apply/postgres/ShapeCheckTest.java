package io.heliosdb.replication.core.apply.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.ddl.DdlEvent;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TenantTransaction;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A session that has not heard of DDL in another one finds out before it commits. */
class ShapeCheckTest {

    /** As the source tells that two columns have changed places. */
    private static final String SWAP =
            """
            {"version": 1, "tag": "ALTER TABLE", "command": "…", "tables": [{
             "before": %s, "after": %s, "publicationsBefore": ["p"], "publications": ["p"],
             "rewritten": false}]}
            """
                    .formatted(table("a", "b"), table("b", "a"));

    private static String table(String third, String fourth) {
        return """
            {"schema": "public", "name": "item", "kind": "r", "persistence": "p",
             "replicaIdentity": "d", "identityNumbers": [1, 2], "columns": [
             {"number": 1, "name": "tenant_id", "type": "integer", "keyType": "integer"},
             {"number": 2, "name": "id", "type": "integer", "keyType": "integer"},
             {"number": 3, "name": "%s", "type": "text", "keyType": "text"},
             {"number": 4, "name": "%s", "type": "text", "keyType": "text"}]}
            """
                .formatted(third, fourth);
    }

    private static TenantTransaction ddl(String replication, long lsn) {
        byte[] event = new DdlEvent(0, new long[0], "p", SWAP).encode();
        byte[] change =
                ByteBuffer.allocate(7 + event.length)
                        .put("M".getBytes(UTF_8))
                        .putShort((short) -1)
                        .putInt(event.length)
                        .put(event)
                        .array();
        return new TenantTransaction(
                new ReplicationId(replication),
                lsn,
                lsn,
                lsn,
                0,
                true,
                0,
                1,
                new long[] {TenantTransaction.DDL},
                change);
    }

    @Test
    void rowsOfBeforeAreNotWrittenIntoColumnsThatAreCalledOtherwiseNow_R15() throws SQLException {
        try (ApplyStand stand =
                new ApplyStand(
                        "CREATE TABLE item (tenant_id int, id int, a text, b text,"
                                + " PRIMARY KEY (tenant_id, id))")) {
            RelationDescriptor item = stand.relation("item", 'd');
            stand.apply("r1", 100, new ChangeSet().insert(item, "1", "1", "a", "b"));
            stand.apply("r2", 100, new ChangeSet().insert(item, "2", "2", "a", "b"));
            try (PostgresTargetSession other = stand.open("s2")) {
                other.apply(List.of(stand.batch("r1", ddl("r1", 200))));
            }

            stand.apply("r2", 150, new ChangeSet().insert(item, "2", "3", "a", "b"));

            assertThat(stand.rows("SELECT id, a, b FROM item ORDER BY id"))
                    .containsExactly(
                            List.of("1", "b", "a"), List.of("2", "b", "a"), List.of("3", "b", "a"));
        }
    }
}
