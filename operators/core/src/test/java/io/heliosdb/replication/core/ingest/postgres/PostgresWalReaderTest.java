package io.heliosdb.replication.core.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.core.ingest.WalPosition;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.config.SourceConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.PGConnection;

/** What is read, and what is confirmed. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PostgresWalReaderTest extends SourceStand {

    /** Every change is a chunk of its own. */
    private static final int EACH_ALONE = 1;

    private List<String> rows(List<WalChunk> chunks) {
        return chunks.stream().flatMap(chunk -> changes(chunk).stream()).toList();
    }

    /** Reads from each position that a stop may leave behind, and expects the same rows. */
    private void assertContinuesEverywhere(
            WalPosition begin, List<String> expected, PostgresWalReader.Limits limits) {
        List<WalChunk> whole = read(begin, expected.size(), limits);
        assertThat(rows(whole)).isEqualTo(expected);
        WalPosition position = begin;
        List<String> before = new ArrayList<>();
        for (WalChunk chunk : whole) {
            List<String> union = new ArrayList<>(before);
            union.addAll(rows(read(position, expected.size() - before.size(), limits)));
            assertThat(union).as("restart at " + position).isEqualTo(expected);
            position = position.after(chunk);
            before.addAll(changes(chunk));
        }
    }

    @Test
    void continuesExactlyAfterEveryChange_R1_R2() throws SQLException, IOException {
        WalPosition begin = begin();
        try (Connection one = server.connect(database);
                Connection two = server.connect(database);
                Statement first = one.createStatement();
                Statement second = two.createStatement()) {
            one.setAutoCommit(false);
            two.setAutoCommit(false);
            first.execute("INSERT INTO t VALUES (1, 'a', 'first begins')");
            second.execute("INSERT INTO t VALUES (2, 'b', 'second begins')");
            first.execute("INSERT INTO t VALUES (3, 'a', 'goes on')");
            second.execute("UPDATE t SET v = 'again' WHERE id = 2");
            two.commit();
            first.execute("DELETE FROM t WHERE id = 1");
            one.commit();
            two.unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn(
                            "COPY t FROM STDIN",
                            new ByteArrayInputStream(
                                    "10\tc\tx\n11\tc\tx\n12\td\tx\n13\td\tx\n"
                                            .getBytes(StandardCharsets.UTF_8)));
            two.commit();
            first.execute("INSERT INTO t VALUES (20, 'a', 'small')");
            one.commit();
            second.execute("INSERT INTO t VALUES (21, 'a', 'small')");
            two.commit();
        }
        List<String> expected =
                List.of("I2", "U2", "I1", "I3", "D1", "I10", "I11", "I12", "I13", "I20", "I21");
        assertContinuesEverywhere(begin, expected, limits(EACH_ALONE));
    }

    @Test
    void continuesExactlyInTheMiddleOfALargeTransaction_R1() {
        WalPosition begin = begin();
        server.execute(
                database,
                "INSERT INTO t SELECT g, 'c', repeat('x', 500) FROM generate_series(1, 2000) g");
        List<String> expected = new ArrayList<>();
        for (int id = 1; id <= 2000; id++) {
            expected.add("I" + id);
        }
        assertContinuesEverywhere(begin, expected, limits(256 << 10));
    }

    @Test
    void confirmsWhatItIsToldAndNothingElse() {
        WalPosition begin = begin();
        try (PostgresWalReader reader = PostgresWalReader.open(config, source, begin)) {
            WalPosition position = begin;
            for (int i = 0; i < 15; i++) {
                position = position.after(reader.read());
                reader.keepAlive();
            }
            assertThat(confirmed()).isEqualTo(begin.restartLsn());
            long covered = position.restartLsn();
            reader.confirm(covered);
            reader.confirm(begin.restartLsn());
            while (confirmed() != covered) {
                reader.read();
            }
        }
        assertThat(confirmed()).as("never moves back or on").isGreaterThan(begin.restartLsn());
    }

    @Test
    void takesNoKeepaliveForAConfirmation_R6() throws SQLException {
        WalPosition begin = begin();
        SourceConfig quiet =
                new SourceConfig(
                        config.database(),
                        config.slot(),
                        config.publication(),
                        Duration.ofMinutes(1),
                        config.status());
        try (PostgresWalReader reader = PostgresWalReader.open(quiet, source, begin)) {
            long covered = reader.read().commitEndLsn();
            reader.confirm(covered);
            server.execute(database, "INSERT INTO unpublished SELECT generate_series(1, 1000)");
            awaitSender("sent_lsn > '" + Lsn.format(covered) + "'");
            reader.keepAlive();
            server.execute(database, "INSERT INTO t VALUES (1, 'a', 'x')");
            WalChunk row = reader.read();
            reader.keepAlive();
            awaitSender("write_lsn >= '" + Lsn.format(row.commitLsn()) + "'");
            assertThat(confirmed()).isEqualTo(covered);
        }
    }

    private void awaitSender(String condition) throws SQLException {
        await(
                "SELECT "
                        + condition
                        + " FROM pg_stat_replication WHERE application_name = 'heliosdb-"
                        + config.slot()
                        + "'");
    }

    @Test
    void confirmsNoMoreThanItIsToldWhenItEnds() {
        WalPosition begin = begin();
        WalPosition position = begin;
        try (PostgresWalReader reader = PostgresWalReader.open(config, source, begin)) {
            position = position.after(reader.read());
            reader.confirm(position.restartLsn());
            for (int i = 0; i < 5; i++) {
                reader.read();
            }
        }
        assertThat(confirmed()).isEqualTo(position.restartLsn());
    }

    @Test
    void movesOnAnIdlePublicationBesideBusyUnpublishedTables_R5() {
        WalPosition begin = begin();
        server.execute(database, "INSERT INTO unpublished SELECT generate_series(1, 100000)");
        WalPosition position = begin;
        try (PostgresWalReader reader = PostgresWalReader.open(config, source, position)) {
            while (position.restartLsn() - begin.restartLsn() < 1_000_000) {
                position = position.after(reader.read());
            }
            reader.confirm(position.restartLsn());
        }
        assertThat(confirmed())
                .as("closing sends the last confirmation")
                .isEqualTo(position.restartLsn());
        server.execute(database, "INSERT INTO t VALUES (1, 'a', 'after the restart')");
        assertThat(rows(read(position, 1, limits(256 << 10)))).containsExactly("I1");
    }

    @Test
    void ignoresMessagesOfOtherTools_R35() {
        WalPosition begin = begin();
        server.execute(
                database,
                "SELECT pg_logical_emit_message(true, 'other', '\\x00ff00'::bytea)",
                "SELECT pg_logical_emit_message(false, 'other', '\\x00ff00'::bytea)",
                "SELECT pg_logical_emit_message(true, 'heliosdb.heartbeat', '\\x00ff00'::bytea)",
                "SELECT pg_logical_emit_message(true, '', decode(repeat('ff', 300000), 'hex'))",
                "INSERT INTO t VALUES (1, 'a', 'x')");
        assertThat(rows(read(begin, 1, limits(256 << 10)))).containsExactly("I1");
    }
}
