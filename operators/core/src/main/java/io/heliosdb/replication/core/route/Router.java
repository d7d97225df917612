package io.heliosdb.replication.core.route;

import io.heliosdb.replication.core.ingest.HeartbeatMessage;
import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.core.route.TenantIndex.Tenant;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.core.wire.PgOutput;
import io.heliosdb.replication.core.wire.PgOutputMessage;
import io.heliosdb.replication.core.wire.Tuples;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.TenantTransaction;
import io.heliosdb.replication.model.config.ReplicationRule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Splits source transactions by tenant: finds the tenant of each row and collects, per replication,
 * one tenant transaction, which goes out at COMMIT. What nobody replicates is dropped here.
 *
 * <p>Changes to what is replicated take effect between two source transactions, never inside one.
 * Owned by one thread.
 */
public final class Router {

    private static final Logger LOG = LoggerFactory.getLogger(Router.class);

    /** Beyond this much collected in all, everything goes out in parts. */
    private static final long COLLECTED_BYTES = 32L << 20;

    private final Tenancy tenancy;
    private final RouterOutput output;
    private final int partBytes;
    private final RouteTable table;
    private final Map<Integer, RelationRoute> relations = new HashMap<>();
    private final UnprovenXids unproven = new UnprovenXids();
    private final List<ReplicationRoute> touched = new ArrayList<>();
    private final List<Runnable> betweenTransactions = new ArrayList<>();
    private @Nullable RelationRoute lastRelation;
    private int lastRelationOid;
    private long collectedBytes;
    private long lastCommitLsn;
    private boolean insideTransaction;
    private final PgOutputMessage message = new PgOutputMessage();
    private WalChunk chunk = new WalChunk(0, 0, 0, 0, 0, true, 0, new byte[0], 0);

    /**
     * @param partBytes a tenant transaction that grows beyond goes out in parts
     */
    public Router(Tenancy tenancy, int partBytes, RouterOutput output) {
        this.tenancy = tenancy;
        this.partBytes = partBytes;
        this.output = output;
        this.table = new RouteTable(output, this::startPoint);
    }

    private RouteTable.StartPoint startPoint() {
        return new RouteTable.StartPoint(lastCommitLsn, unproven.toArray());
    }

    /**
     * What shall be replicated from the next transaction on: the whole list, which replaces the one
     * before.
     */
    public void rules(List<ReplicationRule> rules) {
        betweenTransactions(() -> table.rules(rules));
    }

    /** The tenants that exist at the source, for a pattern rule. */
    public void discovered(ReplicationRule rule, List<TenantId> tenants) {
        betweenTransactions(() -> table.discovered(rule, tenants));
    }

    /**
     * Before the first transaction it is not known where the stream begins, so that counts as
     * inside.
     */
    private void betweenTransactions(Runnable action) {
        if (insideTransaction || lastCommitLsn == 0) {
            betweenTransactions.add(action);
        } else {
            action.run();
        }
    }

    /** Takes the next part of the source's stream. */
    public void route(WalChunk next) {
        chunk = next;
        if (!insideTransaction) {
            insideTransaction = true;
            if (next.firstOrdinal() == 0) {
                unproven.committed(next.xid());
            }
        }
        routeMessages(next);
        if (next.last()) {
            commit();
        } else if (collectedBytes > COLLECTED_BYTES) {
            flushParts();
        }
    }

    private void routeMessages(WalChunk next) {
        byte[] bytes = next.messages();
        int at = 0;
        long ordinal = next.firstOrdinal();
        while (at < next.length()) {
            try {
                message.wrapFramed(bytes, at, next.length());
                if (message(ordinal)) {
                    ordinal++;
                }
            } catch (ReplicationException e) {
                throw e.code() == ErrorCode.PROTOCOL_VIOLATION ? at(next, ordinal, e) : e;
            }
            at = message.end();
        }
    }

    private static ReplicationException at(WalChunk next, long ordinal, ReplicationException e) {
        return new ReplicationException(
                ErrorCode.PROTOCOL_VIOLATION,
                "change "
                        + ordinal
                        + " of the transaction that committed at "
                        + Lsn.format(next.commitLsn())
                        + " (xid "
                        + next.xid()
                        + ") cannot be read: "
                        + e.getMessage(),
                e);
    }

    /** Returns whether the message counts as a change. */
    private boolean message(long ordinal) {
        switch (message.type()) {
            case PgOutput.INSERT -> insert(ordinal);
            case PgOutput.UPDATE -> update(ordinal);
            case PgOutput.DELETE -> delete(ordinal);
            case PgOutput.RELATION -> relation(message.relation());
            case PgOutput.TRUNCATE -> truncate(ordinal);
            case PgOutput.MESSAGE -> logicalMessage();
            case PgOutput.ORIGIN, PgOutput.TYPE -> {}
            default -> throw message.violation("is not expected here");
        }
        return PgOutput.isChange(message.type());
    }

    private void relation(RelationDescriptor descriptor) {
        RelationRoute route = RelationRoute.of(descriptor, tenancy);
        RelationRoute before = relations.get(descriptor.oid());
        if (before != null && before.fingerprint == route.fingerprint) {
            return;
        }
        relations.put(descriptor.oid(), route);
        lastRelation = null;
        if (before != null) {
            if (before.isRouted() && !route.isRouted()) {
                failUnrouted(before);
            }
            table.forget(before);
        }
    }

    private RelationRoute relation(int oid) {
        RelationRoute relation = lastRelation;
        if (relation == null || lastRelationOid != oid) {
            relation = relations.get(oid);
            if (relation == null) {
                throw message.violation("relation " + oid + " was not described");
            }
            lastRelation = relation;
            lastRelationOid = oid;
        }
        return relation;
    }

    private void insert(long ordinal) {
        RelationRoute relation = relation(message.relationOid());
        int tuple = message.newTuple();
        for (ReplicationRoute route : routesOf(relation, tuple)) {
            if (accepts(route, relation)) {
                touch(route);
                route.append(
                        PgOutput.INSERT, relation, ordinal, message.bytes(), tuple, message.end());
                grew(route, message.end() - tuple);
            }
        }
    }

    private void delete(long ordinal) {
        RelationRoute relation = relation(message.relationOid());
        if (!relation.keyInIdentity) {
            failTable(relation, "DELETE");
            return;
        }
        for (ReplicationRoute route : routesOf(relation, message.oldTuple())) {
            if (accepts(route, relation)) {
                leave(route, relation, ordinal);
            }
        }
    }

    /** The row is deleted for this replication: the kind of old image and the image. */
    private void leave(ReplicationRoute route, RelationRoute relation, long ordinal) {
        int from = message.oldTuple() - 1;
        touch(route);
        route.append(PgOutput.DELETE, relation, ordinal, message.bytes(), from, message.oldEnd());
        grew(route, message.oldEnd() - from);
    }

    private void update(long ordinal) {
        RelationRoute relation = relation(message.relationOid());
        if (!relation.keyInIdentity) {
            failTable(relation, "UPDATE");
            return;
        }
        ReplicationRoute[] from = routesOf(relation, message.oldTuple());
        ReplicationRoute[] to =
                keepsTenant(relation) ? from : routesOf(relation, message.newTuple());
        if (from == to) {
            for (ReplicationRoute route : from) {
                if (accepts(route, relation)) {
                    touch(route);
                    route.appendUpdate(relation, ordinal, message);
                    grew(route, message.end() - message.oldTuple());
                }
            }
            return;
        }
        for (ReplicationRoute route : from) {
            if (accepts(route, relation)) {
                leave(route, relation, ordinal);
            }
        }
        enter(relation, to, ordinal);
    }

    /** Without an old row the identity, and with it the tenant key, has not changed. */
    private boolean keepsTenant(RelationRoute relation) {
        return message.oldKind() == 0
                || relation.keyColumn >= 0
                        && slice(message.newTuple(), relation.keyColumn) == Tuples.UNCHANGED;
    }

    /**
     * A row comes to another tenant: it must be whole, and the tuple leaves out TOAST values that
     * did not change.
     */
    private void enter(RelationRoute relation, ReplicationRoute[] to, long ordinal) {
        byte[] bytes = message.bytes();
        int tuple = message.newTuple();
        int end = message.end();
        for (ReplicationRoute route : to) {
            if (!accepts(route, relation)) {
                continue;
            }
            if (Tuples.hasUnchanged(bytes, tuple, end)) {
                fail(
                        route,
                        "a row of table "
                                + relation.descriptor.table()
                                + " came from another tenant without its large values; run"
                                + " ALTER TABLE "
                                + relation.descriptor.table().quoted()
                                + " REPLICA IDENTITY FULL; and copy the replication anew");
            } else {
                touch(route);
                route.append(PgOutput.INSERT, relation, ordinal, bytes, tuple, end);
                grew(route, end - tuple);
            }
        }
    }

    private void truncate(long ordinal) {
        PgOutputMessage.Truncate truncate = message.truncated();
        byte flags = (byte) ((truncate.restartIdentity() ? 1 : 0) | (truncate.cascade() ? 2 : 0));
        for (int oid : truncate.relations()) {
            RelationRoute relation = relation(oid);
            for (ReplicationRoute route : table.all()) {
                boolean concerned =
                        relation.key instanceof TenantKey.Column
                                        && !route.spec.tenant().equals(TenantId.REFERENCE)
                                || relation.key instanceof TenantKey.Whole whole
                                        && whole.tenant().equals(route.spec.tenant());
                if (concerned && accepts(route, relation)) {
                    touch(route);
                    route.appendTruncate(relation, ordinal, flags);
                }
            }
        }
    }

    private void logicalMessage() {
        PgOutputMessage.LogicalMessage content = message.logicalMessage();
        HeartbeatMessage heartbeat =
                HeartbeatMessage.parse(
                        content.prefix(), message.bytes(), content.offset(), content.length());
        if (heartbeat != null) {
            unproven.proven(heartbeat.snapshot());
            output.tick(chunk.commitLsn(), chunk.commitEpochMicros());
        }
    }

    private long slice(int tuple, int column) {
        return Tuples.slice(message.bytes(), tuple, message.end(), column);
    }

    private ReplicationRoute[] routesOf(RelationRoute relation, int tuple) {
        if (relation.keyColumn >= 0) {
            long slice = slice(tuple, relation.keyColumn);
            if (slice < 0) {
                return RouteTable.NONE;
            }
            Tenant tenant =
                    table.tenant(message.bytes(), Tuples.offset(slice), Tuples.length(slice));
            return tenant.routes;
        }
        return relation.key instanceof TenantKey.Whole whole
                ? table.tenant(whole.tenant().value()).routes
                : RouteTable.NONE;
    }

    private static boolean accepts(ReplicationRoute route, RelationRoute relation) {
        return !route.failed && route.accepts(relation);
    }

    private void touch(ReplicationRoute route) {
        if (!route.touched) {
            route.touched = true;
            touched.add(route);
        }
    }

    private void grew(ReplicationRoute route, int bytes) {
        collectedBytes += bytes;
        if (route.bytes() >= partBytes) {
            collectedBytes -= route.bytes();
            emit(route, false);
        }
    }

    private void commit() {
        for (ReplicationRoute route : touched) {
            emit(route, true);
            route.touched = false;
        }
        touched.clear();
        collectedBytes = 0;
        insideTransaction = false;
        lastCommitLsn = chunk.commitLsn();
        if (!betweenTransactions.isEmpty()) {
            List<Runnable> actions = List.copyOf(betweenTransactions);
            betweenTransactions.clear();
            actions.forEach(Runnable::run);
        }
    }

    private void emit(ReplicationRoute route, boolean last) {
        List<RelationDescriptor> descriptors = route.takeDescriptors();
        if (!descriptors.isEmpty()) {
            output.emit(new LaneInput.Relations(route.spec.id(), descriptors));
        }
        TenantTransaction transaction =
                route.take(
                        chunk.commitLsn(),
                        chunk.commitEpochMicros(),
                        chunk.xid(),
                        last,
                        chunk.firstOrdinal());
        output.emit(new LaneInput.Transaction(transaction));
    }

    /**
     * Hands on everything collected of an open transaction, so that nothing is held here: before a
     * checkpoint.
     */
    public void flushParts() {
        for (ReplicationRoute route : touched) {
            if (route.bytes() > 0) {
                emit(route, false);
            }
        }
        collectedBytes = 0;
    }

    private void failTable(RelationRoute relation, String command) {
        for (ReplicationRoute route : table.all()) {
            if (!route.spec.tenant().equals(TenantId.REFERENCE) && accepts(route, relation)) {
                fail(
                        route,
                        command
                                + " on table "
                                + relation.descriptor.table()
                                + " cannot be routed: its replica identity lacks the tenant key '"
                                + relation.keyName()
                                + "'. Run the statement that 'heliosdb-cli check' prints, then copy"
                                + " the replication anew");
            }
        }
    }

    /** A table that was carried has lost its tenant key: its changes must not vanish unseen. */
    private void failUnrouted(RelationRoute before) {
        for (ReplicationRoute route : table.all()) {
            if (!route.spec.tenant().equals(TenantId.REFERENCE) && accepts(route, before)) {
                fail(
                        route,
                        "table "
                                + before.descriptor.table()
                                + " has no tenant key '"
                                + before.keyName()
                                + "' any more: name the new column in tenancy.tables, restart, and"
                                + " copy the replication anew");
            }
        }
    }

    private void fail(ReplicationRoute route, String reason) {
        route.failed = true;
        LOG.warn("replication cannot be routed replication={} reason={}", route.spec.id(), reason);
        output.emit(new LaneInput.Fail(route.spec.id(), ErrorCode.TABLE_NOT_ROUTABLE, reason));
    }

    /** The state for a checkpoint; {@link #flushParts} comes before it. */
    public RouterState state() {
        return new RouterState(table.state(), unproven.toArray(), lastCommitLsn, insideTransaction);
    }

    /** Takes up a state; before anything else. */
    public void restore(RouterState state) {
        lastCommitLsn = state.lastCommitLsn();
        unproven.restore(state.unprovenXids());
        insideTransaction = state.insideTransaction();
        table.restore(state.routes()).forEach(this::touch);
    }
}
