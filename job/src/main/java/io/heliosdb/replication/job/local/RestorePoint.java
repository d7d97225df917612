package io.heliosdb.replication.job.local;

import java.time.Instant;
import org.apache.flink.core.execution.RestoreMode;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;

/**
 * A complete checkpoint or savepoint.
 *
 * @param path what Flink restores from
 * @param checkpointId grows along one lineage of runs
 * @param completedAt when its metadata was written
 * @param ours whether it is a checkpoint or a stop of ours, which may be deleted once newer ones
 *     exist; a savepoint that a user took may not
 */
public record RestorePoint(String path, long checkpointId, Instant completedAt, boolean ours) {

    /** Fails on state that the job does not know: leaving it behind would lose a backlog. */
    public SavepointRestoreSettings settings() {
        return SavepointRestoreSettings.forPath(
                path, false, ours ? RestoreMode.CLAIM : RestoreMode.NO_CLAIM);
    }
}
