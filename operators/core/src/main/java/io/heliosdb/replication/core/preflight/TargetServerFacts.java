package io.heliosdb.replication.core.preflight;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What only concerns the server as a target.
 *
 * @param setsReplicationRole whether the role may set {@code session_replication_role}
 * @param createsSchemas whether the role has CREATE on the database
 * @param schemas by name, whether the role may create tables in it
 * @param bookkeepingWritable whether the role may write all tables of schema {@code heliosdb}
 * @param feeds by replication, the source that its progress row belongs to
 * @param forbiddenFunctions origin functions that the role may not execute
 * @param maxOrigins replication origins that can be active at a time
 */
public record TargetServerFacts(
        ServerFacts server,
        boolean setsReplicationRole,
        boolean createsSchemas,
        Map<String, Boolean> schemas,
        boolean bookkeepingWritable,
        Map<String, String> feeds,
        List<String> forbiddenFunctions,
        int maxOrigins) {

    public TargetServerFacts {
        schemas = Map.copyOf(schemas);
        feeds = new TreeMap<>(feeds);
        forbiddenFunctions = List.copyOf(forbiddenFunctions);
    }
}
