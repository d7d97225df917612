package io.heliosdb.replication.control.connection;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.model.config.ServiceConfig;
import org.jspecify.annotations.Nullable;

/**
 * What makes a database writable.
 *
 * @param lanes sessions per parallel subtask on which replications are applied at the same time
 * @param maxBytesPerSecond of changes that may go to it, of all its replications together; 0 for no
 *     bound
 */
public record TargetRole(int lanes, long maxBytesPerSecond) {

    public TargetRole {
        if (lanes < 1 || lanes > 64) {
            throw ControlException.invalid(
                    "target.lanes", "must be between 1 and 64, got " + lanes);
        }
        if (maxBytesPerSecond != 0
                && (maxBytesPerSecond < ServiceConfig.LEAST_BYTES_PER_SECOND
                        || maxBytesPerSecond > ServiceConfig.MOST_BYTES_PER_SECOND)) {
            throw ControlException.invalid(
                    "target.max_bytes_per_second",
                    "must be 0 for no bound, or between %d and %d, got %d"
                            .formatted(
                                    ServiceConfig.LEAST_BYTES_PER_SECOND,
                                    ServiceConfig.MOST_BYTES_PER_SECOND,
                                    maxBytesPerSecond));
        }
    }

    /** As the store has it: what was written before there was a bound has none. */
    @JsonCreator
    static TargetRole stored(
            @JsonProperty("lanes") int lanes,
            @JsonProperty("max_bytes_per_second") @Nullable Long maxBytesPerSecond) {
        return new TargetRole(lanes, maxBytesPerSecond == null ? 0 : maxBytesPerSecond);
    }
}
