package io.heliosdb.replication.core.schema;

import io.heliosdb.replication.model.TableId;
import java.util.List;

/**
 * A type that belongs to no extension.
 *
 * @param id schema and name
 * @param statement the whole CREATE TYPE or CREATE DOMAIN
 * @param labels of an enum, in order; else empty
 */
public record TypeDefinition(TableId id, String statement, List<String> labels) {

    public TypeDefinition {
        labels = List.copyOf(labels);
    }
}
