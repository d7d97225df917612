package io.heliosdb.replication.core.apply.postgres;

import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Folds a sequence of inserts, updates and deletes of one table into at most one change per key.
 *
 * <p>Keys are compared by their bytes. That is right although PostgreSQL may call two texts equal
 * ({@code 1.0} and {@code 1.00}): a row has one text at a time, an update of it from one to the
 * other comes as a key change, which is never folded, and deletes are written before inserts.
 *
 * <p>Rows of different lanes are never folded together: they may come from different sources.
 */
final class NetChanges {

    private static final byte NOTHING = 0;
    private static final byte INSERT = 1;
    private static final byte UPDATE = 2;
    private static final byte DELETE = 3;

    /** There was a row, it was deleted, and a new one was inserted. */
    private static final byte REPLACE = 4;

    private final Segments segments;
    private final int[] key;
    private final int columns;
    private int[] table;
    private int mask;

    private byte[] states;
    private int[] hashes;
    private long[] keys;
    private long[] rows;
    private int size;

    /** Lanes of changes that found nothing to change; one entry per change. */
    private int[] lost = new int[0];

    private int lostSize;

    /**
     * @param key indexes of the key columns, ascending, not empty
     * @param columns number of columns of the table's tuples
     * @param expected how many changes will come, at most
     */
    NetChanges(Segments segments, int[] key, int columns, int expected) {
        this.segments = segments;
        this.key = key;
        this.columns = columns;
        int capacity = Integer.highestOneBit(Math.max(8, expected) * 2 - 1) * 2;
        table = new int[capacity];
        mask = capacity - 1;
        states = new byte[expected];
        hashes = new int[expected];
        keys = new long[expected];
        rows = new long[expected];
    }

    /**
     * Folds in the next change.
     *
     * @param change reference to an insert, a delete, or an update that does not change the key
     * @return false if that cannot follow what came before (the caller must apply row by row)
     */
    boolean add(long change) {
        byte[] bytes = segments.bytes(change);
        int at = Segments.offset(change);
        byte op = bytes[at];
        int keyTuple =
                Changes.hasOld(bytes, at) ? Changes.oldTuple(at) : Changes.newTuple(bytes, at);
        int lane = segments.lane(change);
        int entry = find(bytes, keyTuple, lane, at, change);
        if (op == Changes.DELETE) {
            delete(entry, lane);
            return true;
        }
        long row = at(change, Changes.newTuple(bytes, at));
        return op == Changes.INSERT ? insert(entry, row) : update(entry, row, lane);
    }

    private boolean insert(int entry, long row) {
        switch (states[entry]) {
            case NOTHING -> states[entry] = INSERT;
            case DELETE -> states[entry] = REPLACE;
            case FRESH -> states[entry] = INSERT;
            default -> {
                return false;
            }
        }
        rows[entry] = row;
        return true;
    }

    private boolean update(int entry, long row, int lane) {
        switch (states[entry]) {
            case FRESH -> {
                states[entry] = UPDATE;
                rows[entry] = row;
            }
            case NOTHING, DELETE -> lose(lane);
            default -> rows[entry] = merge(rows[entry], row, lane);
        }
        return true;
    }

    private void delete(int entry, int lane) {
        switch (states[entry]) {
            case FRESH, UPDATE, REPLACE -> states[entry] = DELETE;
            case INSERT -> states[entry] = NOTHING;
            default -> lose(lane);
        }
    }

    /** State of an entry that was just made. */
    private static final byte FRESH = 5;

    /** The newer row, with the older one's values where the newer has none. */
    private long merge(long older, long newer, int lane) {
        if (!Segments.hasUnchanged(newer)) {
            return newer;
        }
        byte[] a = segments.bytes(older);
        byte[] b = segments.bytes(newer);
        int atA = Segments.offset(older) + 2;
        int atB = Segments.offset(newer) + 2;
        ByteBuilder merged = new ByteBuilder(256);
        merged.add(b, Segments.offset(newer), 2);
        for (int i = 0; i < columns; i++) {
            int endA = Changes.columnEnd(a, atA);
            int endB = Changes.columnEnd(b, atB);
            if (b[atB] == Changes.UNCHANGED) {
                merged.add(a, atA, endA - atA);
            } else {
                merged.add(b, atB, endB - atB);
            }
            atA = endA;
            atB = endB;
        }
        byte[] tuple = merged.toArray();
        long flag = Changes.scan(tuple, 0) & Changes.HAS_UNCHANGED;
        return flag | Segments.reference(segments.add(tuple, lane, null), 0);
    }

    private void lose(int lane) {
        if (lostSize == lost.length) {
            lost = Arrays.copyOf(lost, Math.max(8, lostSize * 2));
        }
        lost[lostSize++] = lane;
    }

    private int find(byte[] bytes, int tuple, int lane, int change, long reference) {
        int hash = hash(bytes, tuple, lane);
        int slot = hash & mask;
        while (table[slot] != 0) {
            int entry = table[slot] - 1;
            if (hashes[entry] == hash
                    && segments.lane(keys[entry]) == lane
                    && sameKey(keys[entry], bytes, tuple)) {
                return entry;
            }
            slot = slot + 1 & mask;
        }
        int entry = size++;
        table[slot] = entry + 1;
        hashes[entry] = hash;
        states[entry] = FRESH;
        keys[entry] = reference - change + tuple;
        return entry;
    }

    private static long at(long change, int tuple) {
        return change - Segments.offset(change) + tuple;
    }

    private int hash(byte[] bytes, int tuple, int lane) {
        int hash = lane;
        int index = 0;
        int at = tuple + 2;
        for (int column : key) {
            for (; index < column; index++) {
                at = Changes.columnEnd(bytes, at);
            }
            int end = Changes.columnEnd(bytes, at);
            for (int i = at; i < end; i++) {
                hash = hash * 31 + bytes[i];
            }
        }
        hash *= 0x9E3779B9;
        return hash ^ hash >>> 15;
    }

    private boolean sameKey(long known, byte[] bytes, int tuple) {
        byte[] others = segments.bytes(known);
        int index = 0;
        int at = tuple + 2;
        int otherAt = Segments.offset(known) + 2;
        for (int column : key) {
            for (; index < column; index++) {
                at = Changes.columnEnd(bytes, at);
                otherAt = Changes.columnEnd(others, otherAt);
            }
            if (!Changes.sameColumn(bytes, at, others, otherAt)) {
                return false;
            }
        }
        return true;
    }

    /** Tuples that hold the keys of rows to delete; to be written first. */
    References deletes() {
        References deletes = new References();
        for (int i = 0; i < size; i++) {
            if (states[i] == DELETE || states[i] == REPLACE) {
                deletes.add(keys[i]);
            }
        }
        return deletes;
    }

    /**
     * New rows of updates by the columns that have no new value, in order of first appearance. Most
     * updates are under the empty set.
     */
    Map<BitSet, References> updates() {
        Map<BitSet, References> byMask = new LinkedHashMap<>();
        References complete = new References();
        for (int i = 0; i < size; i++) {
            if (states[i] != UPDATE) {
                continue;
            }
            long row = rows[i];
            if (Segments.hasUnchanged(row)) {
                byMask.computeIfAbsent(unchanged(row), key -> new References()).add(row);
            } else {
                complete.add(row);
            }
        }
        if (complete.size() > 0) {
            byMask.put(new BitSet(), complete);
        }
        return byMask;
    }

    /** Complete rows to insert; to be written last. */
    References inserts() {
        References inserts = new References();
        for (int i = 0; i < size; i++) {
            if (states[i] == INSERT || states[i] == REPLACE) {
                inserts.add(rows[i]);
            }
        }
        return inserts;
    }

    /** Lanes of the changes that came for a row that was known to be gone. */
    int[] lost() {
        return Arrays.copyOf(lost, lostSize);
    }

    private BitSet unchanged(long row) {
        return unchanged(segments.bytes(row), Segments.offset(row));
    }

    /** The columns of a tuple that have an unchanged TOAST value. */
    static BitSet unchanged(byte[] bytes, int tuple) {
        BitSet unchanged = new BitSet();
        int count = Changes.u16(bytes, tuple);
        int at = tuple + 2;
        for (int i = 0; i < count; i++) {
            if (bytes[at] == Changes.UNCHANGED) {
                unchanged.set(i);
            }
            at = Changes.columnEnd(bytes, at);
        }
        return unchanged;
    }
}
