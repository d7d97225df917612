package io.heliosdb.replication.benchmark;

import io.heliosdb.replication.core.config.ConfigFile;
import io.heliosdb.replication.job.ReplicationJob;
import io.heliosdb.replication.job.local.CheckpointDirectory;
import io.heliosdb.replication.job.local.LocalCluster;
import io.heliosdb.replication.job.local.LocalClusterOptions;
import io.heliosdb.replication.job.local.LocalJob;
import io.heliosdb.replication.model.config.PipelineConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The job in a JVM of its own, so that its processor time and heap can be told. Obeys lines on
 * standard input: {@code usage} is answered with a line, {@code reset} forgets the peak, {@code
 * stop} or the end of input ends it.
 */
public final class JobProcess {

    static final String PREFIX = "@";

    private JobProcess() {}

    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[0]);
        PipelineConfig config = ConfigFile.read(file);
        PrintStream out = System.out;
        CheckpointDirectory checkpoints =
                CheckpointDirectory.open(config.job().checkpointDirectory());
        try (LocalCluster cluster =
                LocalCluster.start(
                        LocalClusterOptions.in(checkpoints)
                                .withSlots(config.job().parallelism()))) {
            LocalJob job =
                    cluster.submit(
                            env -> ReplicationJob.build(env, config, file), Optional.empty());
            out.println(PREFIX + "submitted " + job.id());
            obey(
                    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII)),
                    out);
            job.cancel(Duration.ofSeconds(30));
        }
        out.println(PREFIX + "stopped");
        System.exit(0);
    }

    private static void obey(BufferedReader in, PrintStream out) throws IOException {
        String line;
        while ((line = in.readLine()) != null && !line.equals("stop")) {
            if (line.equals("reset")) {
                heapPools().forEach(MemoryPoolMXBean::resetPeakUsage);
            }
            out.println(PREFIX + usage());
        }
    }

    /** Processor time, collector time and peak heap, in nanoseconds, milliseconds and bytes. */
    private static String usage() {
        long cpu =
                ((com.sun.management.OperatingSystemMXBean)
                                ManagementFactory.getOperatingSystemMXBean())
                        .getProcessCpuTime();
        long collector =
                ManagementFactory.getGarbageCollectorMXBeans().stream()
                        .mapToLong(GarbageCollectorMXBean::getCollectionTime)
                        .sum();
        long peak = heapPools().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum();
        return cpu + " " + collector + " " + peak;
    }

    private static java.util.stream.Stream<MemoryPoolMXBean> heapPools() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP);
    }
}
