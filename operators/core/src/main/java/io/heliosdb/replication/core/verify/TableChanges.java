package io.heliosdb.replication.core.verify;

import org.jspecify.annotations.Nullable;

/**
 * What the source transactions between the source's snapshot and the target's mean for one table of
 * one replication. Rows are given as their published columns.
 *
 * <p>{@link Direction#FORWARD}: the target's snapshot is the later one, the last change of a row
 * tells what the target holds. {@link Direction#BACKWARD}: the source's is the later one, the first
 * change of a row tells what the target still holds.
 */
abstract sealed class TableChanges permits KeyedChanges, RowChanges {

    /** Which of the two snapshots is the later one. */
    enum Direction {
        FORWARD,
        BACKWARD
    }

    final Direction direction;
    private boolean cleared;
    private @Nullable String unknown;

    TableChanges(Direction direction) {
        this.direction = direction;
    }

    /** A row appears. {@code values} may hold UNCHANGED (the row came from another tenant). */
    abstract void insert(@Nullable byte[][] values);

    /**
     * A row changes.
     *
     * @param oldKey its key before
     * @param old the whole row before, if the stream has it
     */
    abstract void update(
            RowKey oldKey, @Nullable byte @Nullable [][] old, @Nullable byte[][] values);

    /** A row goes. */
    abstract void delete(RowKey oldKey, @Nullable byte @Nullable [][] old);

    /** Drops what was collected to free memory. */
    abstract void forget();

    /** Rough heap use of what was collected. */
    abstract long weight();

    /** Number of rows or keys concerned. */
    abstract long size();

    /** All rows of the tenant go. */
    final void truncate() {
        if (direction == Direction.FORWARD) {
            forget();
            cleared = true;
        } else {
            giveUp("the table was truncated after the target's position");
        }
    }

    final void giveUp(String reason) {
        forget();
        unknown = reason;
    }

    /** Whether the rows of the source's snapshot are all gone. */
    final boolean cleared() {
        return cleared;
    }

    /** Why the changes cannot be told, or null. */
    final @Nullable String unknown() {
        return unknown;
    }

    /** Fills the values that the stream left out from the whole old row, if there is one. */
    static @Nullable byte[][] complete(
            @Nullable byte[][] values, @Nullable byte @Nullable [][] old) {
        if (old == null) {
            return values;
        }
        byte[][] complete = values.clone();
        for (int i = 0; i < complete.length; i++) {
            if (complete[i] == ChangeSink.UNCHANGED) {
                complete[i] = old[i];
            }
        }
        return complete;
    }

    static boolean isComplete(@Nullable byte[][] values) {
        for (byte[] value : values) {
            if (value == ChangeSink.UNCHANGED) {
                return false;
            }
        }
        return true;
    }
}
