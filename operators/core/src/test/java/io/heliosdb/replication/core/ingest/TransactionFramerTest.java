package io.heliosdb.replication.core.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.core.wire.PgOutput;
import io.heliosdb.replication.core.wire.PgOutputMessage;
import io.heliosdb.replication.core.wire.PgOutputWriter;
import io.heliosdb.replication.model.ErrorCode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransactionFramerTest {

    private static final long CLOCK = 1_700_000_000_000_000L;
    private static final int LARGE = 1 << 20;

    /** A source transaction: its rows by relation and value. */
    private record Transaction(long commitLsn, long endLsn, List<Row> rows) {}

    private record Row(int relation, String value) {}

    /** What a session that starts at {@code from} gets: each relation is described at first use. */
    private static List<byte[]> session(List<Transaction> transactions, long from) {
        List<byte[]> messages = new ArrayList<>();
        Set<Integer> described = new HashSet<>();
        for (Transaction transaction : transactions) {
            if (transaction.commitLsn < from) {
                continue;
            }
            messages.add(PgOutputWriter.begin(transaction.commitLsn, CLOCK, transaction.commitLsn));
            for (Row row : transaction.rows) {
                if (described.add(row.relation)) {
                    messages.add(PgOutputWriter.type(row.relation + 1, "public", "mood"));
                    messages.add(
                            PgOutputWriter.relation(
                                    row.relation, "public", "t" + row.relation, 'd', "*v"));
                }
                messages.add(PgOutputWriter.insert(row.relation, row.value));
            }
            messages.add(PgOutputWriter.commit(transaction.commitLsn, transaction.endLsn, CLOCK));
        }
        return messages;
    }

    private static List<WalChunk> chunks(TransactionFramer framer, List<byte[]> messages) {
        List<WalChunk> chunks = new ArrayList<>();
        for (byte[] message : messages) {
            WalChunk chunk = framer.add(ByteBuffer.wrap(message));
            if (chunk != null) {
                chunks.add(chunk);
            }
        }
        return chunks;
    }

    /** The rows of a chunk; each must have been described in this session, before it. */
    private static List<String> rows(WalChunk chunk, Set<Integer> described) {
        List<String> rows = new ArrayList<>();
        PgOutputMessage message = new PgOutputMessage();
        int changes = 0;
        for (int at = 0; at < chunk.length(); at = message.end()) {
            message.wrapFramed(chunk.messages(), at, chunk.length());
            if (message.type() == PgOutput.RELATION) {
                described.add(message.relation().oid());
            }
            if (message.type() == PgOutput.INSERT) {
                assertThat(described).contains(message.relationOid());
                rows.add(
                        chunk.commitLsn()
                                + "."
                                + (chunk.firstOrdinal() + changes)
                                + "="
                                + new String(
                                        message.bytes(),
                                        message.newTuple() + 7,
                                        message.end() - message.newTuple() - 7));
            }
            changes += PgOutput.isChange(message.type()) ? 1 : 0;
        }
        assertThat(changes).isEqualTo(chunk.changes());
        return rows;
    }

    private static List<String> rows(List<WalChunk> chunks) {
        Set<Integer> described = new HashSet<>();
        return chunks.stream().flatMap(chunk -> rows(chunk, described).stream()).toList();
    }

    private static List<Transaction> workload(long seed) {
        Random random = new Random(seed);
        List<Transaction> transactions = new ArrayList<>();
        long lsn = 1000;
        int value = 0;
        for (int i = 0; i < 6; i++) {
            List<Row> rows = new ArrayList<>();
            int count = random.nextInt(9);
            for (int j = 0; j < count; j++) {
                rows.add(
                        new Row(
                                100 * (1 + random.nextInt(3)),
                                value++ + "x".repeat(random.nextInt(200))));
            }
            long end = lsn + 10 + random.nextInt(1000);
            transactions.add(new Transaction(lsn, end, rows));
            lsn = end;
        }
        return transactions;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 64, 200, 500, LARGE})
    void continuesExactlyAfterEveryChunk_R1(int partBytes) {
        for (long seed = 0; seed < 20; seed++) {
            List<Transaction> workload = workload(seed);
            WalPosition begin = WalPosition.at(workload.get(0).commitLsn);
            List<WalChunk> whole =
                    chunks(new TransactionFramer(begin, partBytes), session(workload, 0));
            List<String> expected = rows(whole);
            assertThat(expected).hasSize(workload.stream().mapToInt(t -> t.rows.size()).sum());

            WalPosition position = begin;
            List<String> before = new ArrayList<>();
            Set<Integer> described = new HashSet<>();
            for (WalChunk chunk : whole) {
                List<String> union = new ArrayList<>(before);
                union.addAll(
                        rows(
                                chunks(
                                        new TransactionFramer(position, partBytes),
                                        session(workload, position.restartLsn()))));
                assertThat(union).as("seed " + seed + " at " + position).isEqualTo(expected);
                position = position.after(chunk);
                before.addAll(rows(chunk, described));
            }
        }
    }

    @Test
    void keepsPartsWithinTheirSizeAndALargerMessageAlone() {
        List<Row> rows = new ArrayList<>();
        for (int size : new int[] {10, 20, 900, 30, 40, 50, 5000, 60}) {
            rows.add(new Row(100, "y".repeat(size)));
        }
        List<WalChunk> chunks =
                chunks(
                        new TransactionFramer(WalPosition.at(1), 1000),
                        session(List.of(new Transaction(7, 8, rows)), 0));
        assertThat(chunks)
                .allSatisfy(
                        chunk ->
                                assertThat(chunk.length() <= 1000 || chunk.changes() == 1)
                                        .isTrue());
        assertThat(chunks).extracting(WalChunk::changes).containsExactly(2, 2, 2, 1, 1);
        assertThat(chunks).extracting(WalChunk::firstOrdinal).containsExactly(0L, 2L, 4L, 6L, 7L);
        assertThat(chunks)
                .extracting(WalChunk::last)
                .containsExactly(false, false, false, false, true);
        assertThat(chunks).extracting(WalChunk::commitEndLsn).containsExactly(0L, 0L, 0L, 0L, 8L);
        assertThat(chunks).extracting(WalChunk::commitEpochMicros).containsOnly(CLOCK);
    }

    @Test
    void leavesOutWhatCommittedBeforeTheStartButKeepsDescriptions() {
        List<Transaction> transactions =
                List.of(
                        new Transaction(10, 20, List.of(new Row(100, "before"))),
                        new Transaction(20, 30, List.of(new Row(100, "after"))));
        List<WalChunk> chunks =
                chunks(new TransactionFramer(WalPosition.at(20), LARGE), session(transactions, 0));
        assertThat(rows(chunks)).containsExactly("20.0=after");
        assertThat(chunks).hasSize(1);
    }

    @Test
    void ignoresMessagesOutsideOfTransactions_R35() {
        TransactionFramer framer = new TransactionFramer(WalPosition.at(1), LARGE);
        byte[] outside = PgOutputWriter.logicalMessage(false, 5, "other", new byte[] {0, -1});
        byte[] within = PgOutputWriter.logicalMessage(true, 5, "other", new byte[] {0, -1});
        List<WalChunk> chunks =
                chunks(
                        framer,
                        List.of(
                                outside,
                                PgOutputWriter.begin(10, CLOCK, 1),
                                outside,
                                within,
                                PgOutputWriter.commit(10, 20, CLOCK),
                                outside));
        assertThat(chunks).extracting(WalChunk::changes).containsExactly(1);
    }

    private static void assertViolation(WalPosition start, String expected, byte[]... messages) {
        assertThatThrownBy(() -> chunks(new TransactionFramer(start, LARGE), List.of(messages)))
                .hasMessageContaining(expected)
                .extracting("code")
                .isEqualTo(ErrorCode.PROTOCOL_VIOLATION);
    }

    @Test
    void refusesAStreamThatMakesNoSense() {
        WalPosition start = WalPosition.at(1);
        byte[] begin = PgOutputWriter.begin(0xAB, CLOCK, 77);
        byte[] row = PgOutputWriter.insert(100, "1");
        assertViolation(start, "message 'I' outside of a transaction", row);
        assertViolation(start, "COMMIT of 0/5", PgOutputWriter.commit(5, 6, CLOCK));
        assertViolation(start, "BEGIN inside of a transaction", begin, begin);
        assertViolation(start, "0/AB (xid 77)", begin, row, PgOutputWriter.commit(5, 6, CLOCK));
        assertViolation(start, "empty message", begin, new byte[0]);
        assertViolation(start, "unknown type 'S'", begin, new byte[] {'S', 0});
        assertViolation(start, "Begin message 'B' of 2 bytes", new byte[] {'B', 0});
        assertViolation(start, "Commit message 'C'", begin, new byte[] {'C', 0});
    }

    @Test
    void refusesToGoOnWithoutTheRestOfATransaction() {
        WalPosition middle = new WalPosition(10, 0xAB, 2);
        byte[] row = PgOutputWriter.insert(100, "1");
        assertViolation(
                middle,
                "the rest of the transaction that commits at 0/AB has not come",
                PgOutputWriter.begin(0xAC, CLOCK, 77));
        assertViolation(
                middle,
                "2 changes had come of it before",
                PgOutputWriter.begin(0xAB, CLOCK, 77),
                row,
                PgOutputWriter.commit(0xAB, 0xAC, CLOCK));
    }
}
