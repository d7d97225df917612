package io.heliosdb.replication.benchmark.micro;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDictTrainer;
import io.heliosdb.replication.core.segment.SegmentCodec;
import io.heliosdb.replication.model.TenantTransaction;
import io.heliosdb.replication.model.config.CompressionLevel;
import io.heliosdb.replication.testkit.changes.Sample;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether Zstd dictionaries would pay: raw over stored size of segments of different sizes, ours
 * and by Zstd with and without a dictionary of {@value #DICTIONARY_BYTES} bytes that was trained on
 * other rows of the same tables.
 */
final class SmallSegments {

    private static final int DICTIONARY_BYTES = 16 << 10;
    private static final int[] SIZES = {1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10};

    private SmallSegments() {}

    static void print() {
        System.out.println("| data | size | Zstd 1 | Zstd 1 with dictionary | ours, low |");
        for (Sample sample : Sample.values()) {
            for (int size : SIZES) {
                byte[] dictionary = dictionary(pieces(sample, 1, 2 << 10));
                long raw = 0;
                long zstd = 0;
                long withDictionary = 0;
                long ours = 0;
                for (List<TenantTransaction> piece : pieces(sample, 2, size)) {
                    byte[] bytes = SegmentBenchmark.raw(piece);
                    raw += bytes.length;
                    zstd += Zstd.compress(bytes, 1).length;
                    withDictionary += Zstd.compressUsingDict(bytes, dictionary, 1).length;
                    ours += SegmentCodec.encode(piece, CompressionLevel.LOW).length;
                }
                System.out.printf(
                        "| %s | %d KiB | %.1f | %.1f | %.1f |%n",
                        sample,
                        size >> 10,
                        raw / (double) zstd,
                        raw / (double) withDictionary,
                        raw / (double) ours);
            }
        }
    }

    private static List<List<TenantTransaction>> pieces(Sample sample, int seed, int size) {
        List<List<TenantTransaction>> pieces = new ArrayList<>();
        List<TenantTransaction> piece = new ArrayList<>();
        long bytes = 0;
        for (TenantTransaction transaction : sample.transactions(4000, seed)) {
            piece.add(transaction);
            bytes += transaction.weight();
            if (bytes >= size) {
                pieces.add(piece);
                piece = new ArrayList<>();
                bytes = 0;
            }
        }
        return pieces;
    }

    private static byte[] dictionary(List<List<TenantTransaction>> pieces) {
        ZstdDictTrainer trainer = new ZstdDictTrainer(4 << 20, DICTIONARY_BYTES);
        for (List<TenantTransaction> piece : pieces) {
            if (!trainer.addSample(SegmentBenchmark.raw(piece))) {
                break;
            }
        }
        return trainer.trainSamples();
    }
}
