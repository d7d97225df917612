package io.heliosdb.replication.core.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.core.ingest.WalPosition;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** A slot is made while somebody alters tables, at the moment at which PostgreSQL overlooks it. */
class SlotDuringDdlTest extends SourceStand {

    private final class Session implements AutoCloseable {
        private final Connection connection = server.connect(database);

        /** Has begun to write. */
        Session() throws SQLException {
            connection.setAutoCommit(false);
            execute("INSERT INTO unpublished VALUES (1)");
        }

        void execute(String sql) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute(sql);
            }
        }

        @Override
        public void close() throws SQLException {
            connection.commit();
            connection.close();
        }
    }

    /** Until the slot that is being made waits for it. */
    private void awaitWaitingFor(Session session) throws SQLException {
        int pid = session.connection.unwrap(PGConnection.class).getBackendPID();
        await(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE"
                        + " '%pg_create_logical_replication_slot%' AND "
                        + pid
                        + " = ANY (pg_blocking_pids(pid)))");
    }

    /** Altered behind the first step and before the second, beside an older transaction. */
    private WalPosition whileTableIsRewritten(Supplier<WalPosition> creation) throws Exception {
        Session atFirst = new Session();
        CompletableFuture<WalPosition> begin;
        Session inBetween;
        Session open;
        try (atFirst) {
            begin = CompletableFuture.supplyAsync(creation);
            awaitWaitingFor(atFirst);
            inBetween = new Session();
            server.execute(
                    database,
                    "ALTER TABLE t ALTER COLUMN v TYPE int USING length(v)",
                    "ALTER TABLE t ADD COLUMN n int");
        }
        try (inBetween) {
            awaitWaitingFor(inBetween);
            open = new Session();
            open.execute("INSERT INTO t VALUES (1, 'a', 1, 1)");
        }
        try (open) {
            await(
                    "SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '"
                            + config.slot()
                            + "' AND confirmed_flush_lsn IS NOT NULL)");
        }
        WalPosition position = begin.get(60, TimeUnit.SECONDS);
        server.execute(database, "INSERT INTO t VALUES (2, 'a', 2, 2)");
        return position;
    }

    @Test
    void isReadable_R18() throws Exception {
        WalPosition begin = whileTableIsRewritten(this::begin);

        List<String> seen = new ArrayList<>();
        try (PostgresWalReader reader = PostgresWalReader.open(config, source, begin)) {
            while (!seen.contains("I2")) {
                seen.addAll(changes(reader.read()));
            }
        }
        assertThat(seen).doesNotHaveDuplicates();
    }

    @Test
    void thatIsUnreadableAllTheSameSaysWhatToDo_R18() throws Exception {
        WalPosition begin =
                whileTableIsRewritten(
                        () -> {
                            server.execute(
                                    database,
                                    "SELECT pg_create_logical_replication_slot('"
                                            + config.slot()
                                            + "', 'pgoutput')");
                            return WalPosition.at(confirmed());
                        });

        try (PostgresWalReader reader = PostgresWalReader.open(config, source, begin)) {
            assertThatThrownBy(
                            () -> {
                                while (reader.read() != null) {}
                            })
                    .isInstanceOfSatisfying(
                            ReplicationException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.SLOT_UNUSABLE))
                    .hasMessageContaining("resync --all --new-slot");
        }
    }
}
