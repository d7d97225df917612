package io.heliosdb.replication.cli.serve;

import io.heliosdb.replication.control.launch.JobRequest;
import io.heliosdb.replication.model.config.EncryptionConfig;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The arguments that the job's program gets: where the store is, and which source is its own.
 * Secrets are references that are resolved where the program runs, because Flink shows arguments.
 *
 * @param password {@code ${file:…}} or {@code ${env:…}}
 * @param secretKeys the same
 * @param encryption where the keys are that what waits is encrypted with, as paths; null: it is not
 */
record JobArguments(
        JobDirectories directories,
        int parallelism,
        String storeUrl,
        String storeUser,
        String password,
        String secretKeys,
        @Nullable EncryptionConfig encryption) {

    List<String> of(UUID connection) {
        return List.of(
                "--control-store",
                """
                source-connection: %s
                store: {url: %s, user: %s, password: %s, secret-keys: %s}
                job: {name: %s, checkpoint-directory: %s, parallelism: %d%s}
                """
                        .formatted(
                                connection,
                                quoted(storeUrl),
                                quoted(storeUser),
                                quoted(password),
                                quoted(secretKeys),
                                JobRequest.name(connection),
                                quoted(directories.location(connection)),
                                parallelism,
                                keys()));
    }

    private String keys() {
        return encryption == null
                ? ""
                : ", encryption: {master-keys: %s, data-keys: %s}"
                        .formatted(quoted(encryption.masterKeys()), quoted(encryption.dataKeys()));
    }

    /** As YAML has it. */
    private static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
