package io.heliosdb.replication.cli.status;

import io.heliosdb.replication.core.progress.ProgressRow;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one target said.
 *
 * @param unreachable why it could not be asked, or null
 * @param clock the target's clock, null if it could not be asked
 */
public record TargetReading(
        String target,
        List<ProgressRow> rows,
        @Nullable Instant clock,
        @Nullable String unreachable) {

    public TargetReading {
        rows = List.copyOf(rows);
    }
}
