package io.heliosdb.replication.core.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.core.secret.TenantCipher;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.TenantTransaction;
import io.heliosdb.replication.model.config.CompressionLevel;
import io.heliosdb.replication.testkit.changes.ChangeWriter;
import io.heliosdb.replication.testkit.changes.Sample;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SegmentCodecTest {

    private static final ReplicationId REPLICATION = new ReplicationId("r");

    /** What columns are made of: one of these kinds mostly, others now and then. */
    private static final String[][] TEXTS = {
        {"0", "1", "-1", "007", "-0", "+5", "999999999999999999", "-999999999999999999"},
        {"9223372036854775807", "-9223372036854775808", "1e5", "Infinity", "NaN", "1_000"},
        {"0.00", "12.50", "-0.01", "-0.00", "3.1", "00.10", ".50", "5.", "123456789012345.67"},
        {"0.1", "21.375", "-5", "1.0", "1e-05", "1.7976931348623157e+308", "0.30000000000000004"},
        {"2026-11-21", "0001-01-01", "9999-12-31", "2026-02-29", "2024-02-29", "0044-03-15 BC"},
        {"2026-11-21 16:38:20.25+00", "1969-12-31 23:59:59.999999+00", "infinity", "-infinity"},
        {"2026-11-21 16:38:20", "0001-01-01 00:00:00", "2026-11-21 24:00:00", "294276-12-31 1:1:1"},
        {"2026-11-21 16:38:20.250", "2026-11-21 16:38:20+05:30", "2026-11-21 16:38:20.5-08"},
        {"550e8400-e29b-41d4-a716-446655440000", "550E8400-e29b-41d4-a716-446655440000", "-"},
        {"\\x", "\\xdeadbeef", "\\xDEAD", "\\x1", "\\y12"},
        {"", "t", "f", "open", "closed", "ümläut 😀", "{\"a\": 1}", "\0", "a\tb\n"},
    };

    private static @Nullable String text(Random random, int kind) {
        int any = random.nextInt(40);
        if (any < 2) {
            return any == 0 ? null : ChangeWriter.UNCHANGED;
        }
        String[] texts = TEXTS[any == 2 ? random.nextInt(TEXTS.length) : kind];
        if (any < 8) {
            return texts[any % texts.length];
        }
        return switch (kind) {
            case 0 -> Long.toString(random.nextLong() >> random.nextInt(64));
            case 2 -> random.nextInt(1000) + "." + (10 + random.nextInt(90));
            case 3 -> Double.toString(random.nextGaussian());
            case 5 -> "2026-11-2" + random.nextInt(10) + " 16:38:2" + random.nextInt(10) + "+00";
            case 8 -> new java.util.UUID(random.nextLong(), random.nextLong()).toString();
            default -> texts[random.nextInt(texts.length)];
        };
    }

    private static String[] row(Random random, int columns) {
        String[] row = new String[columns];
        for (int i = 0; i < columns; i++) {
            row[i] = text(random, i % TEXTS.length);
        }
        return row;
    }

    private static byte[] changes(Random random, int relations, int[] rows) {
        ChangeWriter changes = new ChangeWriter();
        for (int i = 0; i < rows[0]; i++) {
            int relation = random.nextInt(relations);
            int columns = relation == 0 ? 0 : 1 + relation * 5;
            String[] row = row(random, columns);
            char kind = random.nextBoolean() ? 'K' : 'O';
            switch (random.nextInt(6)) {
                case 0, 1 -> changes.insert(relation, row);
                case 2 -> changes.update(relation, row);
                case 3 -> {
                    String[] old = row.clone();
                    if (columns > 0) {
                        String[] others = {"old", null, ChangeWriter.UNCHANGED};
                        old[random.nextInt(columns)] = others[random.nextInt(others.length)];
                    }
                    changes.update(relation, kind, old, row);
                }
                case 4 -> changes.delete(relation, kind, row);
                default -> changes.truncate(relation, random.nextInt(4));
            }
        }
        return changes.toBytes();
    }

    private static List<TenantTransaction> random(Random random) {
        List<TenantTransaction> transactions = new ArrayList<>();
        int count = random.nextInt(20);
        boolean serial = random.nextBoolean();
        for (int i = 0; i < count; i++) {
            long[] relations = {7, 8, 9};
            int[] rows = {random.nextInt(60)};
            byte[] changes = changes(random, relations.length, rows);
            if (random.nextInt(100) == 0) {
                // Not to be taken apart.
                random.nextBytes(changes);
            }
            transactions.add(
                    new TenantTransaction(
                            REPLICATION,
                            serial ? 1000L * i : random.nextLong(),
                            serial ? 1_000_000L * i : random.nextLong(),
                            random.nextInt() & 0xFFFF_FFFFL,
                            random.nextInt(5),
                            random.nextBoolean(),
                            random.nextInt(100),
                            rows[0],
                            relations,
                            changes));
        }
        return transactions;
    }

    @Test
    void decodesWhatItEncoded() {
        for (int seed = 0; seed < 1000; seed++) {
            Random random = new Random(seed);
            List<TenantTransaction> transactions = random(random);
            CompressionLevel level = CompressionLevel.values()[random.nextInt(4)];
            byte[] segment = SegmentCodec.encode(transactions, level);
            assertSame(SegmentCodec.decode(REPLICATION, segment), transactions, "seed " + seed);
            assertThat(SegmentHeader.read(segment).count()).isEqualTo(transactions.size());
        }
    }

    private static void assertSame(
            List<TenantTransaction> decoded, List<TenantTransaction> expected, String what) {
        assertThat(decoded).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            // By bytes first: a recursive comparison of large arrays takes its time.
            assertThat(decoded.get(i).changes()).as(what).isEqualTo(expected.get(i).changes());
            assertThat(decoded.get(i).relations()).isEqualTo(expected.get(i).relations());
            assertThat(decoded.get(i).toString()).isEqualTo(expected.get(i).toString());
            assertThat(decoded.get(i).xid()).isEqualTo(expected.get(i).xid());
            assertThat(decoded.get(i).firstOrdinal()).isEqualTo(expected.get(i).firstOrdinal());
            assertThat(decoded.get(i).commitEpochMicros())
                    .isEqualTo(expected.get(i).commitEpochMicros());
        }
    }

    @ParameterizedTest
    @EnumSource
    void takesWhatApplicationsWriteApartAndBeatsZstdAlone(Sample sample) {
        List<TenantTransaction> transactions = sample.transactions(600, 1);

        byte[] segment = SegmentCodec.encode(transactions, CompressionLevel.LOW);

        ReplicationId replication = transactions.get(0).replication();
        assertSame(SegmentCodec.decode(replication, segment), transactions, sample.name());
        int zstd = SegmentCodec.encodeWhole(transactions, CompressionLevel.LOW, null, 0).length;
        assertThat(segment.length).isLessThan(zstd);
    }

    @Test
    void keepsAWideTableWithFewRows() {
        ChangeWriter changes = new ChangeWriter().insert(0, new String[1600]);
        List<TenantTransaction> transactions =
                List.of(
                        new TenantTransaction(
                                REPLICATION,
                                1,
                                2,
                                3,
                                0,
                                true,
                                0,
                                1,
                                new long[] {5},
                                changes.toBytes()));
        byte[] segment = SegmentCodec.encode(transactions, CompressionLevel.HIGH);
        assertSame(SegmentCodec.decode(REPLICATION, segment), transactions, "wide");
    }

    @ParameterizedTest
    @EnumSource
    void detectsEveryFlippedBit(CompressionLevel level) {
        List<TenantTransaction> transactions = random(new Random(5));
        SegmentSeal seal =
                new SegmentSeal(TenantCipher.ofItsOwn(new TenantId("t")), REPLICATION, 1);
        for (SegmentSeal some : new SegmentSeal[] {null, seal}) {
            byte[] segment = SegmentCodec.encode(transactions, level, some, 3);
            assertThat(segment.length).isGreaterThan(1000);
            for (int bit = 0; bit < segment.length * 8; bit++) {
                byte[] damaged = segment.clone();
                damaged[bit / 8] ^= (byte) (1 << bit % 8);
                assertThatThrownBy(() -> SegmentCodec.decode(REPLICATION, damaged, some, 3))
                        .as("bit " + bit)
                        .hasMessageContaining("damaged");
            }
        }
    }

    @Test
    void tellsInItsHeaderWhatABacklogMustKnow() {
        List<TenantTransaction> transactions = Sample.values()[0].transactions(50, 1);
        byte[] segment = SegmentCodec.encode(transactions, CompressionLevel.HIGH);

        SegmentHeader header = SegmentHeader.read(SegmentCodec.headerOf(segment));

        assertThat(header.count()).isEqualTo(50);
        assertThat(header.rows())
                .isEqualTo(transactions.stream().mapToInt(TenantTransaction::rows).sum());
        assertThat(header.bytes() + header.payloadBytes()).isEqualTo(segment.length);
        assertThat(header.rawBytes()).isEqualTo(SegmentCodec.raw(transactions).length);
        assertThat(header.firstCommitMicros()).isEqualTo(transactions.get(0).commitEpochMicros());
    }

    /** As an earlier version has put it into checkpoints. */
    @Test
    void readsVersion2() {
        List<TenantTransaction> transactions = Sample.values()[0].transactions(20, 1);
        byte[] now = SegmentCodec.encode(transactions, CompressionLevel.LOW);
        int payload = now.length - SegmentHeader.BYTES;
        ByteBuffer before = ByteBuffer.allocate(16 + payload);
        before.putShort((short) 0x4853).put((byte) 2).put(now[3]);
        before.put(now, 4, 8).putInt(0).put(now, SegmentHeader.BYTES, payload);
        CRC32C crc = new CRC32C();
        crc.update(before.array(), 0, 12);
        crc.update(before.array(), 16, payload);
        before.putInt(12, (int) crc.getValue());

        ReplicationId replication = transactions.get(0).replication();
        assertSame(SegmentCodec.decode(replication, before.array()), transactions, "version 2");
        byte[] header = SegmentCodec.headerOf(before.array());
        assertThat(SegmentHeader.read(header).count()).isEqualTo(20);
    }
}
