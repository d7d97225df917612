package io.heliosdb.replication.model;

import io.heliosdb.replication.model.config.BacklogConfig;
import io.heliosdb.replication.model.config.DdlRules;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.TableFilter;
import java.io.Serializable;

/** What one replication is asked to do. Travels in band to the lane of the replication. */
public record ReplicationSpec(
        ReplicationId id,
        TenantId tenant,
        String target,
        TableFilter tables,
        Tier tier,
        int priority,
        boolean paused,
        ExistingRows existingRows,
        DdlRules ddl,
        BacklogConfig backlog)
        implements Serializable {

    /** With the default rules for DDL and the default backlog. */
    public ReplicationSpec(
            ReplicationId id,
            TenantId tenant,
            String target,
            TableFilter tables,
            Tier tier,
            int priority,
            boolean paused,
            ExistingRows existingRows) {
        this(
                id,
                tenant,
                target,
                tables,
                tier,
                priority,
                paused,
                existingRows,
                DdlRules.APPLY,
                BacklogConfig.DEFAULT);
    }
}
