package io.heliosdb.replication.core.verify.postgres;

import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.core.verify.Aggregate;
import io.heliosdb.replication.core.verify.ForeignRows;
import io.heliosdb.replication.core.verify.VerifiedTable;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** Whose rows were met where. */
final class TenantsFound {

    /** Whether rows of a tenant may stand in a table of a target. */
    interface Belonging {
        boolean test(String target, TableId table, TenantId tenant);
    }

    private final Map<TableId, Set<TenantId>> atSource = new TreeMap<>();
    private final Map<String, Map<TableId, Map<String, Long>>> atTargets = new TreeMap<>();

    void atSource(VerifiedTable table, Map<String, Aggregate> byTenant) {
        Set<TenantId> tenants = atSource.computeIfAbsent(table.id(), id -> new HashSet<>());
        byTenant.keySet().stream()
                .filter(tenant -> !tenant.isBlank())
                .forEach(tenant -> tenants.add(new TenantId(tenant)));
    }

    void atTarget(String target, VerifiedTable table, Map<String, Aggregate> byTenant) {
        // A table that belongs to one tenant as a whole is told by its name: nothing stands in it
        // by mistake.
        if (table.tenantKey() instanceof TenantKey.Column) {
            Map<String, Long> counts =
                    atTargets
                            .computeIfAbsent(target, name -> new TreeMap<>())
                            .computeIfAbsent(table.id(), id -> new TreeMap<>());
            byTenant.forEach((tenant, aggregate) -> counts.put(tenant, aggregate.count()));
        }
    }

    void forEachAtSource(BiConsumer<TableId, TenantId> action) {
        atSource.forEach(
                (table, tenants) -> tenants.forEach(tenant -> action.accept(table, tenant)));
    }

    /** Rows of tenants that should not stand in the targets. */
    List<ForeignRows> foreign(Belonging belonging) {
        List<ForeignRows> foreign = new ArrayList<>();
        atTargets.forEach(
                (target, tables) ->
                        tables.forEach(
                                (table, counts) -> {
                                    List<String> tenants =
                                            counts.keySet().stream()
                                                    .filter(
                                                            tenant ->
                                                                    tenant.isBlank()
                                                                            || !belonging.test(
                                                                                    target,
                                                                                    table,
                                                                                    new TenantId(
                                                                                            tenant)))
                                                    .toList();
                                    if (!tenants.isEmpty()) {
                                        foreign.add(
                                                new ForeignRows(
                                                        target,
                                                        table,
                                                        tenants.size(),
                                                        tenants.stream()
                                                                .mapToLong(counts::get)
                                                                .sum(),
                                                        tenants.get(0)));
                                    }
                                }));
        return foreign;
    }
}
