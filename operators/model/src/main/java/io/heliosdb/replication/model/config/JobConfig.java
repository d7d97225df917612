package io.heliosdb.replication.model.config;

import java.io.Serializable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the job runs.
 *
 * @param name Flink job name
 * @param checkpointDirectory URI or absolute path of a directory for checkpoints and savepoints
 * @param parallelism subtasks of the lanes operator
 * @param backlogMemoryBytes heap for changes that wait, per subtask; what is beyond goes to keyed
 *     state
 * @param transactionPartBytes a tenant transaction longer than this is carried in parts
 * @param syncWorkers parallel readers of first copies, per subtask
 * @param encryption null if backlogs are not encrypted
 */
public record JobConfig(
        String name,
        String checkpointDirectory,
        Duration checkpointInterval,
        int parallelism,
        long backlogMemoryBytes,
        int transactionPartBytes,
        int syncWorkers,
        @Nullable EncryptionConfig encryption)
        implements Serializable {

    public static final String DEFAULT_NAME = "heliosdb-replication";
    public static final Duration DEFAULT_CHECKPOINT_INTERVAL = Duration.ofSeconds(10);
    public static final long DEFAULT_BACKLOG_MEMORY = 128L << 20;
    public static final int DEFAULT_PART_BYTES = 512 << 10;
    public static final int DEFAULT_SYNC_WORKERS = 2;

    /** Without encryption. */
    public JobConfig(
            String name,
            String checkpointDirectory,
            Duration checkpointInterval,
            int parallelism,
            long backlogMemoryBytes,
            int transactionPartBytes,
            int syncWorkers) {
        this(
                name,
                checkpointDirectory,
                checkpointInterval,
                parallelism,
                backlogMemoryBytes,
                transactionPartBytes,
                syncWorkers,
                null);
    }

    public JobConfig {
        if (checkpointDirectory.isBlank()) {
            throw new IllegalArgumentException("checkpoint-directory must not be blank");
        }
        Bounds.check(
                "checkpoint-interval",
                checkpointInterval,
                Duration.ofMillis(100),
                Duration.ofHours(1));
        Bounds.check("parallelism", parallelism, 1, 128);
        Bounds.check("backlog-memory", backlogMemoryBytes, 1L << 20, 1L << 40);
        Bounds.check("transaction-part", transactionPartBytes, 1 << 10, 64 << 20);
        Bounds.check("sync-workers", syncWorkers, 1, 64);
    }
}
