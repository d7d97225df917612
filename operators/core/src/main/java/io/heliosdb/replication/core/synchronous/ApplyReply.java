package io.heliosdb.replication.core.synchronous;

import io.heliosdb.replication.model.ReplicationId;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What the lane of a Synchronous replication tells of itself.
 *
 * @param throughLsn commit LSN up to which its target has everything; 0 if {@code absent}
 * @param absent why nothing is applied; null if its transactions are being applied
 */
public record ApplyReply(ReplicationId replication, long throughLsn, @Nullable String absent)
        implements Serializable {

    public static ApplyReply applied(ReplicationId replication, long throughLsn) {
        return new ApplyReply(replication, throughLsn, null);
    }

    public static ApplyReply absent(ReplicationId replication, String reason) {
        return new ApplyReply(replication, 0, reason);
    }
}
