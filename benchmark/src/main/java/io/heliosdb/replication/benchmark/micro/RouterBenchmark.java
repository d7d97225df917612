package io.heliosdb.replication.benchmark.micro;

import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.core.route.Router;
import io.heliosdb.replication.core.route.RouterOutput;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.JobConfig;
import io.heliosdb.replication.model.config.ReplicationRule;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.TenancyConfig;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** From a source transaction of 1000 rows to the transactions of its 100 tenants; time per row. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RouterBenchmark {

    /** Which tenants are replicated: all, one of a hundred, none. */
    @Param({"*", "t7", "nobody"})
    public String tenant = "*";

    private final byte[] messages = WalSample.transaction();
    private final Sink sink = new Sink();
    private Router router = newRouter();
    private long lsn;

    private Router newRouter() {
        return new Router(
                new Tenancy(new TenancyConfig("tenant_id", Map.of(), null, Set.of())),
                JobConfig.DEFAULT_PART_BYTES,
                sink);
    }

    @Setup
    public void rules() {
        router = newRouter();
        router.rules(
                List.of(
                        new ReplicationRule(
                                "bench",
                                tenant,
                                "target",
                                TableFilter.ALL,
                                Tier.STANDARD,
                                50,
                                false,
                                ExistingRows.FAIL)));
    }

    @Benchmark
    @OperationsPerInvocation(WalSample.ROWS)
    public long route() {
        lsn += 1000;
        router.route(
                new WalChunk(
                        lsn,
                        0,
                        lsn & 0x7FFF_FFFF,
                        0,
                        WalSample.ROWS,
                        true,
                        lsn + 48,
                        messages,
                        messages.length));
        return sink.records;
    }

    private static final class Sink implements RouterOutput {
        private long records;

        @Override
        public void emit(LaneInput record) {
            records++;
        }

        @Override
        public void tick(long lsn, long sourceEpochMicros) {
            records++;
        }

        @Override
        public void discover(ReplicationRule rule) {
            records++;
        }
    }
}
