package io.heliosdb.replication.testkit.bank;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import org.junit.jupiter.api.Test;

class AuditorTest {

    @Test
    void findsNothingWhileTheBankWorksAndEveryBookThatDoesNotBalance() {
        try (PostgresServer server = PostgresServer.start()) {
            String database = server.createDatabase("bank");
            try (Bank bank = new Bank(server, database, 3);
                    Auditor auditor = Auditor.start(server, database)) {
                bank.open(2);
                Await.until("some work", () -> bank.transactions() > 50);
                Await.until("some looks", () -> auditor.looks() > 50);
                bank.stop();
                assertThat(auditor.disagreement()).isNull();

                server.execute(
                        database, "UPDATE tellers SET tbalance = tbalance + 1 WHERE tid = 1");
                Await.until("a disagreement", () -> auditor.disagreement() != null);
                assertThat(auditor.disagreement()).startsWith("branch 2:");
            }
        }
    }
}
