package io.heliosdb.replication.control.server;

import io.heliosdb.replication.control.access.postgres.OAuthRepository;
import io.heliosdb.replication.control.connection.postgres.ConnectionRepository;
import io.heliosdb.replication.control.secret.SecretKeys;
import io.heliosdb.replication.control.store.postgres.MetadataStore;
import io.heliosdb.replication.model.config.DatabaseConfig;
import java.nio.file.Path;

/**
 * Gives all secrets of the store a new key. In three steps, so that running instances never meet
 * what they cannot decrypt, and a crash between any two loses nothing: the file gets a new key
 * beside the old one; all secrets are encrypted with it in one transaction; the file drops the old
 * one.
 *
 * <p>Instances read the file when they start: restart them after the first step ({@link #addKey}),
 * then do the others ({@link #encryptAnew}).
 */
public final class SecretRotation {

    private SecretRotation() {}

    /** Adds a key, which encrypts from the next start on. */
    public static void addKey(Path file) {
        SecretKeys.read(file).rotated().replace(file);
    }

    /**
     * Encrypts everything with the newest key and drops the others from the file. Idempotent.
     *
     * @return how many secrets there are
     */
    public static int encryptAnew(DatabaseConfig database, Path file) {
        SecretKeys keys = SecretKeys.read(file);
        int count;
        try (MetadataStore store = MetadataStore.open(database, 3)) {
            SecretKeys newest = keys.newestOnly();
            count =
                    store.inTransaction(
                            handle ->
                                    new ConnectionRepository(store, keys)
                                                    .encryptAnew(handle, newest)
                                            + new OAuthRepository(store, keys)
                                                    .encryptAnew(handle, newest));
        }
        keys.newestOnly().replace(file);
        return count;
    }
}
