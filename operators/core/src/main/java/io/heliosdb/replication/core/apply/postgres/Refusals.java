package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.ApplyException.Kind;
import io.heliosdb.replication.core.apply.LaneBatch;
import io.heliosdb.replication.core.apply.postgres.SqlScript.Part;
import io.heliosdb.replication.core.ddl.postgres.DdlSql;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.TenantTransaction;
import io.heliosdb.replication.model.config.DdlPolicy;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns failures into {@link ApplyException}s, and keeps the rows that a target refused. */
final class Refusals {

    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

    private final Backend backend;
    private final SqlScript script;

    Refusals(Backend backend, SqlScript script) {
        this.backend = backend;
        this.script = script;
    }

    /** What a failure that is not about a row's content means. Carries the cause. */
    static ApplyException of(StatementFailure failure) {
        String state = failure.sqlState();
        if (failure.isOutrun()) {
            return new ApplyException(
                    Kind.RETRY_LANE,
                    ErrorCode.TARGET_BUSY,
                    state,
                    "tables of the target are altered again and again",
                    failure.error());
        }
        return new ApplyException(
                SqlStates.kind(state),
                SqlStates.code(state),
                state,
                failure.serverMessage() + fix(state),
                failure.error());
    }

    static ApplyException of(Rejection rejection) {
        return new ApplyException(
                Kind.REJECTED,
                rejection.code(),
                rejection.sqlState(),
                String.valueOf(rejection.getMessage()),
                null);
    }

    /**
     * What a batch comes to that was rejected: what DDL has left no place for, a copy mends. Not
     * DDL that is not allowed.
     */
    ApplyException judge(LaneBatch batch, ApplyException rejected) {
        boolean forbidden =
                rejected.code() == ErrorCode.DDL_STOPPED && rejected.sqlState().isEmpty();
        return rejected.kind() != Kind.REJECTED || forbidden || !isOutdated(batch)
                ? rejected
                : new ApplyException(
                        Kind.OUTDATED,
                        rejected.code(),
                        rejected.sqlState(),
                        String.valueOf(rejected.getMessage()),
                        rejected.getCause());
    }

    /** Whether others have come past DDL that the batch has not. */
    private boolean isOutdated(LaneBatch batch) {
        if (batch.ddl().rules().policy() != DdlPolicy.APPLY) {
            return false;
        }
        try {
            return !backend.select(
                            DdlSql.IS_AHEAD,
                            row -> row.getInt(1),
                            batch.replication().value(),
                            Lsn.format(batch.lastTransaction().commitLsn()))
                    .isEmpty();
        } catch (StatementFailure e) {
            LOG.warn("DDL not looked up sqlstate={}", e.sqlState());
            return false;
        }
    }

    static ApplyException split(String sqlState, String message) {
        return new ApplyException(
                Kind.SPLIT_GROUP, SqlStates.code(sqlState), sqlState, message, null);
    }

    private static String fix(String sqlState) {
        return sqlState.equals(SqlStates.INSUFFICIENT_PRIVILEGE)
                ? "; grant the role what is missing (check prints the statements)"
                : "";
    }

    /**
     * The verdict on a batch that failed row by row: writes the row to the quarantine, in a
     * transaction of its own. The message holds no value and no cause, because the server's words
     * do: they are in the quarantine.
     */
    ApplyException rejectRow(LaneBatch batch, StatementFailure failure, Segments segments) {
        String state = failure.sqlState();
        if (SqlStates.code(state) != ErrorCode.ROW_REJECTED) {
            return judge(batch, of(failure));
        }
        if (batch.patient() && SqlStates.isTaken(state)) {
            return taken(batch, failure);
        }
        if (isOutdated(batch)) {
            return new ApplyException(
                    Kind.OUTDATED,
                    ErrorCode.ROW_REJECTED,
                    state,
                    "a row was refused with SQLSTATE %s%s at %s of replication %s"
                            .formatted(
                                    state,
                                    failure.place(),
                                    Lsn.format(batch.lastTransaction().commitLsn()),
                                    batch.replication()),
                    null);
        }
        TenantTransaction transaction =
                failure.part() == Part.ROW || failure.part() == Part.ROWS
                        ? segments.transaction(failure.change())
                        : null;
        if (transaction == null) {
            transaction = batch.lastTransaction();
            keep(batch, transaction, 0, "", "", "COMMIT", failure, "null");
            return rejected(batch, transaction, "the transaction", failure);
        }
        byte[] bytes = segments.bytes(failure.change());
        int at = Segments.offset(failure.change());
        RelationDescriptor relation =
                Objects.requireNonNull(
                        batch.relations()
                                .apply(transaction.relations()[Changes.u16(bytes, at + 1)]));
        String operation = ChangeText.operation(bytes, at);
        keep(
                batch,
                transaction,
                transaction.firstOrdinal() + Changes.indexOf(bytes, at),
                relation.table().schema(),
                relation.table().name(),
                operation,
                failure,
                ChangeText.json(relation, bytes, at));
        return rejected(batch, transaction, operation + " on " + relation.table(), failure);
    }

    private static ApplyException taken(LaneBatch batch, StatementFailure failure) {
        return new ApplyException(
                Kind.PLACE_TAKEN,
                ErrorCode.ROW_REJECTED,
                failure.sqlState(),
                "a row of replication %s finds its place taken (SQLSTATE %s%s), perhaps by a row that another replication is about to remove"
                        .formatted(batch.replication(), failure.sqlState(), failure.place()),
                null);
    }

    private static ApplyException rejected(
            LaneBatch batch, TenantTransaction transaction, String what, StatementFailure failure) {
        return new ApplyException(
                Kind.REJECTED,
                ErrorCode.ROW_REJECTED,
                failure.sqlState(),
                "%s was refused with SQLSTATE %s%s at %s of replication %s; the row is in heliosdb.quarantine%s"
                        .formatted(
                                what,
                                failure.sqlState(),
                                failure.place(),
                                Lsn.format(transaction.commitLsn()),
                                batch.replication(),
                                failure.hint()),
                null);
    }

    private void keep(
            LaneBatch batch,
            TenantTransaction transaction,
            long ordinal,
            String schema,
            String table,
            String operation,
            StatementFailure failure,
            String row) {
        script.clear();
        script.execute(ApplySql.QUARANTINE);
        script.value(batch.replication().value());
        script.value(Lsn.format(transaction.commitLsn()));
        script.value(ordinal);
        script.value(schema);
        script.value(table);
        script.value(operation);
        script.value(failure.sqlState());
        script.value(failure.serverMessage());
        script.value(row);
        script.end(Part.CONTROL, 0);
        try {
            backend.run(script, (index, count) -> {});
            LOG.warn(
                    "row quarantined replication={} table={}.{} operation={} sqlstate={} lsn={}",
                    batch.replication(),
                    schema,
                    table,
                    operation,
                    failure.sqlState(),
                    Lsn.format(transaction.commitLsn()));
        } catch (StatementFailure e) {
            LOG.warn(
                    "row not quarantined replication={} table={}.{} sqlstate={}",
                    batch.replication(),
                    schema,
                    table,
                    e.sqlState());
        }
    }
}
