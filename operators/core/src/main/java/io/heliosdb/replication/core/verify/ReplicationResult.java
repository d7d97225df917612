package io.heliosdb.replication.core.verify;

import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TenantId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One replication.
 *
 * @param position where the target stood when it was read; null if it holds no progress
 * @param lagBytes WAL between the target's position and the source's, 0 if the target was at or
 *     past it
 * @param reason why it was not compared, or not exactly; null if there is nothing to say
 */
public record ReplicationResult(
        ReplicationId replication,
        TenantId tenant,
        String target,
        Outcome outcome,
        @Nullable Position position,
        long lagBytes,
        @Nullable String reason,
        List<TableResult> tables) {

    public ReplicationResult {
        tables = List.copyOf(tables);
    }
}
