package io.heliosdb.replication.control.connection;

import io.heliosdb.replication.control.problem.ControlException;

/**
 * What makes a database writable.
 *
 * @param lanes sessions per parallel subtask on which replications are applied at the same time
 */
public record TargetRole(int lanes) {

    public TargetRole {
        if (lanes < 1 || lanes > 64) {
            throw ControlException.invalid(
                    "target.lanes", "must be between 1 and 64, got " + lanes);
        }
    }
}
