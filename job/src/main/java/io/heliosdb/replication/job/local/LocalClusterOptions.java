package io.heliosdb.replication.job.local;

import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;

/**
 * How a {@link LocalCluster} runs.
 *
 * @param slots at least the parallelism of the job
 * @param restPorts port of REST API and web UI: {@code 0} for any free one, {@code 8081-8099} for
 *     the first that is free
 * @param checkpoints where checkpoints go
 */
public record LocalClusterOptions(int slots, String restPorts, CheckpointDirectory checkpoints) {

    public static LocalClusterOptions in(CheckpointDirectory checkpoints) {
        return new LocalClusterOptions(1, "0", checkpoints);
    }

    public LocalClusterOptions withSlots(int count) {
        return new LocalClusterOptions(count, restPorts, checkpoints);
    }

    public LocalClusterOptions withRestPorts(String ports) {
        return new LocalClusterOptions(slots, ports, checkpoints);
    }

    /** Only deviations from Flink's defaults, as in {@code flink-conf/}, each with its reason. */
    Configuration toFlink(Path temporary) {
        Configuration flink = new Configuration();
        flink.set(RestOptions.ADDRESS, "localhost");
        flink.set(RestOptions.BIND_ADDRESS, "localhost");
        flink.set(RestOptions.BIND_PORT, restPorts);
        // State on local disk, nothing of it left behind: what counts is in checkpoints.
        flink.set(CoreOptions.TMP_DIRS, temporary.toString());
        // The backlog of a replication whose target is down outgrows any heap.
        flink.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
        flink.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
        flink.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.uri());
        flink.set(CheckpointingOptions.SAVEPOINT_DIRECTORY, checkpoints.savepointsUri());
        // A process that is killed or cancelled continues from its last checkpoint.
        flink.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        // RocksDB's cache; our state is written and read once, more would not help.
        flink.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(64));
        flink.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(32));
        flink.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(32));
        // The source may be away for hours: never give up, come back soon after it does.
        flink.set(
                RestartStrategyOptions.RESTART_STRATEGY,
                RestartStrategyOptions.RestartStrategyType.EXPONENTIAL_DELAY.getMainValue());
        flink.set(
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF,
                Duration.ofSeconds(10));
        flink.set(
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_RESET_BACKOFF_THRESHOLD,
                Duration.ofMinutes(1));
        return flink;
    }
}
