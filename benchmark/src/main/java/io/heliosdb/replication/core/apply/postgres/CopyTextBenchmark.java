package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.benchmark.micro.WalSample;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * From tuples to COPY's text format; time per row. In the package of what it measures, which is
 * nobody else's business.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CopyTextBenchmark {

    private final byte[][] tuples = new byte[WalSample.ROWS][];
    private final boolean[] written = new boolean[7];
    private final ByteBuilder text = new ByteBuilder(1 << 20);

    public CopyTextBenchmark() {
        for (int i = 0; i < tuples.length; i++) {
            tuples[i] = WalSample.tuple(i);
        }
        Arrays.fill(written, true);
    }

    @Benchmark
    @OperationsPerInvocation(WalSample.ROWS)
    public int encode() {
        text.clear();
        for (byte[] tuple : tuples) {
            CopyText.append(text, tuple, 0, written);
        }
        return text.size();
    }
}
