package io.heliosdb.replication.core.route;

import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the stream of replications that it cannot be followed for, each with its reason. Others do
 * not notice.
 */
final class RouteFailures {

    private static final Logger LOG = LoggerFactory.getLogger(RouteFailures.class);

    private final RouteTable routes;
    private final RouterOutput output;

    RouteFailures(RouteTable routes, RouterOutput output) {
        this.routes = routes;
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

    /**
     * A table is FULL and a partition of it is not: it tells the old row in part, or not at all.
     */
    void oldRowMissing(RelationRoute relation) {
        failAll(
                relation,
                "UPDATE on table "
                        + relation.descriptor.table()
                        + " came without the old row: a partition of it is not REPLICA IDENTITY"
                        + " FULL as it is itself. Run the statement that 'heliosdb-cli check'"
                        + " prints, then copy the replication anew");
    }

    /** A relation that was carried is so no more: its changes must not vanish unseen. */
    void keyLost(RelationRoute before) {
        String key = before.keyName();
        String lost =
                key == null
                        ? "belongs to no tenant any more: was it renamed?"
                        : "has no tenant key '" + key + "' any more";
        failAll(before, lostReason(before.descriptor.table(), lost));
    }

    /** As above, of a table that was last seen before a restart, by its tenant key column. */
    void keyLost(TableId table, String key) {
        String reason = lostReason(table, "has no tenant key '" + key + "' any more");
        for (ReplicationRoute route : routes.all()) {
            if (!route.failed
                    && !route.spec.tenant().equals(TenantId.REFERENCE)
                    && route.spec.tables().accepts(table)) {
                fail(route, reason);
            }
        }
    }

    private static String lostReason(TableId table, String lost) {
        return "table "
                + table
                + " "
                + lost
                + ": mend tenancy in the configuration, restart, and copy the replication anew";
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
        for (ReplicationRoute route : routes.all()) {
            if (relation.mayHold(route.spec.tenant()) && route.carries(relation)) {
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
