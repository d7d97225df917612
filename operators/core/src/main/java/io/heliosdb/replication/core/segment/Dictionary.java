package io.heliosdb.replication.core.segment;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The different texts of a column, in the order of their first use, and which each row has. */
final class Dictionary {

    /** Pays if each entry is used so often on average. */
    private static final int LEAST_USES = 2;

    private static final int MOST_ENTRIES = 1 << 16;

    private final ColumnValues entries = new ColumnValues();
    private final long[] indexes;

    private Dictionary(int texts) {
        indexes = new long[texts];
    }

    /** Null if too many texts are different. */
    static @Nullable Dictionary of(ColumnValues column) {
        int most = Math.min(MOST_ENTRIES, column.texts / LEAST_USES);
        if (most == 0) {
            return null;
        }
        Dictionary dictionary = new Dictionary(column.texts);
        int[] slots = new int[Integer.highestOneBit(most) * 4];
        Arrays.fill(slots, -1);
        for (int i = 0; i < column.texts; i++) {
            int entry = dictionary.find(slots, column.data, column.start(i), column.ends[i]);
            if (dictionary.entries.texts > most) {
                return null;
            }
            dictionary.indexes[i] = entry;
        }
        return dictionary;
    }

    private int find(int[] slots, byte[] data, int from, int to) {
        int hash = 1;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + data[i];
        }
        int slot = (hash ^ hash >>> 16) & slots.length - 1;
        while (slots[slot] >= 0) {
            int entry = slots[slot];
            if (Arrays.equals(
                    entries.data, entries.start(entry), entries.ends[entry], data, from, to)) {
                return entry;
            }
            slot = slot + 1 & slots.length - 1;
        }
        slots[slot] = entries.texts;
        entries.add(data, from, to - from);
        return slots[slot];
    }

    void write(SegmentOutput head, StreamWriter streams) {
        head.putVarint(entries.texts);
        TextStream.write(entries.data, entries.ends, entries.texts, head, streams);
        LongStream.write(indexes, indexes.length, head, streams);
    }
}
