package io.heliosdb.replication.core.verify;

import org.jspecify.annotations.Nullable;

/** What the target must hold for a key that changed between the two snapshots. */
sealed interface Expected {

    /** No row. */
    record Absent() implements Expected {}

    /**
     * A row of which nothing is known: the source changed it after the target's position, and its
     * old image was not logged.
     */
    record Present() implements Expected {}

    /**
     * This row.
     *
     * @param values the published columns; {@link ChangeSink#UNCHANGED} for TOAST values that the
     *     stream left out
     * @param base key of the row in the source's snapshot that has the values left out; null if
     *     none are, or if they are not known (then they are not compared)
     */
    record Image(@Nullable byte[][] values, @Nullable RowKey base) implements Expected {}

    Expected ABSENT = new Absent();
    Expected PRESENT = new Present();
}
