package io.heliosdb.replication.core.route;

import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.core.wire.PgOutput;
import io.heliosdb.replication.core.wire.PgOutputMessage;
import io.heliosdb.replication.core.wire.Tuples;

/** Finds the replications that a change belongs to, by the tenants of its old and new row. */
final class ChangeRouter {

    private final Relations relations;
    private final RouteTable table;
    private final RouteFailures failures;
    private final OpenTransaction open;

    ChangeRouter(
            Relations relations, RouteTable table, RouteFailures failures, OpenTransaction open) {
        this.relations = relations;
        this.table = table;
        this.failures = failures;
        this.open = open;
    }

    void insert(PgOutputMessage change, long ordinal) {
        RelationRoute relation = relations.get(change.relationOid(), change);
        for (ReplicationRoute route : routesOf(relation, change, change.newTuple())) {
            if (route.carries(relation)) {
                open.insert(route, relation, ordinal, change);
            }
        }
    }

    void delete(PgOutputMessage change, long ordinal) {
        RelationRoute relation = relations.get(change.relationOid(), change);
        if (!relation.keyInIdentity) {
            failures.oldTenantUnknown(relation, "DELETE");
            return;
        }
        for (ReplicationRoute route : routesOf(relation, change, change.oldTuple())) {
            if (route.carries(relation)) {
                open.delete(route, relation, ordinal, change);
            }
        }
    }

    void update(PgOutputMessage change, long ordinal) {
        RelationRoute relation = relations.get(change.relationOid(), change);
        if (!relation.keyInIdentity) {
            failures.oldTenantUnknown(relation, "UPDATE");
            return;
        }
        if (change.oldKind() == 0 && relation.descriptor.replicaIdentity() == 'f') {
            failures.oldRowMissing(relation);
            return;
        }
        ReplicationRoute[] from = routesOf(relation, change, change.oldTuple());
        ReplicationRoute[] to =
                keepsTenant(relation, change)
                        ? from
                        : routesOf(relation, change, change.newTuple());
        if (from == to) {
            for (ReplicationRoute route : from) {
                if (route.carries(relation)) {
                    open.update(route, relation, ordinal, change);
                }
            }
            return;
        }
        for (ReplicationRoute route : from) {
            if (route.carries(relation)) {
                open.delete(route, relation, ordinal, change);
            }
        }
        enter(relation, to, change, ordinal);
    }

    /** Without an old row the identity, and with it the tenant key, has not changed. */
    private static boolean keepsTenant(RelationRoute relation, PgOutputMessage update) {
        return update.oldKind() == 0
                || relation.keyColumn >= 0
                        && slice(update, update.newTuple(), relation.keyColumn) == Tuples.UNCHANGED;
    }

    /**
     * A row comes to another tenant: it must be whole, and the new tuple leaves out TOAST values
     * that did not change. The old one has them if it is whole (replica identity FULL).
     */
    private void enter(
            RelationRoute relation, ReplicationRoute[] to, PgOutputMessage update, long ordinal) {
        byte[] bytes = update.bytes();
        boolean partial = Tuples.hasUnchanged(bytes, update.newTuple(), update.end());
        boolean known = partial && update.oldKind() == PgOutput.OLD_TUPLE;
        for (ReplicationRoute route : to) {
            if (!route.carries(relation)) {
                continue;
            }
            if (known) {
                byte[] row =
                        Tuples.complete(bytes, update.newTuple(), update.oldTuple(), update.end());
                open.insert(route, relation, ordinal, row);
            } else if (partial) {
                failures.enteredInPart(route, relation);
            } else {
                open.insert(route, relation, ordinal, update);
            }
        }
    }

    void truncate(PgOutputMessage change, long ordinal) {
        PgOutputMessage.Truncate truncate = change.truncated();
        byte flags = (byte) ((truncate.restartIdentity() ? 1 : 0) | (truncate.cascade() ? 2 : 0));
        for (int oid : truncate.relations()) {
            RelationRoute relation = relations.get(oid, change);
            for (ReplicationRoute route : table.all()) {
                if (relation.mayHold(route.spec.tenant()) && route.carries(relation)) {
                    open.truncate(route, relation, ordinal, flags);
                }
            }
        }
    }

    private ReplicationRoute[] routesOf(RelationRoute relation, PgOutputMessage change, int tuple) {
        if (relation.keyColumn >= 0) {
            long slice = slice(change, tuple, relation.keyColumn);
            return slice < 0
                    ? RouteTable.NONE
                    : table.tenant(change.bytes(), Tuples.offset(slice), Tuples.length(slice))
                            .routes;
        }
        return relation.key instanceof TenantKey.Whole whole
                ? table.tenant(whole.tenant().value()).routes
                : RouteTable.NONE;
    }

    private static long slice(PgOutputMessage change, int tuple, int column) {
        return Tuples.slice(change.bytes(), tuple, change.end(), column);
    }
}
