package io.heliosdb.replication.core.segment;

import org.jspecify.annotations.Nullable;

/** The columns of one table's changes: of new rows, and of old rows or keys. */
final class TableColumns {

    private ColumnValues @Nullable [] fresh;
    private ColumnValues @Nullable [] old;

    /** The changes as they came, if that is wanted. */
    @Nullable SegmentOutput raw;

    /**
     * Takes the tuple at the input; false if it has another number of columns than those before.
     */
    boolean takeOld(SegmentInput tuple) {
        int count = tuple.get() << 8 | tuple.get();
        old = columns(old, count);
        if (old.length != count) {
            return false;
        }
        for (ColumnValues column : old) {
            take(tuple, column, null);
        }
        return true;
    }

    /**
     * As {@link #takeOld}.
     *
     * @param afterOld whether the old row of the same change was taken just before
     */
    boolean takeFresh(SegmentInput tuple, boolean afterOld) {
        int count = tuple.get() << 8 | tuple.get();
        fresh = columns(fresh, count);
        if (fresh.length != count || afterOld && old.length != count) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            take(tuple, fresh[i], afterOld ? old[i] : null);
        }
        return true;
    }

    private static void take(
            SegmentInput tuple, ColumnValues column, @Nullable ColumnValues before) {
        switch (tuple.get()) {
            case 'n' -> column.add(ColumnValues.NULL);
            case 'u' -> column.add(ColumnValues.UNCHANGED);
            case 't' -> {
                int length = tuple.int32();
                int from = tuple.skip(length);
                if (before != null && before.lastIs(tuple.bytes, from, length)) {
                    column.add(ColumnValues.SAME);
                } else {
                    column.add(tuple.bytes, from, length);
                }
            }
            default -> throw SegmentCodec.damaged("unknown kind of a column");
        }
    }

    private static ColumnValues[] columns(ColumnValues @Nullable [] there, int count) {
        if (there != null) {
            return there;
        }
        ColumnValues[] columns = new ColumnValues[count];
        for (int i = 0; i < count; i++) {
            columns[i] = new ColumnValues();
        }
        return columns;
    }

    /**
     * Number of columns + 1, or 0 without rows; number of rows; each column. New ones after old.
     */
    void write(SegmentOutput head, StreamWriter streams) {
        write(old, head, streams);
        write(fresh, head, streams);
    }

    private static void write(
            ColumnValues @Nullable [] columns, SegmentOutput head, StreamWriter streams) {
        head.putVarint(columns == null ? 0 : columns.length + 1);
        if (columns != null && columns.length > 0) {
            head.putVarint(columns[0].rows);
            for (ColumnValues column : columns) {
                ColumnEncoder.write(column, head, streams);
            }
        }
    }

    /** The same columns, read. */
    static final class Rows {

        private final ColumnDecoder[] old;
        private final ColumnDecoder[] fresh;

        Rows(int mostRows, SegmentInput head, StreamReader streams) {
            old = read(mostRows, head, streams);
            fresh = read(mostRows, head, streams);
        }

        private static ColumnDecoder[] read(int mostRows, SegmentInput head, StreamReader streams) {
            int count = head.size(1 << 16) - 1;
            if (count <= 0) {
                return new ColumnDecoder[0];
            }
            int rows = head.size(mostRows);
            ColumnDecoder[] columns = new ColumnDecoder[count];
            for (int i = 0; i < count; i++) {
                columns[i] = new ColumnDecoder(rows, head, streams);
            }
            return columns;
        }

        void writeOld(SegmentOutput changes) {
            write(old, null, changes);
        }

        void writeFresh(SegmentOutput changes, boolean afterOld) {
            write(fresh, afterOld ? old : null, changes);
        }

        private static void write(
                ColumnDecoder[] columns, ColumnDecoder @Nullable [] before, SegmentOutput changes) {
            changes.put(columns.length >>> 8);
            changes.put(columns.length);
            for (int i = 0; i < columns.length; i++) {
                switch (columns[i].next()) {
                    case ColumnValues.VALUE -> columns[i].writeText(changes);
                    case ColumnValues.NULL -> changes.put('n');
                    case ColumnValues.UNCHANGED -> changes.put('u');
                    case ColumnValues.SAME -> {
                        if (before == null) {
                            throw SegmentCodec.damaged("the same as nothing");
                        }
                        before[i].writeText(changes);
                    }
                    default -> throw SegmentCodec.damaged("unknown kind of a value");
                }
            }
        }
    }
}
