package io.heliosdb.replication.core.apply;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationState;
import org.jspecify.annotations.Nullable;

/**
 * A state with its reason, for the progress row. Code and reason stand if the state is ERROR, or
 * while something is retried.
 *
 * @param refusedLsn commit LSN of the transaction that the target refuses; 0 for none
 */
public record StateReport(
        ReplicationState state,
        @Nullable ErrorCode code,
        @Nullable String reason,
        long refusedLsn) {

    public StateReport(ReplicationState state, @Nullable ErrorCode code, @Nullable String reason) {
        this(state, code, reason, 0);
    }
}
