package io.heliosdb.replication.core.route;

import io.heliosdb.replication.core.control.ControlCommand;
import io.heliosdb.replication.core.route.TenantIndex.Tenant;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.config.ReplicationRule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which replications there are, and which of them carry a tenant. Rules are compared with what is
 * there; the differences go out as control records.
 */
final class RouteTable {

    static final ReplicationRoute[] NONE = new ReplicationRoute[0];

    /** Where the stream stands when a replication begins. */
    record StartPoint(long lsn, long[] unprovenXids) {
        static final StartPoint NONE = new StartPoint(0, new long[0]);
    }

    private final RouterOutput output;
    private final Supplier<StartPoint> startPoint;
    private final TenantIndex tenants = new TenantIndex();
    private final Map<ReplicationId, ReplicationRoute> routes = new LinkedHashMap<>();
    private List<ReplicationRule> patterns = List.of();
    private int generation;
    private Map<String, ReplicationRule> rules = new HashMap<>();

    RouteTable(RouterOutput output, Supplier<StartPoint> startPoint) {
        this.output = output;
        this.startPoint = startPoint;
    }

    Collection<ReplicationRoute> all() {
        return routes.values();
    }

    List<ReplicationSpec> specs() {
        return routes.values().stream().map(route -> route.spec).toList();
    }

    /** Those of this id, of the rule of this name, or all of them for a star. */
    List<ReplicationRoute> named(String name) {
        if (name.equals(ControlCommand.ALL)) {
            return List.copyOf(routes.values());
        }
        ReplicationRule rule = rules.get(name);
        return routes.values().stream()
                .filter(
                        route ->
                                route.spec.id().value().equals(name)
                                        || rule != null
                                                && ruleOf(route.spec, List.of(rule)) != null)
                .toList();
    }

    /** The tenant of a row; every pattern that covers it has its replication. */
    Tenant tenant(byte[] bytes, int offset, int length) {
        return seen(tenants.get(bytes, offset, length));
    }

    /** As above. */
    Tenant tenant(String id) {
        return seen(tenants.get(id));
    }

    private Tenant seen(Tenant tenant) {
        if (tenant.generation != generation) {
            tenant.generation = generation;
            if (!patterns.isEmpty() && !tenant.id.isBlank()) {
                covered(new TenantId(tenant.id));
            }
        }
        return tenant;
    }

    /** A tenant is seen for the first time under these patterns. */
    private void covered(TenantId tenant) {
        for (ReplicationRule rule : patterns) {
            if (rule.covers(tenant)) {
                upsert(rule.specFor(tenant));
            }
        }
    }

    void rules(List<ReplicationRule> wanted) {
        Map<String, ReplicationRule> byName = new HashMap<>();
        wanted.forEach(rule -> byName.put(rule.name(), rule));
        for (ReplicationRoute route : List.copyOf(routes.values())) {
            if (ruleOf(route.spec, wanted) == null) {
                remove(route);
            }
        }
        List<ReplicationRule> news = new ArrayList<>();
        for (ReplicationRule rule : wanted) {
            if (!rule.equals(rules.get(rule.name()))) {
                news.add(rule);
            }
        }
        rules = byName;
        List<ReplicationRule> wantedPatterns =
                wanted.stream().filter(ReplicationRule::isPattern).toList();
        if (!wantedPatterns.equals(patterns)) {
            // A tenant that was seen under other patterns must count as new under these.
            patterns = wantedPatterns;
            generation++;
        }
        for (ReplicationRule rule : news) {
            apply(rule);
        }
    }

    private void apply(ReplicationRule rule) {
        if (!rule.isPattern()) {
            upsert(rule.specFor(new TenantId(rule.tenant())));
            return;
        }
        for (ReplicationRoute route : List.copyOf(routes.values())) {
            if (rule.covers(route.spec.tenant())
                    && rule.specFor(route.spec.tenant()).id().equals(route.spec.id())) {
                upsert(rule.specFor(route.spec.tenant()));
            }
        }
        // Tenants that were seen while nobody wanted them are found by discovery, like those never
        // seen.
        output.discover(rule);
    }

    void discovered(ReplicationRule rule, List<TenantId> found) {
        if (!rule.equals(rules.get(rule.name()))) {
            return;
        }
        for (TenantId tenant : found) {
            if (rule.covers(tenant)) {
                upsert(rule.specFor(tenant));
            }
        }
    }

    private static @Nullable ReplicationRule ruleOf(
            ReplicationSpec spec, List<ReplicationRule> wanted) {
        for (ReplicationRule rule : wanted) {
            if (rule.covers(spec.tenant())
                    && rule.specFor(spec.tenant()).id().equals(spec.id())
                    && rule.target().equals(spec.target())) {
                return rule;
            }
        }
        return null;
    }

    @Nullable ReplicationRoute find(ReplicationId id) {
        return routes.get(id);
    }

    /** Makes sure that there is such a replication. */
    void upsert(ReplicationSpec spec) {
        ReplicationRoute route = routes.get(spec.id());
        if (route != null && route.spec.equals(spec)) {
            return;
        }
        if (route != null && route.failed) {
            // The stream went on without it: a new life, which finds out what the target misses.
            remove(route);
            route = null;
        }
        if (route == null) {
            ReplicationRoute added = add(spec);
            StartPoint start = startPoint.get();
            output.emit(new LaneInput.Start(added.spec, start.lsn(), start.unprovenXids()));
        } else {
            boolean tables = !spec.tables().equals(route.spec.tables());
            route.respecify(spec);
            StartPoint from = tables ? startPoint.get() : StartPoint.NONE;
            output.emit(new LaneInput.Update(spec, from.lsn(), from.unprovenXids()));
        }
    }

    private ReplicationRoute add(ReplicationSpec spec) {
        ReplicationRoute route = new ReplicationRoute(spec);
        routes.put(spec.id(), route);
        index(route);
        return route;
    }

    private void index(ReplicationRoute route) {
        Tenant tenant = tenants.get(route.spec.tenant().value());
        tenant.routes =
                Stream.concat(Stream.of(tenant.routes), Stream.of(route))
                        .toArray(ReplicationRoute[]::new);
    }

    private void remove(ReplicationRoute route) {
        leave(route.spec.id());
        output.emit(new LaneInput.Stop(route.spec.id()));
    }

    /** Forgets a replication; its lane is told by the caller. */
    void leave(ReplicationId id) {
        ReplicationRoute route = routes.remove(id);
        if (route == null) {
            return;
        }
        Tenant tenant = tenants.get(route.spec.tenant().value());
        tenant.routes =
                Stream.of(tenant.routes)
                        .filter(other -> other != route)
                        .toArray(ReplicationRoute[]::new);
    }

    void forget(RelationRoute relation) {
        routes.values().forEach(route -> route.forget(relation));
    }

    List<RouterState.Route> state() {
        return routes.values().stream()
                .map(route -> new RouterState.Route(route.spec, route.failed, route.parts))
                .toList();
    }

    /** Returns the routes that stand in the middle of a transaction. */
    List<ReplicationRoute> restore(List<RouterState.Route> saved) {
        List<ReplicationRoute> inside = new ArrayList<>();
        for (RouterState.Route state : saved) {
            ReplicationRoute route = add(state.spec());
            route.failed = state.failed();
            route.parts = state.parts();
            if (route.parts > 0) {
                inside.add(route);
            }
        }
        return inside;
    }
}
