package io.heliosdb.replication.control.access;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A service that gets tokens by client credentials; everything but its secret. */
public record OAuthClient(
        String clientId,
        Grant grant,
        String createdBy,
        Instant createdAt,
        @Nullable Instant revokedAt) {}
