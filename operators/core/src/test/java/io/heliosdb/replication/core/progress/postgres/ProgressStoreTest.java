package io.heliosdb.replication.core.progress.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.progress.ProgressRow;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.testkit.PostgresServer;
import io.heliosdb.replication.testkit.PostgresVersion;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ProgressStoreTest {

    private static PostgresServer server;

    @BeforeAll
    static void start() {
        server = PostgresServer.start(PostgresVersion.target());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void readsNothingWhereNothingWasCreated() throws Exception {
        try (Connection connection = server.connect(server.createDatabase("progress"))) {
            assertThat(new ProgressStore(connection).rows()).isEmpty();
        }
    }

    @Test
    void createsTheTablesOnceHoweverManyTryAtTheSameTime() throws Exception {
        String database = server.createDatabase("progress");
        ExecutorService threads = Executors.newFixedThreadPool(6);
        try {
            List<Callable<Void>> creators = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                creators.add(
                        () -> {
                            try (Connection connection = server.connect(database)) {
                                new ProgressStore(connection).create();
                            }
                            return null;
                        });
            }
            for (Future<Void> creator : threads.invokeAll(creators)) {
                creator.get();
            }
        } finally {
            threads.shutdownNow();
        }
        try (Connection connection = server.connect(database)) {
            assertThat(new ProgressStore(connection).exists()).isTrue();
        }
    }

    @Test
    void addsTheColumnsThatAnEarlierVersionLacks() throws Exception {
        String database = server.createDatabase("progress");
        try (Connection connection = server.connect(database)) {
            ProgressStore store = new ProgressStore(connection);
            store.create();
            server.execute(
                    database,
                    "ALTER TABLE heliosdb.replication_progress DROP COLUMN table_filter",
                    "INSERT INTO heliosdb.replication_progress (replication_id, source_id, tenant_id, epoch, state)"
                            + " VALUES ('r1', '7/app', 'acme', 3, 'SYNCING')");
            assertThat(store.rows()).as("status before the job has restarted").hasSize(1);

            store.create();

            server.execute(
                    database, "UPDATE heliosdb.replication_progress SET table_filter = '+a'");
        }
    }

    @Test
    void readsWhatIsUnknownAsUnknown() throws Exception {
        String database = server.createDatabase("progress");
        try (Connection connection = server.connect(database)) {
            ProgressStore store = new ProgressStore(connection);
            store.create();
            server.execute(
                    database,
                    "INSERT INTO heliosdb.replication_progress (replication_id, source_id, tenant_id, epoch, state)"
                            + " VALUES ('r1', '7/app', 'acme', 3, 'SYNCING')");

            List<ProgressRow> rows = store.rows();

            assertThat(rows).hasSize(1);
            assertThat(rows.get(0).position()).isEqualTo(Position.START);
            assertThat(rows.get(0).sourceTime()).isNull();
            assertThat(rows.get(0).code()).isNull();
            assertThat(rows.get(0).state()).isEqualTo(ReplicationState.SYNCING);
        }
    }
}
