package io.heliosdb.replication.core.ingest.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.core.ingest.WalPosition;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.model.config.SourceConfig;
import io.heliosdb.replication.testkit.PostgresServer;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PostgresWalReaderTest {

    private static PostgresServer server;

    private String database;
    private SourceConfig config;

    @BeforeAll
    static void startServer() {
        server = PostgresServer.start();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void createSource() {
        database = server.createDatabase("wal");
        server.execute(
                database,
                "CREATE TABLE t (id int PRIMARY KEY, tenant_id text, v text)",
                "CREATE TABLE unpublished (id int)",
                "CREATE PUBLICATION p FOR TABLE t");
        config =
                new SourceConfig(
                        new DatabaseConfig(server.url(database), PostgresServer.USER, Secret.EMPTY),
                        "slot_" + database,
                        "p",
                        Duration.ofMillis(100),
                        Duration.ofMillis(200));
    }

    @AfterEach
    void nothingIsLeftOpen() throws SQLException {
        if (SourceAdmin.slot(config).isPresent()) {
            server.execute(
                    "postgres",
                    "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE"
                            + " active_pid IS NOT NULL AND slot_name = '"
                            + config.slot()
                            + "'");
            await("SELECT NOT active FROM pg_replication_slots WHERE slot_name='%s'");
            SourceAdmin.dropSlot(config);
        }
        await(
                "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = '"
                        + database
                        + "' AND application_name LIKE 'heliosdb%%'");
    }

    private void await(String condition) throws SQLException {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement()) {
            while (true) {
                try (ResultSet row =
                        statement.executeQuery(String.format(condition, config.slot()))) {
                    if (row.next() && row.getBoolean(1)) {
                        return;
                    }
                }
                assertThat(System.nanoTime())
                        .as("waited too long: " + condition)
                        .isLessThan(deadline);
            }
        }
    }

    /** One change of table t, as text: operation and id. */
    private static List<String> changes(WalChunk chunk) {
        List<String> changes = new ArrayList<>();
        ByteBuffer messages = ByteBuffer.wrap(chunk.messages(), 0, chunk.length());
        while (messages.hasRemaining()) {
            byte[] message = new byte[messages.getInt()];
            messages.get(message);
            char type = (char) message[0];
            if (type == 'I' || type == 'U' || type == 'D') {
                int length = ByteBuffer.wrap(message).getInt(9);
                changes.add(type + new String(message, 13, length, UTF_8));
            }
        }
        return changes;
    }

    private List<WalChunk> read(SourceIdentity source, WalPosition from, int changes) {
        List<WalChunk> chunks = new ArrayList<>();
        int seen = 0;
        try (PostgresWalReader reader = PostgresWalReader.open(config, source, from)) {
            while (seen < changes) {
                WalChunk chunk = reader.read();
                chunks.add(chunk);
                seen += changes(chunk).size();
            }
        }
        return chunks;
    }

    @Test
    void continuesExactlyAfterEveryPossibleStop_R1_R2() throws SQLException {
        SourceIdentity source = SourceAdmin.identify(config.database());
        WalPosition begin = WalPosition.at(SourceAdmin.begin(config).value());
        try (Connection one = server.connect(database);
                Connection two = server.connect(database);
                Statement first = one.createStatement();
                Statement second = two.createStatement()) {
            one.setAutoCommit(false);
            two.setAutoCommit(false);
            first.execute("INSERT INTO t VALUES (1, 'a', 'first begins')");
            second.execute("INSERT INTO t VALUES (2, 'b', 'second begins')");
            first.execute("INSERT INTO t VALUES (3, 'a', repeat('x', 200000))");
            second.execute("UPDATE t SET v = 'again' WHERE id = 2");
            two.commit();
            first.execute("INSERT INTO t VALUES (4, 'a', repeat('y', 200000))");
            first.execute("DELETE FROM t WHERE id = 1");
            one.commit();
            second.execute("INSERT INTO t SELECT g, 'c', 'bulk' FROM generate_series(10, 19) g");
            two.commit();
        }
        List<WalChunk> whole = read(source, begin, 16);
        List<String> expected = whole.stream().flatMap(c -> changes(c).stream()).toList();
        assertThat(expected).startsWith("I2", "U2", "I1", "I3", "I4", "D1", "I10").hasSize(16);
        assertThat(whole.stream().filter(chunk -> !chunk.last()).count())
                .as("the large transaction came in parts")
                .isPositive();

        WalPosition position = begin;
        List<String> before = new ArrayList<>();
        for (WalChunk chunk : whole) {
            List<String> after =
                    read(source, position, 16 - before.size()).stream()
                            .flatMap(c -> changes(c).stream())
                            .toList();
            List<String> union = new ArrayList<>(before);
            union.addAll(after);
            assertThat(union).as("restart at " + position).isEqualTo(expected);
            position = position.after(chunk);
            before.addAll(changes(chunk));
        }
    }

    @Test
    void confirmsWhatItIsToldAndNothingElse() throws SQLException {
        SourceIdentity source = SourceAdmin.identify(config.database());
        Lsn begin = SourceAdmin.begin(config);
        try (PostgresWalReader reader =
                PostgresWalReader.open(config, source, WalPosition.at(begin.value()))) {
            WalPosition position = WalPosition.at(begin.value());
            for (int i = 0; i < 5; i++) {
                position = position.after(reader.read());
            }
            assertThat(SourceAdmin.slot(config).orElseThrow().confirmedFlushLsn()).isEqualTo(begin);
            Lsn covered = new Lsn(position.restartLsn());
            reader.confirm(covered.value());
            while (!covered.equals(SourceAdmin.slot(config).orElseThrow().confirmedFlushLsn())) {
                reader.read();
            }
        }
    }

    @Test
    void movesOnAnIdlePublicationBesideBusyUnpublishedTables_R5() {
        SourceIdentity source = SourceAdmin.identify(config.database());
        Lsn begin = SourceAdmin.begin(config);
        server.execute(database, "INSERT INTO unpublished SELECT generate_series(1, 100000)");
        WalPosition position = WalPosition.at(begin.value());
        try (PostgresWalReader reader = PostgresWalReader.open(config, source, position)) {
            while (new Lsn(position.restartLsn()).bytesSince(begin) < 1_000_000) {
                position = position.after(reader.read());
            }
            reader.confirm(position.restartLsn());
        }
        assertThat(SourceAdmin.slot(config).orElseThrow().confirmedFlushLsn())
                .as("closing sends the last confirmation")
                .isEqualTo(new Lsn(position.restartLsn()));
    }

    @Test
    void ignoresMessagesOfOtherTools_R35() {
        SourceIdentity source = SourceAdmin.identify(config.database());
        WalPosition begin = WalPosition.at(SourceAdmin.begin(config).value());
        server.execute(
                database,
                "SELECT pg_logical_emit_message(true, 'other', '\\x00ff00'::bytea)",
                "SELECT pg_logical_emit_message(false, 'other', '\\x00ff00'::bytea)",
                "INSERT INTO t VALUES (1, 'a', 'x')");
        assertThat(read(source, begin, 1)).isNotEmpty();
    }

    @Test
    void refusesASlotOfAnotherPlugin() {
        server.execute(
                database,
                "SELECT pg_create_logical_replication_slot('"
                        + config.slot()
                        + "', 'test_decoding')");
        assertThatThrownBy(() -> SourceAdmin.begin(config))
                .isInstanceOf(ReplicationException.class)
                .hasMessageContaining("test_decoding")
                .hasMessageContaining("source.slot")
                .extracting("code")
                .isEqualTo(ErrorCode.SLOT_UNUSABLE);
    }

    @Test
    void neverMakesALostSlotAnewForACheckpoint() {
        SourceIdentity source = SourceAdmin.identify(config.database());
        WalPosition begin = WalPosition.at(SourceAdmin.begin(config).value());
        SourceAdmin.dropSlot(config);
        assertThatThrownBy(() -> PostgresWalReader.open(config, source, begin))
                .extracting("code")
                .isEqualTo(ErrorCode.SLOT_MISSING);
    }

    @Test
    void refusesAPositionThatTheSlotHasLeftBehind_R18() {
        SourceIdentity source = SourceAdmin.identify(config.database());
        WalPosition begin = WalPosition.at(SourceAdmin.begin(config).value());
        server.execute(
                database,
                "INSERT INTO t VALUES (1, 'a', 'x')",
                "SELECT pg_replication_slot_advance('"
                        + config.slot()
                        + "', pg_current_wal_lsn())");
        assertThatThrownBy(() -> PostgresWalReader.open(config, source, begin))
                .hasMessageContaining("changes between are gone")
                .extracting("code")
                .isEqualTo(ErrorCode.SLOT_UNUSABLE);
    }

    @Test
    void refusesACheckpointOfAnotherSource() {
        WalPosition begin = WalPosition.at(SourceAdmin.begin(config).value());
        SourceIdentity other = new SourceIdentity("42", database);
        assertThatThrownBy(() -> PostgresWalReader.open(config, other, begin))
                .hasMessageContaining("42/" + database)
                .extracting("code")
                .isEqualTo(ErrorCode.CHECKPOINT_OF_ANOTHER_SOURCE);
    }
}
