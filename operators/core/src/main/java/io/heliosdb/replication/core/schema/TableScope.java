package io.heliosdb.replication.core.schema;

import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TenantId;
import java.util.Collection;
import java.util.List;

/**
 * Says which published tables a replication carries: those its filter accepts and in which its
 * tenant can have rows.
 */
public final class TableScope {

    private final Tenancy tenancy;

    public TableScope(Tenancy tenancy) {
        this.tenancy = tenancy;
    }

    /** The tables of this replication, ordered by name. */
    public List<ScopedTable> of(ReplicationSpec spec, Collection<PublishedTable> published) {
        return published.stream()
                .filter(table -> spec.tables().accepts(table.table()))
                .map(table -> new ScopedTable(table, tenancy.keyOf(table.table(), table.columns())))
                .filter(scoped -> carries(spec.tenant(), scoped.key()))
                .sorted((a, b) -> a.table().compareTo(b.table()))
                .toList();
    }

    /** Whether rows of a table with this key can belong to the tenant. */
    private static boolean carries(TenantId tenant, TenantKey key) {
        if (key instanceof TenantKey.Whole whole) {
            return whole.tenant().equals(tenant);
        }
        // No row has the pseudo tenant of the reference tables, whatever its key column says.
        return key instanceof TenantKey.Column && !tenant.equals(TenantId.REFERENCE);
    }
}
