package io.heliosdb.replication.core.verify;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Changes of a table whose rows have a key: what is expected per key that was touched. */
final class KeyedChanges extends TableChanges {

    private final VerifiedTable table;
    private final Map<RowKey, Expected> expected = new HashMap<>();
    private long weight;

    KeyedChanges(VerifiedTable table, Direction direction) {
        super(direction);
        this.table = table;
    }

    Map<RowKey, Expected> expected() {
        return expected;
    }

    @Override
    void insert(@Nullable byte[][] values) {
        put(
                table.keyOf(values),
                direction == Direction.FORWARD
                        ? new Expected.Image(values, null)
                        : Expected.ABSENT);
    }

    @Override
    void update(RowKey oldKey, @Nullable byte @Nullable [][] old, @Nullable byte[][] values) {
        RowKey newKey = table.keyOf(values);
        if (direction == Direction.BACKWARD) {
            delete(oldKey, old);
            if (!newKey.equals(oldKey)) {
                put(newKey, Expected.ABSENT);
            }
            return;
        }
        Expected.Image image = image(oldKey, complete(values, old));
        if (!newKey.equals(oldKey)) {
            put(oldKey, Expected.ABSENT);
        }
        put(newKey, image);
    }

    @Override
    void delete(RowKey oldKey, @Nullable byte @Nullable [][] old) {
        if (direction == Direction.FORWARD) {
            put(oldKey, Expected.ABSENT);
        } else {
            put(oldKey, old == null ? Expected.PRESENT : new Expected.Image(old, null));
        }
    }

    /** Values left out are those of the former image, or else of the source's snapshot. */
    private Expected.Image image(RowKey oldKey, @Nullable byte[][] values) {
        if (isComplete(values)) {
            return new Expected.Image(values, null);
        }
        if (expected.get(oldKey) instanceof Expected.Image former) {
            byte[][] filled = complete(values, former.values());
            return new Expected.Image(filled, isComplete(filled) ? null : former.base());
        }
        return new Expected.Image(values, oldKey);
    }

    private void put(RowKey key, Expected value) {
        Expected former =
                direction == Direction.FORWARD
                        ? expected.put(key, value)
                        : expected.putIfAbsent(key, value);
        if (former == null) {
            weight += weight(key) + weight(value);
        } else if (direction == Direction.FORWARD) {
            weight += weight(value) - weight(former);
        }
    }

    private static long weight(RowKey key) {
        long sum = 120;
        for (String value : key.values()) {
            sum += 48 + value.length();
        }
        return sum;
    }

    private static long weight(Expected value) {
        if (!(value instanceof Expected.Image image)) {
            return 0;
        }
        long sum = 48;
        for (byte[] column : image.values()) {
            sum += 4 + (column == null ? 0 : 20 + column.length);
        }
        return sum;
    }

    @Override
    void forget() {
        expected.clear();
        weight = 0;
    }

    @Override
    long weight() {
        return weight;
    }

    @Override
    long size() {
        return expected.size();
    }
}
