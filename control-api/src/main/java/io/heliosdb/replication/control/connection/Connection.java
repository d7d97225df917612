package io.heliosdb.replication.control.connection;

import java.time.Instant;
import java.util.UUID;

/**
 * A database that the store knows. Never carries the password.
 *
 * @param version grows with every change
 */
public record Connection(
        UUID id,
        ConnectionSpec spec,
        boolean hasPassword,
        long version,
        Instant createdAt,
        Instant updatedAt) {}
