package io.heliosdb.replication.testkit.saas;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

class SaasWorkloadTest {

    @Test
    void worksOnEveryTableAndEndsCleanly() throws Exception {
        try (PostgresServer server = PostgresServer.start()) {
            String database = server.createDatabase("saas");
            SaasApplication application = SaasApplication.create(server, database, 5, 400);
            assertThat(count(server, database, "SELECT count(DISTINCT tenant_id) FROM order_items"))
                    .isEqualTo(5);
            assertThat(count(server, database, "SELECT count(*) FROM orders WHERE total = 0"))
                    .isZero();

            SaasWorkload workload = SaasWorkload.start(application, 3, 0, 42);
            Await.until("1500 transactions", workload::transactions, done -> done >= 1500);
            workload.close();

            String written =
                    """
                    SELECT count(*) FROM pg_stat_user_tables
                    WHERE n_tup_upd > 0 AND relname IN ('tenants', 'users', 'products', 'orders', 'order_items', 'plans')
                       OR n_tup_del > 0 AND relname IN ('orders', 'order_items', 'job_queue')
                    """;
            server.execute(database, "SELECT pg_stat_force_next_flush()");
            assertThat(count(server, database, written)).isEqualTo(7);
            assertThat(
                            count(
                                    server,
                                    database,
                                    "SELECT count(*) FROM pg_stat_activity WHERE datname = '"
                                            + database
                                            + "' AND pid <> pg_backend_pid()"))
                    .isZero();
        }
    }

    private static long count(PostgresServer server, String database, String sql)
            throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getLong(1);
        }
    }
}
