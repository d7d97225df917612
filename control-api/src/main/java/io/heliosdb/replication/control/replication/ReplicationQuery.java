package io.heliosdb.replication.control.replication;

import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.Tier;
import org.jspecify.annotations.Nullable;

/** Which replications a list shows, and in which order; null: all. */
public record ReplicationQuery(
        @Nullable String tenantId,
        @Nullable ReplicationState status,
        @Nullable Tier tier,
        Sort sort,
        boolean ascending,
        int offset,
        int limit) {

    /** What a list can be sorted by, with the column. */
    public enum Sort {
        CREATED_AT("c.created_at"),
        UPDATED_AT("c.updated_at"),
        TENANT_ID("c.tenant_id"),
        STATUS("status"),
        QOS_TIER("c.qos_tier"),
        PRIORITY("c.priority"),
        REPLICATION_LAG_SECONDS("s.replication_lag_seconds");

        private final String column;

        Sort(String column) {
            this.column = column;
        }

        public String column() {
            return column;
        }
    }
}
