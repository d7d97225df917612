package io.heliosdb.replication.control.replication;

import io.heliosdb.replication.control.problem.ControlException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a user asks for.
 *
 * @param sourceSchema null: every schema
 */
public record NewReplication(
        String tenantId,
        UUID sourceConnection,
        @Nullable String sourceDatabase,
        @Nullable String sourceSchema,
        UUID targetConnection,
        @Nullable String targetDatabase,
        @Nullable String targetSchema,
        ReplicationConfig config) {

    public NewReplication {
        if (tenantId.isBlank()
                || tenantId.length() > 255
                || tenantId.chars().anyMatch(Character::isISOControl)) {
            throw ControlException.invalid(
                    "tenant_id", "must have 1 to 255 characters, none of them a control character");
        }
        if (tenantId.indexOf('*') >= 0) {
            throw ControlException.invalid("tenant_id", "must be one tenant, not a pattern");
        }
        checkSchema("source.schema", sourceSchema);
        checkSchema("target.schema", targetSchema);
        if (targetSchema != null && !targetSchema.equals(sourceSchema)) {
            throw ControlException.invalid(
                    "target.schema", "must be the source's: tables keep their schema");
        }
        if (sourceConnection.equals(targetConnection)) {
            throw ControlException.invalid(
                    "target.connection_id", "must be another connection than the source's");
        }
    }

    private static void checkSchema(String field, @Nullable String schema) {
        if (schema != null
                && (schema.isBlank()
                        || schema.length() > 63
                        || schema.chars().anyMatch(c -> Character.isISOControl(c) || c == '*'))) {
            throw ControlException.invalid(field, "must be the name of one schema");
        }
    }
}
