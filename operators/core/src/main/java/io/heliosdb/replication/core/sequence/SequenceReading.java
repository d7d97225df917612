package io.heliosdb.replication.core.sequence;

import io.heliosdb.replication.model.TableId;

/**
 * A sequence of the source as it is now, and a column that takes its values.
 *
 * @param value the last value handed out, those that sessions have cached included
 */
public record SequenceReading(
        TableId sequence,
        TableId table,
        String column,
        long value,
        long increment,
        long min,
        long max,
        boolean cycles) {}
