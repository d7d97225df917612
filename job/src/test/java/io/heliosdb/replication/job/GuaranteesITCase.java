package io.heliosdb.replication.job;

import static io.heliosdb.replication.job.Stand.applied;
import static io.heliosdb.replication.job.Stand.awaitState;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.bank.Auditor;
import io.heliosdb.replication.testkit.bank.Bank;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Atomic under kills; isolated from rows that fail. */
class GuaranteesITCase extends JobStand {

    @Test
    void neverShowsPartOfATransaction_alsoWhileTheJobIsKilledWithMinus9_R1() throws Exception {
        stand.tenantColumn("bid").replicate("all", "*", "main").write();
        try (Bank bank = new Bank(sourceServer, stand.source, 5)) {
            stand.startProcess();
            Await.until("five branches to stream", this::streaming, count -> count == 5);
            bank.open(2);
            try (Auditor auditor = Auditor.start(targetServer, target)) {
                Random random = new Random(1);
                for (int i = 0; i < Soak.times(3, 10); i++) {
                    long enough = applied(targetServer, target) + 50 + random.nextInt(1000);
                    Await.until(
                            "progress to " + enough,
                            () -> applied(targetServer, target),
                            applied -> applied > enough);
                    stand.killProcess();
                    stand.startProcess();
                }
                bank.stop();
                for (String table : Bank.TABLES) {
                    stand.awaitSame(
                            targetServer,
                            target,
                            "SELECT count(*), sum(hashtext(t::text)::bigint) FROM public."
                                    + table
                                    + " t");
                }
                auditor.stop();
                System.out.println("atomicity: " + auditor.report());
                assertThat(auditor.disagreement()).isNull();
                assertThat(auditor.looks()).isGreaterThan(100);
            }
        }
    }

    private int streaming() {
        return targetServer
                .rows(
                        target,
                        "SELECT 1 FROM heliosdb.replication_progress WHERE state = 'STREAMING'")
                .size();
    }

    @Test
    void aRowThatTheTargetRefusesStopsItsReplicationOnly_R22() {
        stand.onSource(
                "CREATE TABLE doc (id int, tenant_id text, v text, PRIMARY KEY (tenant_id, id))",
                "CREATE PUBLICATION helios FOR ALL TABLES");
        stand.replicate("good", "good", "main").replicate("bad", "bad", "main").write();
        stand.start();
        awaitState(targetServer, target, "good", "STREAMING");
        awaitState(targetServer, target, "bad", "STREAMING");
        targetServer.execute(
                target, "ALTER TABLE public.doc ADD CONSTRAINT short CHECK (length(v) < 5)");
        stand.onSource(
                "INSERT INTO doc VALUES (1, 'bad', 'ok'), (1, 'good', 'ok')",
                "INSERT INTO doc VALUES (2, 'bad', 'too long'), (2, 'good', 'ok')",
                "INSERT INTO doc VALUES (3, 'bad', 'ok'), (3, 'good', 'ok')");
        awaitState(targetServer, target, "bad", "ERROR");
        stand.awaitSame(
                targetServer,
                target,
                "SELECT id FROM public.doc WHERE tenant_id = 'good' ORDER BY 1");
        assertThat(targetServer.rows(target, "SELECT id FROM public.doc WHERE tenant_id = 'bad'"))
                .containsExactly("1");
        assertThat(
                        targetServer.rows(
                                target,
                                "SELECT error_code, reason FROM heliosdb.replication_progress WHERE"
                                        + " replication_id = 'bad'"))
                .singleElement()
                .asString()
                .contains("ROW_REJECTED", "short", "public.doc");
        assertThat(
                        targetServer.rows(
                                target, "SELECT DISTINCT replication_id FROM heliosdb.quarantine"))
                .containsExactly("bad");

        targetServer.execute(target, "ALTER TABLE public.doc DROP CONSTRAINT short");
        stand.replicate("bad", "bad", "main", "priority: 60").write();
        stand.awaitSame(
                targetServer, target, "SELECT tenant_id, id, v FROM public.doc ORDER BY 1, 2");
        awaitState(targetServer, target, "bad", "STREAMING");
    }
}
