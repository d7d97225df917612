package io.heliosdb.replication.core.schema;

import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.model.TableId;

/**
 * A published table that a replication carries, and where its rows' tenant stands (never {@link
 * TenantKey.None}).
 */
public record ScopedTable(PublishedTable published, TenantKey key) {

    public TableId table() {
        return published.table();
    }
}
