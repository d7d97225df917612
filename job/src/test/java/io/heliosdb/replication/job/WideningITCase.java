package io.heliosdb.replication.job;

import static io.heliosdb.replication.job.Stand.awaitState;
import static io.heliosdb.replication.job.Stand.state;

import io.heliosdb.replication.testkit.Await;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A replication comes to carry a further table while every transaction writes that table too. The
 * ledger has no key, so a row that came twice shows as well as one that is missing.
 */
class WideningITCase extends JobStand {

    private static final String ACCOUNTS =
            "SELECT id, balance FROM public.account WHERE tenant_id = 'a' ORDER BY id";

    private static final String LEDGER =
            "SELECT entry, account, amount FROM public.ledger WHERE tenant_id = 'a'"
                    + " ORDER BY entry, account, amount";

    /** Every transaction adds one to an account and has the next entry of the ledger. */
    private static final String LEDGER_IS_BEHIND =
            "SELECT (SELECT sum(balance) FROM public.account)"
                    + " > (SELECT max(entry) FROM public.ledger) + 100";

    private static final String LEDGER_IS_COPIED =
            "SELECT count(*) > 0 FROM heliosdb.table_sync WHERE table_name = 'ledger'";

    @BeforeEach
    void startWithOneTable() {
        stand.onSource(
                "CREATE TABLE account"
                        + " (tenant_id text, id int, balance int, PRIMARY KEY (tenant_id, id))",
                "CREATE TABLE ledger (tenant_id text, entry bigint, account int, amount int)",
                "ALTER TABLE ledger REPLICA IDENTITY FULL",
                "CREATE INDEX ON ledger (entry)",
                "CREATE PUBLICATION helios FOR ALL TABLES",
                "INSERT INTO account SELECT t, g, 0 FROM generate_series(1, 100) g,"
                        + " unnest(array['a', 'b']) t",
                "INSERT INTO ledger SELECT t, -g, g % 100 + 1, g FROM generate_series(1, 20000) g,"
                        + " unnest(array['a', 'b']) t");
        narrow();
        stand.start();
        awaitState(targetServer, target, "ra", "STREAMING");
    }

    private void widen() {
        stand.replicate("ra", "a", "main").write();
    }

    private void narrow() {
        stand.replicate("ra", "a", "main", "tables: {include: [account]}").write();
    }

    private void awaitTarget(String condition) {
        Await.until(condition, () -> targetServer.rows(target, condition).get(0).equals("t"));
    }

    private void awaitSame() {
        stand.awaitSame(targetServer, target, ACCOUNTS);
        stand.awaitSame(targetServer, target, LEDGER);
    }

    /** Two overlapping writers; each transaction writes both tables of both tenants. */
    private void transfer(BooleanSupplier over) throws SQLException {
        try (Connection one = sourceServer.connect(stand.source);
                Connection two = sourceServer.connect(stand.source);
                Statement first = one.createStatement();
                Statement second = two.createStatement()) {
            one.setAutoCommit(false);
            two.setAutoCommit(false);
            for (long entry = 1; !over.getAsBoolean(); entry += 2) {
                write(first, entry, 1 + entry % 49);
                write(second, entry + 1, 51 + entry % 49);
                two.commit();
                one.commit();
            }
        }
    }

    private static void write(Statement statement, long entry, long account) throws SQLException {
        statement.execute("UPDATE account SET balance = balance + 1 WHERE id = " + account);
        statement.execute(
                "INSERT INTO ledger SELECT t, %d, %d, 1 FROM unnest(array['a', 'b']) t"
                        .formatted(entry, account));
        statement.execute("DELETE FROM ledger WHERE tenant_id = 'a' AND entry = " + (entry - 1000));
    }

    @Test
    void copiesWhatTheNewTableHoldsAndGoesOnExactly() {
        try (Load load = Load.start("transfers", this::transfer)) {
            widen();
            awaitTarget(LEDGER_IS_COPIED);
            awaitState(targetServer, target, "ra", "STREAMING");
            load.stop();
            awaitSame();
        }
    }

    @Test
    void aTableThatWasLeftOutForAWhileIsCopiedAnew() {
        try (Load load = Load.start("transfers", this::transfer)) {
            widen();
            awaitTarget(LEDGER_IS_COPIED);
            narrow();
            awaitTarget(LEDGER_IS_BEHIND);
            widen();
            awaitTarget("SELECT NOT (" + LEDGER_IS_BEHIND + ")");
            load.stop();
            awaitSame();
        }
    }

    @Test
    void losesAndDoublesNothingThroughCrashesWhileItWidens_R1() {
        try (Load load = Load.start("transfers", this::transfer)) {
            widen();
            crashWhileSyncing();
            awaitTarget(LEDGER_IS_COPIED);
            stand.crash();
            stand.start();
            narrow();
            awaitTarget(LEDGER_IS_BEHIND);
            widen();
            crashWhileSyncing();
            load.stop();
            awaitSame();
        }
    }

    private void crashWhileSyncing() {
        Await.until(
                "the lane to grow",
                () -> state(targetServer, target, "ra"),
                state -> !state.equals("STREAMING"));
        stand.crash();
        stand.start();
    }
}
