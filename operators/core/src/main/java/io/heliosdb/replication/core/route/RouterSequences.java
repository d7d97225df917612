package io.heliosdb.replication.core.route;

import io.heliosdb.replication.core.sequence.SequenceGoal;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.config.TableFilter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Sends the goals of sequences to the targets that carry one of their tables. A sequence that the
 * tenants of a table share is one in the target too, so it follows the source's whatever tenants
 * are there.
 */
final class RouterSequences {

    private static final String KEY = "\n sequences of ";

    private final Tenancy tenancy;
    private final RouteTable routes;
    private final RouterOutput output;

    RouterSequences(Tenancy tenancy, RouteTable routes, RouterOutput output) {
        this.tenancy = tenancy;
        this.routes = routes;
        this.output = output;
    }

    /** What a target carries: by filter, whose rows. */
    private record Carried(Map<TableFilter, Set<TenantId>> tenants) {

        boolean carries(TableId table, TenantKey key) {
            for (Map.Entry<TableFilter, Set<TenantId>> entry : tenants.entrySet()) {
                if (entry.getKey().accepts(table) && holds(key, entry.getValue())) {
                    return true;
                }
            }
            return false;
        }

        private static boolean holds(TenantKey key, Set<TenantId> tenants) {
            return key instanceof TenantKey.Whole whole
                    ? tenants.contains(whole.tenant())
                    : tenants.size() > 1 || !tenants.contains(TenantId.REFERENCE);
        }
    }

    void send(List<SequenceGoal> goals) {
        if (goals.isEmpty()) {
            return;
        }
        carried(routes.all())
                .forEach(
                        (target, carried) -> {
                            List<SequenceGoal> own = new ArrayList<>();
                            for (SequenceGoal goal : goals) {
                                if (carried.carries(goal.table(), keyOf(goal))) {
                                    own.add(goal);
                                }
                            }
                            if (!own.isEmpty()) {
                                output.emit(new LaneInput.Sequences(KEY + target, target, own));
                            }
                        });
    }

    /** A table whose columns are not known here counts as one that any tenant may have rows in. */
    private TenantKey keyOf(SequenceGoal goal) {
        return tenancy.keyOf(goal.table(), List.of());
    }

    private static Map<String, Carried> carried(Collection<ReplicationRoute> routes) {
        Map<String, Carried> byTarget = new LinkedHashMap<>();
        for (ReplicationRoute route : routes) {
            byTarget.computeIfAbsent(route.spec.target(), it -> new Carried(new HashMap<>()))
                    .tenants()
                    .computeIfAbsent(route.spec.tables(), it -> new HashSet<>())
                    .add(route.spec.tenant());
        }
        return byTarget;
    }
}
