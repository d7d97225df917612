package io.heliosdb.replication.control.launch.kubernetes;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heliosdb.replication.control.launch.JobRequest;
import io.heliosdb.replication.control.launch.Restore;

/**
 * The resource of one job: application mode, so that each source has a JobManager and TaskManagers
 * of its own. Each run is a new resource, which says itself where it continues; what the operator
 * remembers of former ones is not used.
 */
final class FlinkDeployment {

    static final String API = "flink.apache.org/v1beta1";
    static final String MANAGED_BY = "app.kubernetes.io/managed-by";
    static final String MANAGER = "heliosdb-control";
    static final String CONNECTION = "heliosdb.io/connection";
    static final String RUN = "heliosdb.io/run";

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String MAIN = "io.heliosdb.replication.job.JobMain";

    private FlinkDeployment() {}

    static ObjectNode of(JobRequest request, OperatorOptions options, String stops) {
        ObjectNode resource = MAPPER.createObjectNode();
        resource.put("apiVersion", API).put("kind", "FlinkDeployment");
        ObjectNode metadata = resource.putObject("metadata");
        metadata.put("name", request.name()).put("namespace", options.namespace());
        metadata.putObject("labels")
                .put(MANAGED_BY, MANAGER)
                .put(CONNECTION, request.connection().toString())
                .put(RUN, request.jobId());
        ObjectNode spec = resource.putObject("spec");
        spec.put("image", options.image())
                .put("flinkVersion", "v1_20")
                .put("serviceAccount", options.serviceAccount());
        configuration(spec.putObject("flinkConfiguration"), request, options, stops);
        pods(spec, options);
        job(spec.putObject("job"), request);
        return resource;
    }

    private static void configuration(
            ObjectNode flink, JobRequest request, OperatorOptions options, String stops) {
        String own =
                options.checkpointDirectory().replaceAll("/+$", "") + "/" + request.connection();
        flink.put("taskmanager.numberOfTaskSlots", "1")
                .put("state.backend.type", "rocksdb")
                .put("execution.checkpointing.incremental", "true")
                .put("execution.checkpointing.dir", own)
                // Where the stop of this run leaves its savepoint.
                .put("execution.checkpointing.savepoint-dir", stops)
                .put(
                        "execution.checkpointing.externalized-checkpoint-retention",
                        "RETAIN_ON_CANCELLATION")
                // A JobManager that is restarted continues from the last checkpoint, not from where
                // the run began.
                .put("high-availability.type", "kubernetes")
                .put("high-availability.storageDir", own + "/ha")
                .put("restart-strategy.type", "exponential-delay")
                .put("restart-strategy.exponential-delay.max-backoff", "10 s")
                .put("restart-strategy.exponential-delay.reset-backoff-threshold", "1 min")
                .put("taskmanager.memory.managed.size", "128m")
                .put("taskmanager.memory.network.min", "64m")
                .put("taskmanager.memory.network.max", "64m");
        if (request.restoreFrom().map(Restore::owned).orElse(false)) {
            flink.put("execution.savepoint-restore-mode", "CLAIM");
        }
    }

    private static void pods(ObjectNode spec, OperatorOptions options) {
        spec.putObject("jobManager")
                .put("replicas", 1)
                .putObject("resource")
                .put("cpu", 0.5)
                .put("memory", options.jobManagerMemory());
        spec.putObject("taskManager")
                .putObject("resource")
                .put("cpu", 1.0)
                .put("memory", options.taskManagerMemory());
        ObjectNode pod = spec.putObject("podTemplate").putObject("spec");
        ObjectNode container = pod.putArray("containers").addObject();
        container.put("name", "flink-main-container");
        ArrayNode mounts = container.putArray("volumeMounts");
        mounts.addObject()
                .put("name", "heliosdb-secrets")
                .put("mountPath", OperatorOptions.SECRETS)
                .put("readOnly", true);
        ArrayNode volumes = pod.putArray("volumes");
        volumes.addObject()
                .put("name", "heliosdb-secrets")
                .putObject("secret")
                .put("secretName", options.secret());
        if (options.keysClaim() != null) {
            mounts.addObject().put("name", "heliosdb-keys").put("mountPath", OperatorOptions.KEYS);
            volumes.addObject()
                    .put("name", "heliosdb-keys")
                    .putObject("persistentVolumeClaim")
                    .put("claimName", options.keysClaim());
        }
    }

    private static void job(ObjectNode job, JobRequest request) {
        job.put("jarURI", "local://" + OperatorOptions.JAR)
                .put("entryClass", MAIN)
                .put("parallelism", request.parallelism())
                .put("state", "running")
                .put("upgradeMode", "savepoint")
                // State that the job does not know would be a backlog that is lost.
                .put("allowNonRestoredState", false);
        request.arguments().forEach(job.withArray("/args")::add);
        request.restoreFrom().ifPresent(restore -> job.put("initialSavepointPath", restore.path()));
    }
}
