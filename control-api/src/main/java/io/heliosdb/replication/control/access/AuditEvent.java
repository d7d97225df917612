package io.heliosdb.replication.control.access;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Who did, or was refused, what.
 *
 * @param route the pattern of the path, without values
 */
public record AuditEvent(
        Instant createdAt,
        String actor,
        Principal.Kind actorKind,
        @Nullable String sourceIp,
        String requestId,
        String method,
        String route,
        @Nullable String resourceType,
        @Nullable String resourceId,
        @Nullable String tenantId,
        Outcome outcome,
        int status) {

    /** How it ended. */
    public enum Outcome {
        SUCCESS,
        REFUSED,
        FAILURE
    }
}
