package io.heliosdb.replication.core.route;

import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.TenantId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the stream of replications that it cannot be followed for, each with its reason. Others do
 * not notice.
 */
final class RouteFailures {

    private static final Logger LOG = LoggerFactory.getLogger(RouteFailures.class);

    private final RouteTable table;
    private final RouterOutput output;

    RouteFailures(RouteTable table, RouterOutput output) {
        this.table = table;
        this.output = output;
    }

    /** A change whose old row does not tell its tenant: it may be of any. */
    void oldTenantUnknown(RelationRoute relation, String command) {
        failAll(
                relation,
                command
                        + " on table "
                        + relation.descriptor.table()
                        + " cannot be routed: its replica identity lacks the tenant key '"
                        + relation.keyName()
                        + "'. Run the statement that 'heliosdb-cli check' prints, then copy"
                        + " the replication anew");
    }

    /** A table that was carried has lost its tenant key: its changes must not vanish unseen. */
    void keyLost(RelationRoute before) {
        failAll(
                before,
                "table "
                        + before.descriptor.table()
                        + " has no tenant key '"
                        + before.keyName()
                        + "' any more: name the new column in tenancy.tables, restart, and"
                        + " copy the replication anew");
    }

    /** A row came to this replication's tenant, and not all of it is in the stream. */
    void enteredInPart(ReplicationRoute route, RelationRoute relation) {
        fail(
                route,
                "a row of table "
                        + relation.descriptor.table()
                        + " came from another tenant without its large values; run"
                        + " ALTER TABLE "
                        + relation.descriptor.table().quoted()
                        + " REPLICA IDENTITY FULL; and copy the replication anew");
    }

    private void failAll(RelationRoute relation, String reason) {
        for (ReplicationRoute route : table.all()) {
            if (!route.spec.tenant().equals(TenantId.REFERENCE) && route.carries(relation)) {
                fail(route, reason);
            }
        }
    }

    private void fail(ReplicationRoute route, String reason) {
        route.failed = true;
        LOG.warn("replication cannot be routed replication={} reason={}", route.spec.id(), reason);
        output.emit(new LaneInput.Fail(route.spec.id(), ErrorCode.TABLE_NOT_ROUTABLE, reason));
    }
}
