package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.LaneBatch;
import io.heliosdb.replication.core.apply.SkipOrder;
import io.heliosdb.replication.core.apply.postgres.SqlScript.Part;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.TenantTransaction;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Leaves out transactions that the target refused, and keeps what was in them. */
final class Skips {

    private static final Logger LOG = LoggerFactory.getLogger(Skips.class);

    /** So many changes of a transaction are kept; how many it had is kept of all. */
    static final long KEPT = 10_000;

    private final Backend backend;
    private final TargetTransaction transaction;
    private final Progress progress;
    private final SqlScript script;

    Skips(Backend backend, TargetTransaction transaction, Progress progress, SqlScript script) {
        this.backend = backend;
        this.transaction = transaction;
        this.progress = progress;
        this.script = script;
    }

    void skip(LaneBatch piece, SkipOrder order) {
        boolean closes = piece.lastTransaction().last();
        try {
            script.statement("BEGIN", Part.CONTROL);
            if (closes) {
                progress.move(List.of(piece), new long[] {0});
            }
            long changes = 0;
            for (TenantTransaction part : piece.transactions()) {
                changes = Math.max(changes, keep(piece, part, order));
            }
            if (closes) {
                keepWhole(piece, changes, order);
            }
            script.statement("COMMIT", Part.COMMIT);
            backend.run(script, (index, count) -> {});
        } catch (StatementFailure e) {
            transaction.rollbackAfter(e);
            if (!e.isProgressRefused() || !isPast(piece)) {
                throw Refusals.of(e);
            }
        } catch (RuntimeException e) {
            transaction.rollback();
            throw e;
        }
        if (closes) {
            LOG.warn(
                    "transaction skipped replication={} lsn={} who={} reason={}",
                    piece.replication(),
                    Lsn.format(order.commitLsn()),
                    order.who(),
                    order.reason());
        }
    }

    /** Whether the target has it behind itself: a commit whose answer was lost. */
    private boolean isPast(LaneBatch piece) {
        try {
            return progress.remaining(List.of(piece)).isEmpty();
        } catch (StatementFailure e) {
            transaction.rollbackAfter(e);
            throw Refusals.of(e);
        }
    }

    /** Returns the number of changes up to the end of this part. */
    private long keep(LaneBatch piece, TenantTransaction part, SkipOrder order) {
        byte[] bytes = part.changes();
        long ordinal = part.firstOrdinal();
        for (int at = 0; at < bytes.length; at = Changes.changeEnd(bytes, at)) {
            if (ordinal - part.firstOrdinal() < KEPT && bytes[at] == Changes.DDL) {
                row(piece, order, ordinal, "", "", "DDL", ChangeText.ddl(bytes, at));
            } else if (ordinal - part.firstOrdinal() < KEPT) {
                RelationDescriptor relation =
                        Objects.requireNonNull(
                                piece.relations()
                                        .apply(part.relations()[Changes.u16(bytes, at + 1)]));
                row(
                        piece,
                        order,
                        ordinal,
                        relation.table().schema(),
                        relation.table().name(),
                        ChangeText.operation(bytes, at),
                        ChangeText.json(relation, bytes, at));
            }
            ordinal++;
        }
        return ordinal;
    }

    private void keepWhole(LaneBatch piece, long changes, SkipOrder order) {
        row(piece, order, -1, "", "", "TRANSACTION", "{\"changes\": " + changes + "}");
    }

    private void row(
            LaneBatch piece,
            SkipOrder order,
            long ordinal,
            String schema,
            String table,
            String operation,
            String row) {
        script.execute(ApplySql.KEEP_SKIPPED);
        script.value(piece.replication().value());
        script.value(Lsn.format(order.commitLsn()));
        script.value(ordinal);
        script.value(schema);
        script.value(table);
        script.value(operation);
        script.value(row);
        script.value(order.who());
        script.value(order.reason());
        script.end(Part.CONTROL, 0);
    }
}
