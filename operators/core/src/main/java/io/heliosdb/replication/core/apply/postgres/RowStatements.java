package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.postgres.SqlScript.Part;
import java.util.Arrays;
import java.util.BitSet;

/** Appends single-row statements to a script. */
final class RowStatements {

    private static final BitSet NONE = new BitSet();

    private final SqlScript script;
    private final Segments segments;

    /** By index in the script: what a statement that may find no row is about. */
    private TablePlan[] plans = new TablePlan[64];

    private boolean[] deletes = new boolean[64];

    RowStatements(SqlScript script, Segments segments) {
        this.script = script;
        this.segments = segments;
    }

    /** The table of the statement, which stands for an update or delete. */
    TablePlan plan(int index) {
        return plans[index];
    }

    boolean isDelete(int index) {
        return deletes[index];
    }

    private void end(TablePlan plan, boolean delete, long change) {
        int index = script.size();
        if (index >= plans.length) {
            plans = Arrays.copyOf(plans, 2 * index);
            deletes = Arrays.copyOf(deletes, 2 * index);
        }
        plans[index] = plan;
        deletes[index] = delete;
        script.end(Part.ROW, change);
    }

    /** The statement of one change as it came, whatever the table. */
    void change(TablePlan plan, long change) {
        byte[] bytes = segments.bytes(change);
        int at = Segments.offset(change);
        switch (bytes[at]) {
            case Changes.INSERT -> insert(plan, change, Changes.newTuple(bytes, at));
            case Changes.DELETE -> {
                if (plan.keyed()) {
                    delete(plan, change, Changes.oldTuple(at));
                } else {
                    deleteSame(plan, change, Changes.oldTuple(at));
                }
            }
            case Changes.UPDATE -> {
                int row = Changes.newTuple(bytes, at);
                if (!plan.keyed()) {
                    updateSame(plan, change, Changes.oldTuple(at), row);
                } else if (Changes.hasOld(bytes, at)) {
                    update(plan, change, Changes.oldTuple(at), row);
                } else {
                    update(plan, change, row, row);
                }
            }
            default -> throw new IllegalArgumentException("not a row: " + bytes[at]);
        }
    }

    /**
     * @param change for the script to remember; its segment holds the tuple
     * @param row start of the tuple
     */
    void insert(TablePlan plan, long change, int row) {
        script.execute(plan.sql.insertRow);
        byte[] bytes = segments.bytes(change);
        int at = row + 2;
        for (int i = 0; i < plan.width(); i++) {
            at = plan.written[i] ? value(bytes, at) : Changes.columnEnd(bytes, at);
        }
        script.end(Part.ROW, change);
    }

    /** Deletes by key. */
    void delete(TablePlan plan, long change, int keyTuple) {
        script.execute(plan.sql.deleteRow);
        key(plan, segments.bytes(change), keyTuple);
        end(plan, true, change);
    }

    /** Updates by key; {@code keyTuple} may have another key than {@code row}. */
    void update(TablePlan plan, long change, int keyTuple, int row) {
        byte[] bytes = segments.bytes(change);
        BitSet unchanged = Segments.hasUnchanged(change) ? NetChanges.unchanged(bytes, row) : NONE;
        boolean moves = keyTuple != row && !sameKey(plan, bytes, keyTuple, row);
        if (plan.fixedValue || moves && plan.fixedKey) {
            script.execute(plan.sql.moveRow(unchanged));
            written(plan, bytes, row, unchanged);
            key(plan, bytes, keyTuple);
            end(plan, false, change);
            return;
        }
        BitSet set = plan.sql.set(unchanged, moves);
        if (set.isEmpty()) {
            return; // nothing but a key that stays, or columns that only the target computes
        }
        script.execute(plan.sql.updateRow(set));
        values(plan, bytes, row, set);
        key(plan, bytes, keyTuple);
        end(plan, false, change);
    }

    private void deleteSame(TablePlan plan, long change, int old) {
        byte[] bytes = segments.bytes(change);
        script.execute(plan.sql.deleteSame(nulls(bytes, old)));
        old(plan, bytes, old);
        end(plan, true, change);
    }

    private void updateSame(TablePlan plan, long change, int old, int row) {
        byte[] bytes = segments.bytes(change);
        BitSet unchanged = Segments.hasUnchanged(change) ? NetChanges.unchanged(bytes, row) : NONE;
        if (plan.fixedValue) {
            script.execute(plan.sql.moveSame(unchanged, nulls(bytes, old)));
            written(plan, bytes, row, unchanged);
            old(plan, bytes, old);
            end(plan, false, change);
            return;
        }
        BitSet set = plan.sql.set(unchanged, true);
        if (set.isEmpty()) {
            return;
        }
        script.execute(plan.sql.updateSame(set, nulls(bytes, old)));
        values(plan, bytes, row, set);
        old(plan, bytes, old);
        end(plan, false, change);
    }

    /** Whether the new row is found under the old key; an unchanged TOAST value counts as no. */
    static boolean sameKey(TablePlan plan, byte[] bytes, int old, int row) {
        int index = 0;
        int oldAt = old + 2;
        int newAt = row + 2;
        for (int column : plan.key) {
            for (; index < column; index++) {
                oldAt = Changes.columnEnd(bytes, oldAt);
                newAt = Changes.columnEnd(bytes, newAt);
            }
            if (!Changes.sameColumn(bytes, oldAt, bytes, newAt)) {
                return false;
            }
        }
        return true;
    }

    private static BitSet nulls(byte[] bytes, int tuple) {
        BitSet nulls = new BitSet();
        int columns = Changes.u16(bytes, tuple);
        int at = tuple + 2;
        for (int i = 0; i < columns; i++) {
            nulls.set(i, bytes[at] == Changes.NULL);
            at = Changes.columnEnd(bytes, at);
        }
        return nulls;
    }

    /** All values that an INSERT writes and that are there. */
    private void written(TablePlan plan, byte[] bytes, int row, BitSet unchanged) {
        int at = row + 2;
        for (int i = 0; i < plan.width(); i++) {
            boolean sent = plan.written[i] && !unchanged.get(i);
            at = sent ? value(bytes, at) : Changes.columnEnd(bytes, at);
        }
    }

    private void values(TablePlan plan, byte[] bytes, int tuple, BitSet columns) {
        int at = tuple + 2;
        for (int i = 0; i < plan.width(); i++) {
            at = columns.get(i) ? value(bytes, at) : Changes.columnEnd(bytes, at);
        }
    }

    private void key(TablePlan plan, byte[] bytes, int tuple) {
        int index = 0;
        int at = tuple + 2;
        for (int column : plan.key) {
            for (; index < column; index++) {
                at = Changes.columnEnd(bytes, at);
            }
            at = value(bytes, at);
            index++;
        }
    }

    /** All values that are not null: the nulls stand in the statement. */
    private void old(TablePlan plan, byte[] bytes, int tuple) {
        int at = tuple + 2;
        for (int i = 0; i < plan.width(); i++) {
            at = bytes[at] == Changes.NULL ? at + 1 : value(bytes, at);
        }
    }

    private int value(byte[] bytes, int at) {
        byte kind = bytes[at];
        if (kind == Changes.NULL || kind == Changes.UNCHANGED) {
            script.nullValue();
            return at + 1;
        }
        int length = Changes.i32(bytes, at + 1);
        script.value(bytes, at + 5, length);
        return at + 5 + length;
    }
}
