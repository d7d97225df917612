package io.heliosdb.replication.benchmark.micro;

import io.heliosdb.replication.core.secret.TenantCipher;
import io.heliosdb.replication.core.segment.SegmentCodec;
import io.heliosdb.replication.core.segment.SegmentSeal;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.TenantTransaction;
import io.heliosdb.replication.model.config.CompressionLevel;
import io.heliosdb.replication.testkit.changes.Sample;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;

/**
 * What encryption of a full block costs: processor time encrypted over processor time not, in turn
 * with each other, medians. Other than throughput that hardly depends on what else runs.
 */
final class EncryptionCost {

    private static final int ROUNDS = 15;
    private static final int TIMES = 60;

    private EncryptionCost() {}

    static void print() {
        System.out.println("| data | encode, low | decode |");
        for (Sample sample : Sample.values()) {
            List<TenantTransaction> block = SegmentBenchmark.block(sample);
            SegmentSeal seal =
                    new SegmentSeal(
                            TenantCipher.ofItsOwn(new TenantId("t")),
                            block.get(0).replication(),
                            1);
            byte[] plain = SegmentCodec.encode(block, CompressionLevel.LOW);
            byte[] sealed = SegmentCodec.encode(block, CompressionLevel.LOW, seal, 1);
            double encode =
                    ratio(
                            () -> SegmentCodec.encode(block, CompressionLevel.LOW),
                            () -> SegmentCodec.encode(block, CompressionLevel.LOW, seal, 1));
            double decode =
                    ratio(
                            () -> SegmentCodec.decode(block.get(0).replication(), plain),
                            () -> SegmentCodec.decode(block.get(0).replication(), sealed, seal, 1));
            System.out.printf("| %s | %.2f | %.2f |%n", sample, encode, decode);
        }
    }

    private static double ratio(Runnable plain, Runnable encrypted) {
        double[] ratios = new double[ROUNDS];
        for (int round = -5; round < ROUNDS; round++) {
            double ratio = cpuNanos(encrypted) / (double) cpuNanos(plain);
            ratios[Math.max(0, round)] = ratio;
        }
        Arrays.sort(ratios);
        return ratios[ROUNDS / 2];
    }

    private static long cpuNanos(Runnable work) {
        long begin = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        for (int i = 0; i < TIMES; i++) {
            work.run();
        }
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - begin;
    }
}
