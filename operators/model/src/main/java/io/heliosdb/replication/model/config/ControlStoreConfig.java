package io.heliosdb.replication.model.config;

import java.io.Serializable;
import java.util.UUID;

/**
 * Where a job finds what it shall do: the metadata store of the control API.
 *
 * @param secretKeys the keyset, in JSON, that passwords in the store are encrypted with
 * @param sourceConnection the connection that the job reads from; it carries all replications of it
 */
public record ControlStoreConfig(
        DatabaseConfig store, Secret secretKeys, UUID sourceConnection, JobConfig job)
        implements Serializable {

    public ControlStoreConfig {
        if (secretKeys.value().isBlank()) {
            throw new IllegalArgumentException("secret-keys must not be empty");
        }
    }
}
