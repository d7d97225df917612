package io.heliosdb.replication.core.apply;

import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TableId;
import org.jspecify.annotations.Nullable;

/**
 * A change, or several of one statement, that found no row in the target and was left out.
 *
 * @param commitLsn of its transaction; of several the last one
 * @param ordinal in its transaction; negative where it is about several
 * @param row JSON, values of the tenant's; null where it is about several
 */
public record Conflict(
        ReplicationId replication,
        long commitLsn,
        long ordinal,
        TableId table,
        Type type,
        String reason,
        @Nullable String row) {

    /** In PostgreSQL's own words. */
    public enum Type {
        UPDATE_MISSING,
        DELETE_MISSING
    }

    public String position() {
        return Lsn.format(commitLsn) + (ordinal < 0 ? "" : ":" + ordinal);
    }
}
