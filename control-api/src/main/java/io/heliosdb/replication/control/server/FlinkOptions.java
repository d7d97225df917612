package io.heliosdb.replication.control.server;

import io.heliosdb.replication.control.launch.kubernetes.OperatorOptions;
import io.heliosdb.replication.model.config.EncryptionConfig;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Where jobs run, and how they find the store from there.
 *
 * @param restUrl of a session cluster; null: on Kubernetes
 * @param operator how they run on Kubernetes; null: on a session cluster
 * @param checkpointDirectory URI or absolute path that is the same here and on the cluster
 * @param parallelism of each job
 * @param storeUrl as the cluster reaches it
 * @param storePassword a reference such as <code>${file:/run/secrets/store}</code>, resolved on the
 *     cluster
 * @param secretKeys the same
 * @param encryption where the cluster finds the keys that what waits is encrypted with; null: it is
 *     not
 */
public record FlinkOptions(
        @Nullable URI restUrl,
        @Nullable OperatorOptions operator,
        String checkpointDirectory,
        int parallelism,
        String storeUrl,
        String storePassword,
        String secretKeys,
        @Nullable EncryptionConfig encryption) {

    public FlinkOptions {
        if ((restUrl == null) == (operator == null)) {
            throw new IllegalArgumentException(
                    "flink needs either rest-url or kubernetes, not both and not none");
        }
        if (restUrl != null && restUrl.getHost() == null) {
            throw new IllegalArgumentException(
                    "flink.rest-url must be like http://host:8081, got " + restUrl);
        }
        if (!checkpointDirectory.startsWith("/") && !checkpointDirectory.contains(":/")) {
            throw new IllegalArgumentException(
                    "flink.checkpoint-directory must be a URI or an absolute path, got "
                            + checkpointDirectory);
        }
        if (encryption != null
                && !(encryption.masterKeys().startsWith("/")
                        && encryption.dataKeys().startsWith("/"))) {
            throw new IllegalArgumentException(
                    "flink.encryption: master-keys and data-keys must be absolute paths, which the"
                            + " cluster sees, got "
                            + encryption.masterKeys()
                            + " and "
                            + encryption.dataKeys());
        }
        if (parallelism < 1 || parallelism > 128) {
            throw new IllegalArgumentException(
                    "flink.parallelism must be between 1 and 128, got " + parallelism);
        }
    }
}
