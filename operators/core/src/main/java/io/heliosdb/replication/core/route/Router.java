package io.heliosdb.replication.core.route;

import io.heliosdb.replication.core.control.ControlCommand;
import io.heliosdb.replication.core.ddl.DdlMessage;
import io.heliosdb.replication.core.feed.SpecUpserts;
import io.heliosdb.replication.core.ingest.HeartbeatMessage;
import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.core.sequence.SequenceGoal;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.core.wire.PgOutput;
import io.heliosdb.replication.core.wire.PgOutputMessage;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.config.ReplicationRule;
import java.util.ArrayList;
import java.util.List;
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

    /** Collected of one source transaction for all replications together. */
    private static final long COLLECTED_BYTES = 32L << 20;

    private final RouterOutput output;
    private final RouteTable table;
    private final Relations relations;
    private final OpenTransaction open;
    private final ChangeRouter changes;
    private final SignedMessages signed;
    private final DdlRouter ddl;
    private final RouterSequences sequences;
    private final DesiredRoutes desired;
    private final UnprovenXids unproven = new UnprovenXids();
    private final List<Runnable> betweenTransactions = new ArrayList<>();
    private final PgOutputMessage message = new PgOutputMessage();
    private long lastCommitLsn;
    private boolean insideTransaction;

    /**
     * @param partBytes a tenant transaction that grows beyond goes out in parts
     */
    public Router(Tenancy tenancy, int partBytes, RouterOutput output) {
        this(tenancy, partBytes, SourceAccess.NONE, output);
    }

    /**
     * @param partBytes a tenant transaction that grows beyond goes out in parts
     */
    public Router(Tenancy tenancy, int partBytes, SourceAccess source, RouterOutput output) {
        this(tenancy, partBytes, COLLECTED_BYTES, source, output);
    }

    Router(
            Tenancy tenancy,
            int partBytes,
            long collectedBytes,
            SourceAccess source,
            RouterOutput output) {
        this.output = output;
        this.signed = new SignedMessages(source.keys());
        this.table = new RouteTable(output, this::startPoint);
        RouteFailures failures = new RouteFailures(table, output);
        this.relations = new Relations(tenancy, table, failures);
        this.open = new OpenTransaction(partBytes, collectedBytes, output);
        this.changes = new ChangeRouter(relations, table, failures, open);
        this.ddl = new DdlRouter(tenancy, source, table, relations, open, unproven);
        signed.on(DdlMessage.PREFIX, ddl::take);
        this.sequences = new RouterSequences(tenancy, table, output);
        this.desired = new DesiredRoutes(table, this::startPoint, output);
        RouterCommands commands = new RouterCommands(table, this::startPoint, output);
        signed.on(ControlCommand.PREFIX, (body, ordinal) -> command(body, commands));
    }

    private void command(String body, RouterCommands commands) {
        ControlCommand command = ControlCommand.parse(body);
        if (command == null) {
            LOG.warn("command of another version is not understood and ignored");
        } else {
            betweenTransactions(() -> commands.carryOut(command));
        }
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

    /**
     * What the metadata store wants from the next transaction on, beside what it wanted before; a
     * version that is not higher than the last one changes nothing.
     */
    public void upserts(SpecUpserts upserts) {
        upserts.targets().forEach(output::target);
        if (!upserts.replications().isEmpty()) {
            betweenTransactions(() -> desired.upsert(upserts.replications()));
        }
    }

    /** Where sequences of the source shall stand in the targets; at any time. */
    public void sequences(List<SequenceGoal> goals) {
        sequences.send(goals);
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
        open.enter(next);
        if (!insideTransaction) {
            insideTransaction = true;
            if (next.firstOrdinal() == 0) {
                unproven.committed(next.xid());
            }
        }
        routeMessages(next);
        if (next.last()) {
            commit();
        } else if (open.isLarge()) {
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
                take(ordinal);
                if (PgOutput.isChange(message.type())) {
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

    private void take(long ordinal) {
        switch (message.type()) {
            case PgOutput.INSERT -> changes.insert(message, ordinal);
            case PgOutput.UPDATE -> changes.update(message, ordinal);
            case PgOutput.DELETE -> changes.delete(message, ordinal);
            case PgOutput.TRUNCATE -> changes.truncate(message, ordinal);
            case PgOutput.RELATION ->
                    relations.describe(
                            message.relation(),
                            (before, after) -> ddl.described(before, after, ordinal));
            case PgOutput.MESSAGE -> logicalMessage(message.logicalMessage(), ordinal);
            case PgOutput.ORIGIN, PgOutput.TYPE -> {}
            default -> throw message.violation("is not expected here");
        }
    }

    private void logicalMessage(PgOutputMessage.LogicalMessage content, long ordinal) {
        HeartbeatMessage heartbeat =
                HeartbeatMessage.parse(
                        content.prefix(), message.bytes(), content.offset(), content.length());
        if (heartbeat != null) {
            unproven.proven(heartbeat.snapshot());
            output.tick(open.chunk().commitLsn(), open.chunk().commitEpochMicros());
        } else if (content.transactional()) {
            signed.take(
                    content.prefix(),
                    open.chunk().xid(),
                    open.chunk().commitLsn(),
                    ordinal,
                    message.bytes(),
                    content.offset(),
                    content.length());
        }
    }

    private void commit() {
        open.commit();
        insideTransaction = false;
        lastCommitLsn = open.chunk().commitLsn();
        if (!betweenTransactions.isEmpty()) {
            List<Runnable> actions = List.copyOf(betweenTransactions);
            betweenTransactions.clear();
            actions.forEach(Runnable::run);
        }
    }

    /**
     * Hands on everything collected of an open transaction, so that nothing is held here: before a
     * checkpoint.
     */
    public void flushParts() {
        open.flush();
    }

    /** What is replicated now. */
    public List<ReplicationSpec> specs() {
        return table.specs();
    }

    /** The state for a checkpoint; {@link #flushParts} comes before it. */
    public RouterState state() {
        return new RouterState(
                table.state(),
                unproven.toArray(),
                lastCommitLsn,
                insideTransaction,
                relations.state(),
                desired.state());
    }

    /** Takes up a state; before anything else. */
    public void restore(RouterState state) {
        lastCommitLsn = state.lastCommitLsn();
        unproven.restore(state.unprovenXids());
        insideTransaction = state.insideTransaction();
        relations.restore(state.tenantKeys());
        desired.restore(state.desired());
        table.restore(state.routes()).forEach(open::touch);
    }
}
