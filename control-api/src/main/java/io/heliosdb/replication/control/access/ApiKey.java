package io.heliosdb.replication.control.access;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An API key as the store knows it: everything but its secret. */
public record ApiKey(
        String id,
        Grant grant,
        String createdBy,
        Instant createdAt,
        @Nullable Instant expiresAt,
        @Nullable Instant revokedAt,
        @Nullable Instant lastUsedAt) {

    public boolean isLive(Instant now) {
        return revokedAt == null && (expiresAt == null || expiresAt.isAfter(now));
    }
}
