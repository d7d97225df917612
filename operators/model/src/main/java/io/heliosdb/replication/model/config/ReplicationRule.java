package io.heliosdb.replication.model.config;

import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.Tier;
import java.io.Serializable;

/**
 * One entry of {@code replications}: a tenant, or a pattern of tenants that becomes one replication
 * for each tenant found.
 *
 * @param tenant tenant id, or a pattern with {@code *}; {@code _reference} for the reference tables
 * @param priority 0 to 100, higher goes first within a tier
 */
public record ReplicationRule(
        String name,
        String tenant,
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

    public static final int DEFAULT_PRIORITY = 50;

    /** With the default rules for DDL, backlog and service. */
    public ReplicationRule(
            String name,
            String tenant,
            String target,
            TableFilter tables,
            Tier tier,
            int priority,
            boolean paused,
            ExistingRows existingRows) {
        this(
                name,
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

    /** With the default backlog and service. */
    public ReplicationRule(
            String name,
            String tenant,
            String target,
            TableFilter tables,
            Tier tier,
            int priority,
            boolean paused,
            ExistingRows existingRows,
            DdlRules ddl) {
        this(
                name,
                tenant,
                target,
                tables,
                tier,
                priority,
                paused,
                existingRows,
                ddl,
                BacklogConfig.DEFAULT,
                ServiceConfig.DEFAULT);
    }

    public ReplicationRule {
        if (!name.matches("[A-Za-z0-9_.-]{1,100}")) {
            throw new IllegalArgumentException(
                    "replication name may have letters, digits, '_', '.', '-', at most 100: '"
                            + name
                            + "'");
        }
        if (tenant.isBlank()) {
            throw new IllegalArgumentException(
                    "tenant of replication '" + name + "' must not be blank");
        }
        Bounds.check("priority", priority, 0, 100);
    }

    public boolean isPattern() {
        return Glob.isPattern(tenant);
    }

    /**
     * Whether the rule makes a replication for this tenant. A pattern never covers {@code
     * _reference}.
     */
    public boolean covers(TenantId id) {
        return isPattern()
                ? !id.equals(TenantId.REFERENCE) && Glob.matches(tenant, id.value())
                : tenant.equals(id.value());
    }

    /**
     * Whether both could make a replication of the same tenant into the same target, which would
     * write the same rows twice.
     */
    public boolean overlaps(ReplicationRule other) {
        if (!target.equals(other.target)) {
            return false;
        }
        if (isPattern() && other.isPattern()) {
            return Glob.overlap(tenant, other.tenant);
        }
        return isPattern()
                ? covers(new TenantId(other.tenant))
                : other.covers(new TenantId(tenant));
    }

    /** The replication of one tenant: {@code name}, or {@code name/tenant} if this is a pattern. */
    public ReplicationSpec specFor(TenantId id) {
        ReplicationId replication = new ReplicationId(isPattern() ? name + "/" + id.value() : name);
        return new ReplicationSpec(
                replication,
                id,
                target,
                tables,
                tier,
                priority,
                paused,
                existingRows,
                ddl,
                backlog,
                service);
    }
}
