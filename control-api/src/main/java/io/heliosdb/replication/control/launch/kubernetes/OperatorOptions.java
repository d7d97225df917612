package io.heliosdb.replication.control.launch.kubernetes;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How jobs run on Kubernetes.
 *
 * @param image Flink 1.20 with the job's jar in {@value #JAR}
 * @param serviceAccount of the pods; may read and write config maps, for Flink's high availability
 * @param secret with the keys {@code store-password} and {@code secret-keys.json}, mounted at
 *     {@value #SECRETS}
 * @param keysClaim a persistent volume claim that all pods may write, mounted at {@value #KEYS},
 *     for the data keys that what waits is encrypted with; the master keys are then in the secret
 *     too, as {@code master-keys.json}; null: nothing is encrypted
 * @param checkpointDirectory a URI that the API and the pods see under the same name
 * @param jobManagerMemory of a pod, such as 1g
 * @param taskManagerMemory the same
 */
public record OperatorOptions(
        String namespace,
        String image,
        String serviceAccount,
        String secret,
        @Nullable String keysClaim,
        String checkpointDirectory,
        String jobManagerMemory,
        String taskManagerMemory) {

    static final String JAR = "/opt/flink/usrlib/heliosdb-replication-job.jar";

    /** Where pods find secrets. */
    public static final String SECRETS = "/opt/heliosdb/secrets";

    /** Where pods find and make the data keys of tenants. */
    public static final String KEYS = "/opt/heliosdb/keys";

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");
    private static final Pattern MEMORY = Pattern.compile("\\d+(m|g|Mi|Gi)");

    public OperatorOptions {
        check("flink.kubernetes.namespace", namespace, NAME);
        check("flink.kubernetes.service-account", serviceAccount, NAME);
        check("flink.kubernetes.secret", secret, NAME);
        if (keysClaim != null) {
            check("flink.kubernetes.keys-claim", keysClaim, NAME);
        }
        check("flink.kubernetes.job-manager-memory", jobManagerMemory, MEMORY);
        check("flink.kubernetes.task-manager-memory", taskManagerMemory, MEMORY);
        if (image.isBlank()) {
            throw new IllegalArgumentException("flink.kubernetes.image must name an image");
        }
        if (!checkpointDirectory.contains(":/")) {
            throw new IllegalArgumentException(
                    "flink.checkpoint-directory must be a URI that all pods see, got "
                            + checkpointDirectory);
        }
    }

    private static void check(String key, String value, Pattern pattern) {
        if (!pattern.matcher(value).matches()) {
            throw new IllegalArgumentException(key + " must match " + pattern + ", got " + value);
        }
    }
}
