package io.heliosdb.replication.model;

import io.heliosdb.replication.model.config.BacklogConfig;
import io.heliosdb.replication.model.config.DdlRules;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.ServiceConfig;
import io.heliosdb.replication.model.config.TableFilter;
import java.io.Serializable;
import java.time.Duration;

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
        BacklogConfig backlog,
        ServiceConfig service)
        implements Serializable {

    /** With the default rules for DDL, backlog and service. */
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
                BacklogConfig.DEFAULT,
                ServiceConfig.DEFAULT);
    }

    /** With the default service. */
    public ReplicationSpec(
            ReplicationId id,
            TenantId tenant,
            String target,
            TableFilter tables,
            Tier tier,
            int priority,
            boolean paused,
            ExistingRows existingRows,
            DdlRules ddl,
            BacklogConfig backlog) {
        this(
                id,
                tenant,
                target,
                tables,
                tier,
                priority,
                paused,
                existingRows,
                ddl,
                backlog,
                ServiceConfig.DEFAULT);
    }

    /** By how much its target may lag. */
    public Duration maxLag() {
        return service.maxLag(tier);
    }
}
