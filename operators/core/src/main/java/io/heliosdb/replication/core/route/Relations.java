package io.heliosdb.replication.core.route;

import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.core.wire.PgOutputMessage;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.TableId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The relations as the stream described them last, by their OID. */
final class Relations {

    private final Tenancy tenancy;
    private final RouteTable table;
    private final RouteFailures failures;
    private final Map<Integer, RelationRoute> byOid = new HashMap<>();

    /** Survives a restart, unlike the descriptions, which the source sends anew. */
    private final Map<TableId, String> keyByTable = new HashMap<>();

    private @Nullable RelationRoute last;
    private int lastOid;

    Relations(Tenancy tenancy, RouteTable table, RouteFailures failures) {
        this.tenancy = tenancy;
        this.table = table;
        this.failures = failures;
    }

    /** Hears that a relation is described otherwise than before. */
    interface Changes {
        void changed(RelationRoute before, RelationRoute after);
    }

    /** The stream describes a relation, for the first time or anew. */
    void describe(RelationDescriptor descriptor, Changes changes) {
        RelationRoute route = RelationRoute.of(descriptor, tenancy);
        RelationRoute before = byOid.get(descriptor.oid());
        if (before != null && before.fingerprint == route.fingerprint) {
            return;
        }
        byOid.put(descriptor.oid(), route);
        last = null;
        if (before != null) {
            keyByTable.remove(before.descriptor.table());
        }
        String knownKey = keyByTable.remove(descriptor.table());
        if (route.keyName() != null) {
            keyByTable.put(descriptor.table(), route.keyName());
        }
        if (before != null) {
            if (before.isRouted() && !route.isRouted()) {
                failures.keyLost(before);
            }
            changes.changed(before, route);
            table.forget(before);
        } else if (knownKey != null && !route.isRouted()) {
            failures.keyLost(descriptor.table(), knownKey);
        }
    }

    /**
     * A table has another name from here on. The source describes it anew, except if it is known by
     * its partitions: those have not changed.
     */
    void rename(int oid, TableId name) {
        RelationRoute route = byOid.get(oid);
        if (route != null && !route.descriptor.table().equals(name)) {
            RelationDescriptor was = route.descriptor;
            describe(
                    new RelationDescriptor(oid, name, was.replicaIdentity(), was.columns()),
                    (before, after) -> {});
        }
    }

    /** The tables that were carried by a tenant key column, with its name. */
    Map<TableId, String> state() {
        return Map.copyOf(keyByTable);
    }

    void restore(Map<TableId, String> saved) {
        keyByTable.putAll(saved);
    }

    /**
     * The relation of that OID; {@code message} names it, and is blamed if it was not described.
     */
    RelationRoute get(int oid, PgOutputMessage message) {
        RelationRoute relation = last;
        if (relation == null || lastOid != oid) {
            relation = byOid.get(oid);
            if (relation == null) {
                throw message.violation("relation " + oid + " was not described");
            }
            last = relation;
            lastOid = oid;
        }
        return relation;
    }
}
