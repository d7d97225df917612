package io.heliosdb.replication.model.config;

import java.io.Serializable;

/**
 * Where the keys are that backlogs are encrypted with; read where the job runs, so all its
 * TaskManagers must see both.
 *
 * @param masterKeys file with the master keys, made by {@code heliosdb-cli secret-keys new}
 * @param dataKeys directory with the data keys of the tenants, each encrypted with a master key
 */
public record EncryptionConfig(String masterKeys, String dataKeys) implements Serializable {}
