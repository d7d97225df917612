package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.ApplyException.Kind;
import io.heliosdb.replication.core.apply.Conflict;
import io.heliosdb.replication.core.apply.LaneBatch;
import io.heliosdb.replication.core.apply.TargetSession.ApplyResult;
import io.heliosdb.replication.core.apply.postgres.RowWriter.Mode;
import io.heliosdb.replication.core.apply.postgres.SqlScript.Part;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.TenantTransaction;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Applies one large transaction as its parts come, in one target transaction that stays open.
 *
 * <p>Parts are gathered to chunks of a few MiB, each written set-wise within a savepoint; a chunk
 * that fails is replayed row by row. The progress moves with the commit; until then a shared lock
 * on the progress row makes a claim wait.
 */
final class StreamedApply {

    private static final long CHUNK_BYTES = 4 << 20;
    private static final ApplyResult NOTHING = new ApplyResult(0, 0, 0);

    private final Backend backend;
    private final TargetTransaction transaction;
    private final Progress progress;
    private final RowWriter writer;
    private final SqlScript script;
    private final Refusals refusals;
    private final ShapeLog shapes;
    private final DdlApply ddl;

    private final List<TenantTransaction> waiting = new ArrayList<>();
    private long waitingBytes;
    private @Nullable LaneBatch begun;
    private boolean known;
    private long rows;
    private long conflicts;
    private final List<Conflict> found = new ArrayList<>();

    StreamedApply(
            Backend backend,
            TargetTransaction transaction,
            Progress progress,
            RowWriter writer,
            SqlScript script,
            Refusals refusals,
            ShapeLog shapes,
            DdlApply ddl) {
        this.shapes = shapes;
        this.ddl = ddl;
        this.backend = backend;
        this.transaction = transaction;
        this.progress = progress;
        this.writer = writer;
        this.script = script;
        this.refusals = refusals;
    }

    boolean isOpen() {
        return begun != null;
    }

    ApplyResult add(LaneBatch parts) {
        return guarded(() -> take(parts, false));
    }

    ApplyResult commit(LaneBatch closing) {
        return guarded(
                () -> {
                    ApplyResult last = take(closing, true);
                    if (!known) {
                        finish(closing);
                    }
                    last = last.with(found);
                    forget();
                    return last;
                });
    }

    void rollback() {
        forget();
        transaction.rollback();
    }

    private interface Step {
        ApplyResult run() throws StatementFailure, Rejection;
    }

    private ApplyResult guarded(Step step) {
        try {
            return step.run();
        } catch (StatementFailure e) {
            forget();
            transaction.rollbackAfter(e);
            throw Refusals.of(e);
        } catch (Rejection e) {
            LaneBatch stopped = begun;
            rollback();
            retryIfShapesChanged();
            if (ddl.leavesOut(e)) {
                throw beginAgain("DDL of it was left out");
            }
            ApplyException rejected = Refusals.of(e);
            throw stopped == null ? rejected : refusals.judge(stopped, rejected);
        } catch (RuntimeException e) {
            rollback();
            throw e;
        }
    }

    private ApplyResult take(LaneBatch parts, boolean all) throws StatementFailure, Rejection {
        if (begun == null) {
            begin(parts);
        }
        if (known) {
            return new ApplyResult(0, 0, parts.rows());
        }
        for (TenantTransaction part : parts.transactions()) {
            waiting.add(part);
            waitingBytes += part.changes().length;
        }
        return all || waitingBytes >= CHUNK_BYTES ? write(parts) : NOTHING;
    }

    private void begin(LaneBatch parts) throws StatementFailure {
        begun = parts;
        rows = 0;
        conflicts = 0;
        found.clear();
        ddl.begin();
        writer.begin();
        if (shapes.read()) {
            transaction.forgetCatalog();
        }
        transaction.run("BEGIN", SessionSql.PATIENCE);
        known = progress.remainingOfStream(parts).transactions().isEmpty();
        if (known) {
            transaction.rollback();
        }
    }

    private ApplyResult write(LaneBatch parts) throws StatementFailure, Rejection {
        LaneBatch chunk = parts.with(waiting);
        waiting.clear();
        waitingBytes = 0;
        if (chunk.transactions().isEmpty()) {
            return NOTHING;
        }
        long passed = writer.passed();
        try {
            writeOnce(chunk, Mode.CHEAPEST);
        } catch (StatementFailure e) {
            if (SqlStates.kind(e.sqlState()) != Kind.REJECTED) {
                throw e;
            }
            script.clear();
            transaction.run(ApplySql.ROLLBACK_TO, ApplySql.RELEASE);
            retryIfShapesChanged();
            transaction.forgetCatalog();
            writer.passed(passed);
            // What the part has recorded of DDL is undone too.
            shapes.readWithin();
            replay(chunk);
        }
        rows += writer.rows();
        conflicts += writer.conflicts();
        if (found.isEmpty()) {
            found.addAll(writer.conflictsFound());
        }
        return new ApplyResult(
                writer.rows(), writer.conflicts(), writer.skippedRows(), ddl.copies());
    }

    /** What failed may fit now; the transaction begins again. */
    private void retryIfShapesChanged() {
        try {
            if (shapes.changed()) {
                throw beginAgain("tables of the target were altered meanwhile");
            }
        } catch (StatementFailure e) {
            throw Refusals.of(e);
        }
    }

    private static ApplyException beginAgain(String why) {
        return new ApplyException(Kind.RETRY_LANE, ErrorCode.TARGET_BUSY, "", why, null);
    }

    private void replay(LaneBatch chunk) throws StatementFailure, Rejection {
        try {
            writeOnce(chunk, Mode.ROW_BY_ROW);
        } catch (StatementFailure e) {
            if (SqlStates.kind(e.sqlState()) != Kind.REJECTED) {
                throw e;
            }
            Segments segments = writer.segments();
            transaction.rollback();
            throw refusals.rejectRow(chunk, e, segments);
        }
    }

    private void writeOnce(LaneBatch chunk, Mode mode) throws StatementFailure, Rejection {
        writer.start(1, mode);
        script.statement(ApplySql.SAVEPOINT, Part.CONTROL);
        if (mode == Mode.ROW_BY_ROW) {
            script.statement(ApplySql.DEFER_CONSTRAINTS, Part.CONTROL);
        }
        writer.add(0, chunk);
        writer.flush();
        script.statement(ApplySql.RELEASE, Part.CONTROL);
        writer.runScript();
    }

    private void finish(LaneBatch closing) throws StatementFailure {
        progress.move(List.of(closing), new long[] {rows});
        if (conflicts > 0) {
            progress.addConflicts(closing, conflicts);
        }
        ddl.checkShapes(script);
        script.statement("COMMIT", Part.COMMIT);
        try {
            backend.run(script, (index, count) -> {});
        } catch (StatementFailure e) {
            transaction.rollbackAfter(e);
            retryIfShapesChanged();
            if (e.isProgressRefused()) {
                // another epoch, or this transaction: either way not ours to write
                progress.remaining(List.of(closing));
                return;
            }
            throw SqlStates.kind(e.sqlState()) == Kind.REJECTED && !e.isOutrun()
                    ? refusals.rejectRow(closing, e, writer.segments())
                    : Refusals.of(e);
        }
    }

    private void forget() {
        begun = null;
        known = false;
        writer.release();
        waiting.clear();
        waitingBytes = 0;
    }

    /** Fails if a stream is open: nothing else may be done with the session then. */
    void requireNone() {
        if (begun != null) {
            throw new IllegalStateException(
                    "a transaction of " + begun.replication() + " is being streamed");
        }
    }
}
