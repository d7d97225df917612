package io.heliosdb.replication.core.route;

import io.heliosdb.replication.core.ingest.HeartbeatMessage;
import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.core.route.TenantIndex.Tenant;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.core.tenancy.TenantKey;
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
            int length = Tuples.int32(bytes, at);
            int begin = at + 4;
            int end = begin + length;
            try {
                if (message(bytes, begin, end, ordinal)) {
                    ordinal++;
                }
            } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
                throw new ReplicationException(
                        ErrorCode.PROTOCOL_VIOLATION,
                        "message '"
                                + (char) bytes[begin]
                                + "' of "
                                + length
                                + " bytes in the transaction that committed at "
                                + Lsn.format(next.commitLsn())
                                + " (xid "
                                + next.xid()
                                + ", change "
                                + ordinal
                                + ") cannot be read: "
                                + e.getMessage(),
                        e);
            }
            at = end;
        }
    }

    /** Returns whether the message counts as a change. */
    private boolean message(byte[] bytes, int begin, int end, long ordinal) {
        switch (bytes[begin]) {
            case 'I' -> insert(bytes, begin, end, ordinal);
            case 'U' -> update(bytes, begin, end, ordinal);
            case 'D' -> delete(bytes, begin, end, ordinal);
            case 'R' -> {
                relation(WalMessages.relation(bytes, begin));
                return false;
            }
            case 'T' -> truncate(bytes, begin, ordinal);
            case 'M' -> logicalMessage(bytes, begin);
            case 'O' -> {}
            case 'Y' -> {
                return false;
            }
            default ->
                    throw new IllegalArgumentException(
                            "unknown message type '" + (char) bytes[begin] + "'");
        }
        return true;
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
            table.forget(before);
        }
    }

    private RelationRoute relation(int oid) {
        RelationRoute relation = lastRelation;
        if (relation == null || lastRelationOid != oid) {
            relation = relations.get(oid);
            if (relation == null) {
                throw new IllegalArgumentException("relation " + oid + " was not described");
            }
            lastRelation = relation;
            lastRelationOid = oid;
        }
        return relation;
    }

    private void insert(byte[] bytes, int begin, int end, long ordinal) {
        RelationRoute relation = relation(Tuples.int32(bytes, begin + 1));
        int tuple = begin + 6;
        for (ReplicationRoute route : routesOf(relation, bytes, tuple)) {
            if (accepts(route, relation)) {
                touch(route);
                route.append((byte) 'I', relation, ordinal, bytes, tuple, end);
                grew(route, end - tuple);
            }
        }
    }

    private void delete(byte[] bytes, int begin, int end, long ordinal) {
        RelationRoute relation = relation(Tuples.int32(bytes, begin + 1));
        if (!relation.keyInIdentity) {
            failTable(relation, "DELETE");
            return;
        }
        for (ReplicationRoute route : routesOf(relation, bytes, begin + 6)) {
            if (accepts(route, relation)) {
                touch(route);
                route.append((byte) 'D', relation, ordinal, bytes, begin + 5, end);
                grew(route, end - begin);
            }
        }
    }

    private void update(byte[] bytes, int begin, int end, long ordinal) {
        RelationRoute relation = relation(Tuples.int32(bytes, begin + 1));
        if (!relation.keyInIdentity) {
            failTable(relation, "UPDATE");
            return;
        }
        byte kind = bytes[begin + 5];
        int first = begin + 6;
        if (kind == 'N') {
            for (ReplicationRoute route : routesOf(relation, bytes, first)) {
                if (accepts(route, relation)) {
                    touch(route);
                    route.appendUpdate(relation, ordinal, kind, bytes, first, first, first, end);
                    grew(route, end - first);
                }
            }
            return;
        }
        int oldEnd = Tuples.end(bytes, first);
        int newTuple = oldEnd + 1;
        ReplicationRoute[] from = routesOf(relation, bytes, first);
        ReplicationRoute[] to =
                relation.keyColumn >= 0
                                && Tuples.slice(bytes, newTuple, relation.keyColumn)
                                        == Tuples.UNCHANGED
                        ? from
                        : routesOf(relation, bytes, newTuple);
        if (from == to) {
            for (ReplicationRoute route : from) {
                if (accepts(route, relation)) {
                    touch(route);
                    route.appendUpdate(
                            relation, ordinal, kind, bytes, first, oldEnd, newTuple, end);
                    grew(route, end - first);
                }
            }
            return;
        }
        for (ReplicationRoute route : from) {
            if (accepts(route, relation)) {
                touch(route);
                route.append((byte) 'D', relation, ordinal, bytes, begin + 5, oldEnd);
                grew(route, oldEnd - first);
            }
        }
        enter(relation, to, bytes, newTuple, end, ordinal);
    }

    /**
     * A row comes to another tenant: it must be whole, and the tuple leaves out TOAST values that
     * did not change.
     */
    private void enter(
            RelationRoute relation,
            ReplicationRoute[] to,
            byte[] bytes,
            int tuple,
            int end,
            long ordinal) {
        for (ReplicationRoute route : to) {
            if (!accepts(route, relation)) {
                continue;
            }
            if (WalMessages.hasUnchanged(bytes, tuple)) {
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
                route.append((byte) 'I', relation, ordinal, bytes, tuple, end);
                grew(route, end - tuple);
            }
        }
    }

    private void truncate(byte[] bytes, int begin, long ordinal) {
        int count = Tuples.int32(bytes, begin + 1);
        byte pgFlags = bytes[begin + 5];
        byte flags = (byte) ((pgFlags & 2) >> 1 | (pgFlags & 1) << 1);
        for (int i = 0; i < count; i++) {
            RelationRoute relation = relation(Tuples.int32(bytes, begin + 6 + 4 * i));
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

    private void logicalMessage(byte[] bytes, int begin) {
        HeartbeatMessage heartbeat = WalMessages.heartbeat(bytes, begin);
        if (heartbeat != null) {
            unproven.proven(heartbeat.snapshot());
            output.tick(chunk.commitLsn(), chunk.commitEpochMicros());
        }
    }

    private ReplicationRoute[] routesOf(RelationRoute relation, byte[] bytes, int tuple) {
        if (relation.keyColumn >= 0) {
            long slice = Tuples.slice(bytes, tuple, relation.keyColumn);
            if (slice < 0) {
                return RouteTable.NONE;
            }
            Tenant tenant = table.tenant(bytes, Tuples.offset(slice), Tuples.length(slice));
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
