package io.heliosdb.replication.core.schema;

import io.heliosdb.replication.model.TableId;
import org.jspecify.annotations.Nullable;

/**
 * A sequence, without its current value.
 *
 * @param owner table and column it belongs to, or null
 * @param ofIdentity whether it is the sequence of an identity column and comes with it
 */
public record SequenceDefinition(
        TableId id,
        String type,
        long start,
        long increment,
        long minimum,
        long maximum,
        long cache,
        boolean cycle,
        @Nullable Owner owner,
        boolean ofIdentity) {

    /** The column that a sequence belongs to. */
    public record Owner(TableId table, String column) {}
}
