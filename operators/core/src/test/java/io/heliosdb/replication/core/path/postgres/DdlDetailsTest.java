package io.heliosdb.replication.core.path.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.ingest.postgres.SourceAdmin;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What changes only its name, or is told only in part. */
class DdlDetailsTest {

    private static final String ORDERS =
            "CREATE TABLE orders (id int, tenant_id text, v text, PRIMARY KEY (tenant_id, id))";

    private static DdlStand orders(String... more) {
        DdlStand stand = new DdlStand(ORDERS);
        stand.onSource(more);
        stand.onSource("INSERT INTO orders VALUES (1, 'a', 'x'), (2, 'b', 'y')");
        return stand;
    }

    @Test
    void constraintsAndIndexesKeepTheirIndexUnderAnotherName_R15() {
        try (DdlStand stand =
                orders("CREATE INDEX by_v ON orders (v)", "CREATE INDEX \"By V\" ON orders (v, id)")
                        .start("a", "b")) {
            String files =
                    "SELECT string_agg(indexrelid::text, ',' ORDER BY indexrelid) FROM pg_index"
                            + " WHERE indrelid = 'orders'::regclass";
            List<String> before = stand.onTargetRows(files);
            stand.onSource(
                    "ALTER TABLE orders RENAME CONSTRAINT orders_pkey TO \"The Key\"",
                    "ALTER INDEX by_v RENAME TO by_w",
                    "ALTER INDEX \"By V\" RENAME TO \"By W\"",
                    "INSERT INTO orders VALUES (3, 'a', 'z')");

            stand.assertSameTable("orders");
            assertThat(stand.onTargetRows(files)).isEqualTo(before);
        }
    }

    @Test
    void aCommandThatIsTooLongToBeToldWholeIsNotTakenForPlain_R15() {
        try (DdlStand stand = orders().start("a", "b")) {
            stand.onSource(
                    "ALTER TABLE orders ALTER COLUMN v TYPE varchar(50) /* "
                            + "long ".repeat(1000)
                            + "*/ USING v || '!'",
                    "INSERT INTO orders VALUES (3, 'a', 'z')");

            stand.assertSame("SELECT * FROM orders ORDER BY id").assertSameTable("orders");
        }
    }

    @Test
    void typesThatChangeBeforeTheFirstCopyAreNotChangedAgain_R15() throws Exception {
        try (DdlStand stand =
                orders(
                        "CREATE TYPE mood AS ENUM ('sad', 'ok')",
                        "CREATE DOMAIN code AS text",
                        "ALTER TABLE orders ADD COLUMN m mood DEFAULT 'ok', ADD COLUMN c code")) {
            stand.capture().onSource("CREATE PUBLICATION helios FOR ALL TABLES");
            stand.replicate("a");
            // A slot is not made while somebody writes.
            SourceAdmin.begin(stand.config().source());
            HeldLock held = new HeldLock(stand.sourceServer, stand.source, "LOCK TABLE orders");
            try {
                stand.restart();
                stand.awaitWaiting(stand.sourceServer, stand.source, 1);
                stand.onSource(
                        "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'",
                        "ALTER TYPE mood RENAME VALUE 'blue' TO 'low'",
                        "ALTER DOMAIN code ADD CONSTRAINT \"Short\" CHECK (length(VALUE) < 9) NOT VALID");
            } finally {
                held.close();
            }
            stand.onSource("INSERT INTO orders VALUES (3, 'a', 'x', 'low', 'c')");

            stand.assertSame("SELECT * FROM orders WHERE tenant_id = 'a' ORDER BY id");
        }
    }
}
