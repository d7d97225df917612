package io.heliosdb.replication.benchmark.micro;

import io.heliosdb.replication.core.wire.PgOutput;
import io.heliosdb.replication.core.wire.PgOutputMessage;
import io.heliosdb.replication.core.wire.Tuples;
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

/** Walking messages and tuples in place; time per row. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class WireBenchmark {

    private final byte[] messages = WalSample.transaction();
    private final PgOutputMessage message = new PgOutputMessage();

    /** Checks every row and finds its end. */
    @Benchmark
    @OperationsPerInvocation(WalSample.ROWS)
    public long walk() {
        long sum = 0;
        for (int at = 0; at < messages.length; at = message.end()) {
            sum += message.wrapFramed(messages, at, messages.length).newTuple();
        }
        return sum;
    }

    /** And reads the second column, as the router does for the tenant. */
    @Benchmark
    @OperationsPerInvocation(WalSample.ROWS)
    public long walkAndFindTenant() {
        long sum = 0;
        for (int at = 0; at < messages.length; at = message.end()) {
            message.wrapFramed(messages, at, messages.length);
            if (message.type() == PgOutput.INSERT) {
                sum += Tuples.slice(messages, message.newTuple(), message.end(), 1);
            }
        }
        return sum;
    }
}
