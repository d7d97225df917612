package io.heliosdb.replication.core.tenancy;

import io.heliosdb.replication.model.TenantId;

/** Where the tenant of a table's rows stands. */
public sealed interface TenantKey {

    /** In a column of each row. */
    record Column(String name) implements TenantKey {}

    /** All rows belong to one tenant (schema per tenant, reference table). */
    record Whole(TenantId tenant) implements TenantKey {}

    /** Nowhere: the table is not replicated. */
    record None() implements TenantKey {}
}
