package io.heliosdb.replication.core.sequence;

import io.heliosdb.replication.model.TableId;

/**
 * Where a sequence of a target shall stand at least.
 *
 * @param sequence its name at the source; in the target it is the one that belongs to the column,
 *     else the one of this name
 * @param table and {@code column}: that take its values
 * @param atLeast it is moved if it has not come so far
 * @param value where it is moved to; beyond {@code atLeast}, so that it is not moved every time
 * @param upward the direction in which it counts
 * @param cycles whether it may begin again: then it is moved to where the source is, either way
 */
public record SequenceGoal(
        TableId sequence,
        TableId table,
        String column,
        long atLeast,
        long value,
        boolean upward,
        boolean cycles) {}
