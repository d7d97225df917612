package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.Conflict;
import io.heliosdb.replication.core.apply.LaneBatch;
import io.heliosdb.replication.core.apply.postgres.SqlScript.Part;
import io.heliosdb.replication.core.ddl.DdlEvent;
import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantTransaction;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes the rows of one target transaction. Changes are sorted by table as they come and written
 * table by table, set-wise: no order is kept between tables (foreign keys are not checked in a
 * replica session), nor between rows of a table that have different keys.
 *
 * <p>Some changes are barriers within their table: what came before is written first, then they
 * alone. Those are truncates, changes of a key, and updates and deletes of a table without key.
 *
 * <p>In row-by-row mode every change is a statement, in the order of the source.
 */
final class RowWriter {

    private static final int MAX_SCRIPT_STATEMENTS = 1000;
    private static final int MAX_SCRIPT_BYTES = 1 << 20;

    /** Types that every text is a value of. */
    private static final Set<String> TEXTS = Set.of("text", "character varying", "bpchar");

    private final Backend backend;
    private final TablePlans plans;
    private final SqlScript script;
    private final Segments segments = new Segments();
    private final RowStatements statements;
    private final SetWriter sets;
    private final ShapeLog shapes;
    private final DdlApply ddl;
    private final Map<TableId, TableWork> works = new LinkedHashMap<>();
    private Mode mode = Mode.CHEAPEST;

    private final DdlPassage passage = new DdlPassage();
    private long rows;
    private long skippedRows;
    private long[] conflicts = {};
    private final ConflictLog conflictLog = new ConflictLog();

    /** How changes become statements. */
    enum Mode {
        /** In the cheapest shape for their number. */
        CHEAPEST,
        /**
         * At most one per key, of however few rows, and of a table all deletes first: what several
         * lanes want of the same place does not depend on their order.
         */
        NET,
        /** Each by itself, in the order of the source. */
        ROW_BY_ROW
    }

    /** Stands for the table of rows that are not to be written. */
    private static final Object SKIPPED = new Object();

    /** Changes of a shape that the table had before: they are put into its present one first. */
    private record Mapped(TableWork work, ShapeMapping mapping) {}

    /** Some of the rows may belong to partitions that have left the table. */
    private record Leaving(Object target, LeftRows left) {}

    RowWriter(Backend backend, TablePlans plans, SqlScript script, ShapeLog shapes, DdlApply ddl) {
        this.shapes = shapes;
        this.ddl = ddl;
        this.backend = backend;
        this.plans = plans;
        this.script = script;
        this.statements = new RowStatements(script, segments);
        this.sets = new SetWriter(this, backend, segments, statements);
    }

    /** A target transaction begins, or begins again. */
    void begin() {
        passage.begin();
    }

    /** The last DDL that the transaction has passed, for {@link #passed(long)}. */
    long passed() {
        return passage.ordinal();
    }

    /** What came since is written again. */
    void passed(long ordinal) {
        passage.back(ordinal);
    }

    /** Starts a transaction (or a chunk of one) of so many lanes. */
    void start(int lanes, Mode newMode) {
        segments.clear();
        works.clear();
        mode = newMode;
        sets.start(mode == Mode.NET);
        rows = 0;
        skippedRows = 0;
        conflicts = new long[lanes];
        conflictLog.start(lanes);
    }

    /** Lets go of the changes; the counts stay. */
    void release() {
        segments.clear();
        works.clear();
    }

    int lanes() {
        return conflicts.length;
    }

    long rows() {
        return rows;
    }

    long skippedRows() {
        return skippedRows;
    }

    long conflicts(int lane) {
        return conflicts[lane];
    }

    long conflicts() {
        long sum = 0;
        for (long lane : conflicts) {
            sum += lane;
        }
        return sum;
    }

    void addConflicts(int lane, long more) {
        conflicts[lane] += more;
    }

    /** A statement for many rows did not find so many of them. */
    void missing(TablePlan plan, boolean delete, int lane, long rows, long of) {
        conflicts[lane] += rows;
        conflictLog.rows(plan, delete, lane, rows, of);
    }

    /** Some of the conflicts since {@link #start}, in detail. */
    List<Conflict> conflictsFound() {
        return conflictLog.found();
    }

    /** The bytes behind the references that failures carry; until the next {@link #start}. */
    Segments segments() {
        return segments;
    }

    /** Takes in the changes of one lane. Writes where a barrier asks for it. */
    void add(int lane, LaneBatch batch) throws StatementFailure, Rejection {
        conflictLog.lane(lane, batch);
        for (TenantTransaction transaction : batch.transactions()) {
            add(lane, batch, transaction);
        }
    }

    private void add(int lane, LaneBatch batch, TenantTransaction transaction)
            throws StatementFailure, Rejection {
        byte[] bytes = transaction.changes();
        passage.enter(lane, transaction);
        if (bytes.length == 0) {
            passage.leave(transaction);
            return;
        }
        int segment = segments.add(bytes, lane, transaction);
        @Nullable Object[] targets = new Object[transaction.relations().length];
        int at = 0;
        while (at < bytes.length) {
            if (bytes[at] == Changes.DDL) {
                at = ddl(batch, transaction, at);
                Arrays.fill(targets, null);
                continue;
            }
            int relation = Changes.u16(bytes, at + 1);
            Object target = targets[relation];
            if (target == null || isRetired(target)) {
                target = target(batch, transaction, relation);
                targets[relation] = target;
            }
            if (target instanceof Leaving leaving) {
                if (leaving.left.isGone(bytes, at)) {
                    skippedRows++;
                    at = Changes.changeEnd(bytes, at);
                    continue;
                }
                target = leaving.target;
            }
            byte op = bytes[at];
            long end =
                    switch (op) {
                        case Changes.INSERT -> Changes.scan(bytes, at + 3);
                        case Changes.UPDATE -> Changes.scan(bytes, Changes.newTuple(bytes, at));
                        default -> Changes.changeEnd(bytes, at);
                    };
            if (target instanceof TableWork work) {
                long unchanged = end & Changes.HAS_UNCHANGED;
                long change = unchanged | Segments.reference(segment, at);
                change(work, change, (int) end - at, bytes, lane, batch);
                rows++;
            } else if (target instanceof Mapped mapped) {
                mapped(mapped, bytes, at, lane, batch);
                rows++;
            } else {
                skippedRows++;
            }
            at = (int) end;
        }
        passage.leave(transaction);
    }

    private static boolean isRetired(Object target) {
        return target instanceof TableWork work && work.retired
                || target instanceof Mapped mapped && mapped.work.retired
                || target instanceof Leaving leaving && isRetired(leaving.target);
    }

    /** Everything before it is written, then the DDL; returns where the next change is. */
    private int ddl(LaneBatch batch, TenantTransaction transaction, int at)
            throws StatementFailure, Rejection {
        flush();
        runScript();
        works.values().forEach(work -> work.retired = true);
        works.clear();
        byte[] bytes = transaction.changes();
        int end = Changes.changeEnd(bytes, at);
        DdlEvent event = DdlEvent.decode(bytes, at + 7, end - at - 7);
        ddl.apply(batch, transaction, event);
        shapes.readWithin();
        passage.passed(event.ordinal(), ddl.copiedAnew());
        rows++;
        return end;
    }

    private void mapped(Mapped mapped, byte[] bytes, int at, int lane, LaneBatch batch)
            throws StatementFailure, Rejection {
        byte[] change = mapped.mapping.map(bytes, at);
        long flag =
                change[0] == Changes.TRUNCATE || change[0] == Changes.DELETE
                        ? 0
                        : Changes.scan(change, Changes.newTuple(change, 0)) & Changes.HAS_UNCHANGED;
        long reference = flag | Segments.reference(segments.add(change, lane, null), 0);
        change(mapped.work, reference, change.length, change, lane, batch);
    }

    private Object target(LaneBatch batch, TenantTransaction transaction, int relation)
            throws StatementFailure, Rejection {
        long fingerprint = transaction.relations()[relation];
        RelationDescriptor descriptor = batch.relations().apply(fingerprint);
        if (descriptor == null) {
            throw new Rejection(
                    ErrorCode.INTERNAL,
                    "",
                    "no descriptor for relation %s in %s"
                            .formatted(Long.toHexString(fingerprint), transaction));
        }
        if (passage.awaits(descriptor.table())) {
            return SKIPPED;
        }
        ShapeMapping mapping =
                shapes.mapping(
                        batch.replication(),
                        descriptor,
                        transaction.commitLsn(),
                        passage.ordinal());
        if (isCopied(batch, transaction, descriptor, mapping)) {
            return SKIPPED;
        }
        boolean gone =
                mapping != null && mapping.isDropped()
                        || shapes.isGone(batch.replication(), descriptor, transaction);
        Object target = gone ? SKIPPED : place(descriptor, fingerprint, mapping);
        // Partitions may outlive their root.
        LeftRows left =
                shapes.leftRows(
                        batch.replication(),
                        descriptor,
                        transaction.commitLsn(),
                        passage.ordinal());
        return left == null ? target : new Leaving(target, left);
    }

    /** Where rows of this shape are gathered. */
    private Object place(
            RelationDescriptor descriptor, long fingerprint, @Nullable ShapeMapping mapping)
            throws StatementFailure, Rejection {
        RelationDescriptor now = mapping == null ? descriptor : mapping.descriptor();
        TablePlan plan;
        try {
            plan = plans.plan(mapping == null ? fingerprint : now.fingerprint(), now);
        } catch (Rejection e) {
            if (!e.sqlState().equals(SqlStates.UNDEFINED_TABLE)) {
                throw e;
            }
            passage.lacks(now.table(), e);
            return SKIPPED;
        }
        TableWork work = work(now.table(), plan);
        return mapping == null ? work : new Mapped(work, mapping);
    }

    /** Whether a copy has brought the rows, whatever the table was called by then. */
    private static boolean isCopied(
            LaneBatch batch,
            TenantTransaction transaction,
            RelationDescriptor descriptor,
            @Nullable ShapeMapping mapping) {
        if (mapping == null) {
            return batch.skipped()
                    .skips(transaction.xid(), transaction.commitLsn(), descriptor.table());
        }
        return mapping.names().stream()
                .anyMatch(
                        named ->
                                batch.skipped()
                                        .skips(
                                                transaction.xid(),
                                                transaction.commitLsn(),
                                                named.table(),
                                                named.fromLsn(),
                                                named.toLsn()));
    }

    private TableWork work(TableId table, TablePlan plan) throws StatementFailure {
        TableWork work = works.get(table);
        if (work != null && work.plan != plan) {
            sets.write(work);
            work.retired = true;
            work = null;
        }
        if (work == null) {
            work = new TableWork(plan);
            works.put(table, work);
        }
        return work;
    }

    private void change(
            TableWork work, long change, int length, byte[] bytes, int lane, LaneBatch batch)
            throws StatementFailure, Rejection {
        int at = Segments.offset(change);
        byte op = bytes[at];
        if (work.plan.ambiguous && (op == Changes.UPDATE || op == Changes.DELETE)) {
            throw new Rejection(
                    ErrorCode.TABLE_NOT_ROUTABLE,
                    "",
                    "a row of table %s cannot be found: its key holds a generated column, which is not in the stream. Run ALTER TABLE %s REPLICA IDENTITY FULL; in the source, then copy the replication anew"
                            .formatted(work.plan.table, work.plan.table.quoted()));
        }
        if (op == Changes.TRUNCATE) {
            sets.write(work);
            truncate(work.plan, change, batch);
        } else if (mode == Mode.ROW_BY_ROW) {
            statements.change(work.plan, change);
        } else if (op == Changes.INSERT) {
            work.add(change, lane, true, length);
            return;
        } else if (isBarrier(work.plan, bytes, at)) {
            sets.write(work);
            statements.change(work.plan, change);
        } else {
            work.add(change, lane, false, length);
            return;
        }
        runIfFull();
    }

    private static boolean isBarrier(TablePlan plan, byte[] bytes, int at) {
        if (!plan.keyed()) {
            return true;
        }
        return bytes[at] == Changes.UPDATE
                && (plan.fixedValue
                        || Changes.hasOld(bytes, at)
                                && !RowStatements.sameKey(
                                        plan,
                                        bytes,
                                        Changes.oldTuple(at),
                                        Changes.newTuple(bytes, at)));
    }

    /**
     * DELETE also where the whole table is the tenant's: TRUNCATE would wait for readers and fail
     * where another table refers to it.
     */
    private void truncate(TablePlan plan, long change, LaneBatch batch) throws StatementFailure {
        if (plan.tenantColumn >= 0) {
            String tenant = batch.tenant().value();
            script.execute(plan.sql.deleteTenant(isKeyValue(plan, tenant)));
            script.value(tenant);
            script.end(Part.ROWS, change);
        } else if (plan.tenant instanceof TenantKey.Whole) {
            script.execute(plan.sql.deleteAll());
            script.end(Part.ROWS, change);
        }
    }

    /** Whether a tenant is a value of the key's type: tenant "acme" is none of an integer key. */
    private boolean isKeyValue(TablePlan plan, String tenant) throws StatementFailure {
        String type = plan.types[plan.tenantColumn];
        if (TEXTS.contains(type)) {
            return true;
        }
        runScript();
        script.statement(ApplySql.TRY, Part.CONTROL);
        script.execute("SELECT $1::text::" + type);
        script.value(tenant);
        script.end(Part.CONTROL, 0);
        script.statement(ApplySql.END_TRY, Part.CONTROL);
        try {
            runScript();
            return true;
        } catch (StatementFailure e) {
            if (!SqlStates.isNoValue(e.sqlState())) {
                throw e;
            }
            script.statement(ApplySql.UNDO_TRY, Part.CONTROL);
            script.statement(ApplySql.END_TRY, Part.CONTROL);
            runScript();
            return false;
        }
    }

    /** Writes all that waits; statements may remain in the script. */
    void flush() throws StatementFailure {
        for (TableWork work : works.values()) {
            sets.write(work);
        }
    }

    void runIfFull() throws StatementFailure {
        if (script.size() >= MAX_SCRIPT_STATEMENTS || script.bytes() >= MAX_SCRIPT_BYTES) {
            runScript();
        }
    }

    /** Sends the script, whatever is in it, and counts the rows that were not found. */
    void runScript() throws StatementFailure {
        backend.run(
                script,
                (index, count) -> {
                    if (script.part(index) == Part.ROW && count == 0) {
                        long change = script.change(index);
                        conflicts[segments.lane(change)]++;
                        conflictLog.row(
                                statements.plan(index),
                                statements.isDelete(index),
                                segments,
                                change);
                    }
                });
    }
}
