package io.heliosdb.replication.cli.status;

import io.heliosdb.replication.model.Lsn;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the source said, after the targets were read: so no lag is ever shown too small.
 *
 * @param walEnd where the source writes next
 * @param unreachable why it could not be asked, or null; then nothing else is known
 */
public record SourceReading(
        @Nullable Instant clock, @Nullable Lsn walEnd, @Nullable String unreachable) {}
