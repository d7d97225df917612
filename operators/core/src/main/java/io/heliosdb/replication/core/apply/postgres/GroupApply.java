package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.ApplyException.Kind;
import io.heliosdb.replication.core.apply.LaneBatch;
import io.heliosdb.replication.core.apply.TargetSession.ApplyResult;
import io.heliosdb.replication.core.apply.postgres.RowWriter.Mode;
import io.heliosdb.replication.core.apply.postgres.SqlScript.Part;
import io.heliosdb.replication.model.ReplicationId;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies a group of batches as one target transaction.
 *
 * <pre>
 *   script:  BEGIN; compare-and-set of progress; few rows …      ┐ one round trip for a
 *   sets:    unnest or COPY per table and kind of change          │ small transaction
 *   script:  … few rows; COMMIT                                  ┘
 * </pre>
 *
 * What fails is rolled back whole. If a unique value was taken it is tried again with net changes:
 * a row may change places with one of another lane. A group of several is then split by the caller;
 * a single batch is tried again row by row in the order of the source, which knows the row that is
 * at fault.
 */
final class GroupApply {

    private static final Logger LOG = LoggerFactory.getLogger(GroupApply.class);
    private static final int MAX_ATTEMPTS = 8;

    private final TargetTransaction transaction;
    private final Progress progress;
    private final RowWriter writer;
    private final SqlScript script;
    private final Refusals refusals;
    private final ShapeLog shapes;
    private final DdlApply ddl;
    private long replays;

    GroupApply(
            TargetTransaction transaction,
            Progress progress,
            RowWriter writer,
            SqlScript script,
            Refusals refusals,
            ShapeLog shapes,
            DdlApply ddl) {
        this.shapes = shapes;
        this.ddl = ddl;
        this.transaction = transaction;
        this.progress = progress;
        this.writer = writer;
        this.script = script;
        this.refusals = refusals;
    }

    /** How often a batch was tried row by row because it could not be written set-wise. */
    long replays() {
        return replays;
    }

    ApplyResult apply(List<LaneBatch> batches) {
        try {
            return attempts(batches);
        } finally {
            writer.release();
        }
    }

    private static void requireDistinct(List<LaneBatch> group) {
        for (int i = 1; i < group.size(); i++) {
            if (group.get(i).replication().equals(group.get(i - 1).replication())) {
                throw new IllegalArgumentException(
                        "two batches of replication " + group.get(i).replication());
            }
        }
    }

    private ApplyResult attempts(List<LaneBatch> batches) {
        List<LaneBatch> group =
                batches.stream()
                        .filter(batch -> !batch.transactions().isEmpty())
                        .sorted(Comparator.comparing(LaneBatch::replication))
                        .toList();
        requireDistinct(group);
        long rowsBefore = group.stream().mapToLong(LaneBatch::rows).sum();
        Mode mode = Mode.CHEAPEST;
        boolean refreshed = false;
        for (int attempt = 1; ; attempt++) {
            if (group.isEmpty()) {
                return new ApplyResult(0, 0, rowsBefore);
            }
            try {
                return once(group, mode, rowsBefore);
            } catch (Rejection e) {
                transaction.rollback();
                if (attempt < MAX_ATTEMPTS && shapesChanged()) {
                    continue;
                }
                if (ddl.leavesOut(e)) {
                    attempt = 0;
                    continue;
                }
                throw group.size() > 1
                        ? Refusals.split(e.sqlState(), String.valueOf(e.getMessage()))
                        : refusals.judge(group.get(0), Refusals.of(e));
            } catch (StatementFailure e) {
                transaction.rollbackAfter(e);
                if (attempt == MAX_ATTEMPTS) {
                    throw e.isOutrun() && group.size() > 1
                            ? Refusals.split(e.sqlState(), "tables are altered again and again")
                            : Refusals.of(e);
                }
                if (e.isOutrun()) {
                    shapesChanged();
                    continue;
                }
                if (SqlStates.kind(e.sqlState()) == Kind.REJECTED && shapesChanged()) {
                    continue;
                }
                if (e.isProgressRefused()) {
                    group = remaining(group);
                    continue;
                }
                if (mode == Mode.CHEAPEST && SqlStates.isTaken(e.sqlState())) {
                    mode = Mode.NET;
                    continue;
                }
                requireOwnFault(e, group);
                boolean rowByRow = mode == Mode.ROW_BY_ROW;
                if (!refreshed && (rowByRow || SqlStates.mayBeStale(e.sqlState()))) {
                    refreshed = true;
                    transaction.forgetCatalog();
                } else if (!rowByRow) {
                    mode = Mode.ROW_BY_ROW;
                    replays++;
                    LOG.info(
                            "transaction replayed row by row replication={} sqlstate={}",
                            group.get(0).replication(),
                            e.sqlState());
                } else {
                    throw refusals.rejectRow(group.get(0), e, writer.segments());
                }
            } catch (RuntimeException e) {
                transaction.rollback();
                throw e;
            }
        }
    }

    /** Whether tables were altered since this session looked: what failed may fit now. */
    private boolean shapesChanged() {
        try {
            boolean changed = shapes.changed();
            if (changed) {
                transaction.forgetCatalog();
            }
            return changed;
        } catch (StatementFailure e) {
            throw Refusals.of(e);
        }
    }

    /** Returns if a single batch failed for a reason that lies in its rows or in the catalog. */
    private static void requireOwnFault(StatementFailure failure, List<LaneBatch> group) {
        Kind kind = SqlStates.kind(failure.sqlState());
        if (kind == Kind.RETRY_TARGET) {
            throw Refusals.of(failure);
        }
        if (group.size() > 1) {
            throw Refusals.split(
                    failure.sqlState(),
                    "one of %d replications failed with SQLSTATE %s"
                            .formatted(group.size(), failure.sqlState()));
        }
        if (kind == Kind.RETRY_LANE) {
            throw Refusals.of(failure);
        }
    }

    private List<LaneBatch> remaining(List<LaneBatch> group) {
        try {
            return progress.remaining(group);
        } catch (StatementFailure e) {
            transaction.rollbackAfter(e);
            throw Refusals.of(e);
        } catch (ApplyException e) {
            throw group.size() > 1 ? Refusals.split("", String.valueOf(e.getMessage())) : e;
        }
    }

    private Map<ReplicationId, Long> conflictsOf(List<LaneBatch> group) {
        Map<ReplicationId, Long> found = new HashMap<>();
        for (int lane = 0; group.size() > 1 && lane < group.size(); lane++) {
            if (writer.conflicts(lane) > 0) {
                found.put(group.get(lane).replication(), writer.conflicts(lane));
            }
        }
        return found;
    }

    private ApplyResult once(List<LaneBatch> group, Mode mode, long rowsBefore)
            throws StatementFailure, Rejection {
        ddl.begin();
        writer.begin();
        shapes.read();
        writer.start(group.size(), mode);
        script.statement("BEGIN", Part.CONTROL);
        progress.move(group, RowCounts.of(group));
        if (mode == Mode.ROW_BY_ROW) {
            script.statement(ApplySql.DEFER_CONSTRAINTS, Part.CONTROL);
        }
        for (int lane = 0; lane < group.size(); lane++) {
            writer.add(lane, group.get(lane));
        }
        writer.flush();
        commit(group);
        return new ApplyResult(
                writer.rows(),
                writer.conflicts(),
                rowsBefore - writer.rows(),
                ddl.copies(),
                conflictsOf(group),
                writer.conflictsFound());
    }

    /**
     * Conflicts that are known are counted in this transaction; those of statements that travel
     * together with the COMMIT are counted right after it (a crash in between loses the count, not
     * the rows).
     */
    private void commit(List<LaneBatch> group) throws StatementFailure {
        long[] counted = new long[group.size()];
        for (int lane = 0; lane < counted.length; lane++) {
            counted[lane] = writer.conflicts(lane);
            if (counted[lane] > 0) {
                progress.addConflicts(group.get(lane), counted[lane]);
            }
        }
        ddl.checkShapes(script);
        script.statement("COMMIT", Part.COMMIT);
        writer.runScript();
        for (int lane = 0; lane < counted.length; lane++) {
            if (writer.conflicts(lane) > counted[lane]) {
                progress.addConflicts(group.get(lane), writer.conflicts(lane) - counted[lane]);
            }
        }
        try {
            writer.runScript();
        } catch (StatementFailure e) {
            LOG.warn("conflicts not counted sqlstate={}", e.sqlState());
        }
    }
}
