package io.heliosdb.replication.benchmark.micro;

import com.github.luben.zstd.Zstd;
import io.heliosdb.replication.core.secret.TenantCipher;
import io.heliosdb.replication.core.segment.SegmentCodec;
import io.heliosdb.replication.core.segment.SegmentSeal;
import io.heliosdb.replication.core.stream.LaneInputCodec;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.TenantTransaction;
import io.heliosdb.replication.model.config.CompressionLevel;
import io.heliosdb.replication.testkit.changes.Sample;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Segments of a full block (256 KiB before compression): how fast, by raw megabytes a second, and
 * how small, beside Zstd alone on the same bytes. {@code main} prints the ratios.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SegmentBenchmark {

    private static final int BLOCK_BYTES = 256 << 10;

    @Param public Sample sample;

    @Param public CompressionLevel level;

    private List<TenantTransaction> transactions;
    private byte[] raw;
    private byte[] segment;
    private byte[] sealed;
    private SegmentSeal seal;
    private byte[] zstd;

    /** Raw megabytes, per second in the report. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Megabytes {
        public double rawMb;
    }

    @Setup(Level.Trial)
    public void prepare() {
        transactions = block(sample);
        raw = raw(transactions);
        segment = SegmentCodec.encode(transactions, level);
        seal =
                new SegmentSeal(
                        TenantCipher.ofItsOwn(new TenantId("t")),
                        transactions.get(0).replication(),
                        1);
        sealed = SegmentCodec.encode(transactions, level, seal, 1);
        zstd = Zstd.compress(raw, zstdLevel(level));
    }

    static List<TenantTransaction> block(Sample sample) {
        List<TenantTransaction> block = new ArrayList<>();
        long bytes = 0;
        for (TenantTransaction transaction : sample.transactions(5000, 1)) {
            if (bytes < BLOCK_BYTES) {
                bytes += transaction.weight();
                block.add(transaction);
            }
        }
        return block;
    }

    static byte[] raw(List<TenantTransaction> transactions) {
        ByteArrayOutputStream buffer = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(buffer)) {
            for (TenantTransaction transaction : transactions) {
                LaneInputCodec.writeTransaction(transaction, out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return buffer.toByteArray();
    }

    private static int zstdLevel(CompressionLevel level) {
        return switch (level) {
            case NONE -> 0;
            case LOW -> 1;
            case MEDIUM -> 3;
            case HIGH -> 9;
        };
    }

    private void count(Megabytes megabytes) {
        megabytes.rawMb += raw.length / 1e6;
    }

    @Benchmark
    public byte[] encode(Megabytes megabytes) {
        count(megabytes);
        return SegmentCodec.encode(transactions, level);
    }

    @Benchmark
    public List<TenantTransaction> decode(Megabytes megabytes) {
        count(megabytes);
        return SegmentCodec.decode(transactions.get(0).replication(), segment);
    }

    @Benchmark
    public byte[] encodeEncrypted(Megabytes megabytes) {
        count(megabytes);
        return SegmentCodec.encode(transactions, level, seal, 1);
    }

    @Benchmark
    public List<TenantTransaction> decodeEncrypted(Megabytes megabytes) {
        count(megabytes);
        return SegmentCodec.decode(transactions.get(0).replication(), sealed, seal, 1);
    }

    @Benchmark
    public byte[] encodeZstdAlone(Megabytes megabytes) {
        count(megabytes);
        return Zstd.compress(raw(transactions), zstdLevel(level));
    }

    @Benchmark
    public byte[] decodeZstdAlone(Megabytes megabytes) {
        count(megabytes);
        return Zstd.decompress(zstd, raw.length);
    }

    /** Prints the ratios as tables. */
    public static void main(String[] arguments) {
        printRatios();
        SmallSegments.print();
        EncryptionCost.print();
    }

    private static void printRatios() {
        StringBuilder table = new StringBuilder("| data |");
        List<CompressionLevel> levels =
                List.of(CompressionLevel.LOW, CompressionLevel.MEDIUM, CompressionLevel.HIGH);
        for (CompressionLevel level : levels) {
            table.append(" Zstd %d | %s |".formatted(zstdLevel(level), level));
        }
        table.append('\n');
        for (Sample sample : Sample.values()) {
            List<TenantTransaction> block = block(sample);
            byte[] raw = raw(block);
            table.append("| ").append(sample).append(" |");
            for (CompressionLevel level : levels) {
                table.append(
                        " %.1f | **%.1f** |"
                                .formatted(
                                        raw.length
                                                / (double)
                                                        Zstd.compress(raw, zstdLevel(level)).length,
                                        raw.length
                                                / (double)
                                                        SegmentCodec.encode(block, level).length));
            }
            table.append('\n');
        }
        System.out.print(table);
    }
}
