package io.heliosdb.replication.core.verify;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Changes of a table without key, as a difference of multisets of row hashes: what the target holds
 * is what the source's snapshot holds, plus this.
 */
final class RowChanges extends TableChanges {

    private final Map<Long, Integer> countByHash = new HashMap<>();
    private final RowHash hash;
    private long count;
    private long sum;

    RowChanges(Direction direction, RowHash hash) {
        super(direction);
        this.hash = hash;
    }

    /** Net change of the number of rows with this hash; never 0. */
    Map<Long, Integer> countByHash() {
        return countByHash;
    }

    /** The difference as count and sum. */
    Aggregate total() {
        return new Aggregate(count, sum);
    }

    @Override
    void insert(@Nullable byte[][] values) {
        if (isComplete(values)) {
            add(values, direction == Direction.FORWARD ? 1 : -1);
        } else {
            giveUp("a row came from another tenant without all of its values");
        }
    }

    @Override
    void update(RowKey oldKey, @Nullable byte @Nullable [][] old, @Nullable byte[][] values) {
        delete(oldKey, old);
        insert(complete(values, old));
    }

    @Override
    void delete(RowKey oldKey, @Nullable byte @Nullable [][] old) {
        if (old == null) {
            giveUp("the stream has no whole old rows (REPLICA IDENTITY FULL is missing)");
        } else {
            add(old, direction == Direction.FORWARD ? -1 : 1);
        }
    }

    private void add(@Nullable byte[][] values, int change) {
        if (unknown() != null) {
            return;
        }
        long rowHash = hash.of(values);
        count += change;
        sum += change * rowHash;
        countByHash.merge(
                rowHash, change, (left, right) -> left + right == 0 ? null : left + right);
    }

    @Override
    void forget() {
        countByHash.clear();
        count = 0;
        sum = 0;
    }

    @Override
    long weight() {
        return 80L * countByHash.size();
    }

    @Override
    long size() {
        return countByHash.size();
    }
}
