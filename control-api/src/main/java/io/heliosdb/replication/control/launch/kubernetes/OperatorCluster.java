package io.heliosdb.replication.control.launch.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heliosdb.replication.control.launch.ClusterException;
import io.heliosdb.replication.control.launch.JobCluster;
import io.heliosdb.replication.control.launch.JobRequest;
import io.heliosdb.replication.control.launch.Restore;
import io.heliosdb.replication.control.launch.SeenJob;
import io.heliosdb.replication.control.launch.SeenJob.Condition;
import io.heliosdb.replication.control.launch.StackTraces;
import io.heliosdb.replication.control.launch.kubernetes.KubernetesApi.Answer;
import io.heliosdb.replication.core.polling.Polling;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * Jobs as resources of the Flink Kubernetes Operator, one {@code FlinkDeployment} per source. Its
 * name is the source's, so Kubernetes itself refuses a second one; a label tells the run.
 */
public final class OperatorCluster implements JobCluster {

    private static final int CONFLICT = 409;
    private static final int NOT_FOUND = 404;
    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

    /** So long the pods of a former run may take to end. */
    private static final Duration DELETION = Duration.ofSeconds(30);

    private final KubernetesApi kubernetes;
    private final OperatorOptions options;
    private final Function<UUID, Optional<Restore>> restorePoints;
    private final Function<UUID, String> stops;
    private final String path;

    /**
     * @param restorePoints looks into the checkpoint directory of a source
     * @param stops where the savepoints of stops of a source go
     */
    public OperatorCluster(
            KubernetesApi kubernetes,
            OperatorOptions options,
            Function<UUID, Optional<Restore>> restorePoints,
            Function<UUID, String> stops) {
        this.kubernetes = kubernetes;
        this.options = options;
        this.restorePoints = restorePoints;
        this.stops = stops;
        this.path =
                "/apis/"
                        + FlinkDeployment.API
                        + "/namespaces/"
                        + options.namespace()
                        + "/flinkdeployments";
    }

    @Override
    public List<SeenJob> look() {
        Answer answer =
                kubernetes.get(
                        path
                                + "?labelSelector="
                                + FlinkDeployment.MANAGED_BY
                                + "%3D"
                                + FlinkDeployment.MANAGER);
        if (!answer.isFine()) {
            throw answer.refused("list FlinkDeployments");
        }
        List<SeenJob> seen = new ArrayList<>();
        for (JsonNode resource : answer.body().path("items")) {
            JobRequest.connectionOf(resource.at("/metadata/name").asText())
                    .ifPresent(
                            connection ->
                                    seen.add(
                                            new SeenJob(
                                                    connection,
                                                    run(resource),
                                                    condition(resource))));
        }
        return seen;
    }

    private static String run(JsonNode resource) {
        return resource.path("metadata").path("labels").path(FlinkDeployment.RUN).asText();
    }

    private static Condition condition(JsonNode resource) {
        String lifecycle = resource.at("/status/lifecycleState").asText();
        String job = resource.at("/status/jobStatus/state").asText();
        if (resource.at("/metadata").has("deletionTimestamp")) {
            return Condition.ENDING;
        }
        if (resource.at("/spec/job/state").asText().equals("suspended")) {
            return lifecycle.equals("SUSPENDED") ? Condition.FINISHED : Condition.RUNNING;
        }
        if (lifecycle.equals("FAILED") || job.equals("FAILED")) {
            return Condition.FAILED;
        }
        return switch (job) {
            case "RUNNING" -> Condition.RUNNING;
            case "FINISHED" -> Condition.FINISHED;
            case "CANCELED" -> Condition.CANCELED;
            default -> Condition.STARTING;
        };
    }

    /** Resources stay until somebody deletes them: one that is missing is gone. */
    @Override
    public Duration forgetfulness() {
        return Duration.ZERO;
    }

    @Override
    public Optional<Restore> restorePoint(UUID connection) {
        return restorePoints.apply(connection);
    }

    @Override
    public void start(JobRequest request) {
        ObjectNode resource =
                FlinkDeployment.of(request, options, stops.apply(request.connection()));
        Polling polling = Polling.every(LOOK_AGAIN).within(DELETION);
        Answer made = kubernetes.post(path, resource);
        while (made.status() == CONFLICT) {
            Answer there = kubernetes.get(path + "/" + request.name());
            if (there.isFine() && run(there.body()).equals(request.jobId())) {
                // It has been made before: what this call was to bring about.
                return;
            }
            // Of a run that has ended. The name is free when its pods have been taken away.
            delete(request.name());
            if (!again(polling)) {
                throw new ClusterException(
                        "the resource of the former run is still being deleted", null);
            }
            made = kubernetes.post(path, resource);
        }
        if (!made.isFine()) {
            throw made.refused("create FlinkDeployment " + request.name());
        }
    }

    private static boolean again(Polling polling) {
        try {
            return polling.again();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterException("interrupted", e);
        }
    }

    @Override
    public void stop(UUID connection, String jobId) {
        if (isThere(connection, jobId)) {
            ObjectNode patch = JsonNodeFactory.instance.objectNode();
            patch.putObject("spec")
                    .putObject("job")
                    .put("state", "suspended")
                    .put("upgradeMode", "savepoint");
            Answer answer = kubernetes.merge(path + "/" + JobRequest.name(connection), patch);
            if (!answer.isFine()) {
                throw answer.refused("suspend FlinkDeployment " + JobRequest.name(connection));
            }
        }
    }

    @Override
    public void cancel(UUID connection, String jobId) {
        if (isThere(connection, jobId)) {
            delete(JobRequest.name(connection));
        }
    }

    private boolean isThere(UUID connection, String jobId) {
        Answer answer = kubernetes.get(path + "/" + JobRequest.name(connection));
        if (!answer.isFine() && answer.status() != NOT_FOUND) {
            throw answer.refused("read FlinkDeployment " + JobRequest.name(connection));
        }
        return answer.isFine() && run(answer.body()).equals(jobId);
    }

    private void delete(String name) {
        Answer answer = kubernetes.delete(path + "/" + name);
        if (!answer.isFine() && answer.status() != NOT_FOUND) {
            throw answer.refused("delete FlinkDeployment " + name);
        }
    }

    @Override
    public Optional<String> failure(UUID connection, String jobId) {
        Answer answer = kubernetes.get(path + "/" + JobRequest.name(connection));
        String error = answer.body().at("/status/error").asText("");
        return error.isEmpty() ? Optional.empty() : Optional.of(StackTraces.reason(error));
    }
}
