package io.heliosdb.replication.core.ddl;

import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.config.TableFilter;
import org.jspecify.annotations.Nullable;

/** Which tables a replication carries, by what DDL tells of them. */
public final class Carriage {

    private Carriage() {}

    /**
     * Whether the tenant can have rows in it, under its own name or its root's; of no table, it
     * cannot.
     */
    public static boolean carries(
            Tenancy tenancy, TableFilter tables, TenantId tenant, @Nullable TableShape table) {
        return table != null
                && (carries(tenancy, tables, tenant, table, table.id())
                        || table.root() != null
                                && carries(tenancy, tables, tenant, table, table.root()));
    }

    private static boolean carries(
            Tenancy tenancy,
            TableFilter tables,
            TenantId tenant,
            TableShape table,
            TableId underName) {
        if (!tables.accepts(underName)) {
            return false;
        }
        TenantKey key = tenancy.keyOf(underName, table.columnNames());
        return key instanceof TenantKey.Whole whole
                ? whole.tenant().equals(tenant)
                : key instanceof TenantKey.Column && !tenant.equals(TenantId.REFERENCE);
    }
}
