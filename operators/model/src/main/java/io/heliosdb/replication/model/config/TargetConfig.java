package io.heliosdb.replication.model.config;

import java.io.Serializable;

/**
 * A database that is written to.
 *
 * @param name as replications refer to it
 * @param lanes connections per parallel subtask on which replications are applied at the same time
 * @param bytesPerSecond of changes that may go to it, of all subtasks together; 0 for no bound
 */
public record TargetConfig(String name, DatabaseConfig database, int lanes, long bytesPerSecond)
        implements Serializable {

    public static final int DEFAULT_LANES = 4;

    public TargetConfig {
        if (!name.matches("[A-Za-z0-9_.-]{1,63}")) {
            throw new IllegalArgumentException(
                    "target name may have letters, digits, '_', '.', '-', at most 63: '"
                            + name
                            + "'");
        }
        Bounds.check("lanes", lanes, 1, 64);
        ServiceConfig.checkBandwidth(bytesPerSecond);
    }

    /** Without bound of what may go to it. */
    public TargetConfig(String name, DatabaseConfig database, int lanes) {
        this(name, database, lanes, 0);
    }
}
