package io.heliosdb.replication.control.launch.session;

import com.fasterxml.jackson.databind.JsonNode;
import io.heliosdb.replication.control.launch.ClusterException;
import io.heliosdb.replication.control.launch.JobCluster;
import io.heliosdb.replication.control.launch.JobRequest;
import io.heliosdb.replication.control.launch.Restore;
import io.heliosdb.replication.control.launch.SeenJob;
import io.heliosdb.replication.control.launch.SeenJob.Condition;
import io.heliosdb.replication.control.launch.StackTraces;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A Flink session cluster: the jar is uploaded once per content, jobs run with ids of ours (Flink
 * refuses an id that it has seen), and stop with savepoints under ids of ours (Flink carries out
 * each once). Of one thread.
 */
public final class SessionCluster implements JobCluster {

    /** So long a JobManager takes to recover its jobs, if it is one that does. */
    private static final Duration RECOVERY = Duration.ofSeconds(20);

    private static final int NAME_DIGITS = 16;

    private final FlinkRest rest;
    private final Path jar;
    private final Function<UUID, Optional<Restore>> restorePoints;
    private final Function<UUID, String> stops;
    private @Nullable String jarName;

    /** How often stops were tried, for their ids. */
    private final Map<String, Integer> stopsTried = new HashMap<>();

    /**
     * @param jar with the program, its main class in the manifest
     * @param restorePoints looks into the checkpoint directory of a source; may throw {@link
     *     ClusterException}
     * @param stops where the savepoints of stops of a source go
     */
    public SessionCluster(
            URI url,
            Path jar,
            Function<UUID, Optional<Restore>> restorePoints,
            Function<UUID, String> stops) {
        this.rest = new FlinkRest(url);
        this.jar = jar;
        this.restorePoints = restorePoints;
        this.stops = stops;
    }

    @Override
    public List<SeenJob> look() {
        List<SeenJob> seen = new ArrayList<>();
        for (JsonNode job : rest.get("/jobs/overview").path("jobs")) {
            JobRequest.connectionOf(job.path("name").asText())
                    .ifPresent(
                            connection ->
                                    seen.add(
                                            new SeenJob(
                                                    connection,
                                                    job.path("jid").asText(),
                                                    condition(job.path("state").asText()))));
        }
        return seen;
    }

    private static Condition condition(String state) {
        return switch (state) {
            case "RUNNING" -> Condition.RUNNING;
            case "CANCELLING" -> Condition.ENDING;
            case "FINISHED" -> Condition.FINISHED;
            case "CANCELED" -> Condition.CANCELED;
            case "FAILED" -> Condition.FAILED;
            // INITIALIZING, CREATED, RECONCILING, FAILING, RESTARTING, SUSPENDED.
            default -> Condition.STARTING;
        };
    }

    @Override
    public Duration forgetfulness() {
        return RECOVERY;
    }

    @Override
    public Optional<Restore> restorePoint(UUID connection) {
        return restorePoints.apply(connection);
    }

    @Override
    public void start(JobRequest request) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("jobId", request.jobId());
        body.put("programArgsList", request.arguments());
        body.put("parallelism", request.parallelism());
        // State that the job does not know would be a backlog that is lost.
        body.put("allowNonRestoredState", false);
        request.restoreFrom()
                .ifPresent(
                        restore -> {
                            body.put("savepointPath", restore.path());
                            body.put("claimMode", restore.owned() ? "CLAIM" : "NO_CLAIM");
                        });
        try {
            rest.post("/jars/" + jarId() + "/run", body);
        } catch (ClusterException e) {
            if (!String.valueOf(e.getMessage()).contains("DuplicateJobSubmission")) {
                throw e;
            }
            // It has been started before: what this call was to bring about.
        }
    }

    /** Uploads the jar if the cluster does not have it; a restarted JobManager may have lost it. */
    private String jarId() {
        String name = jarName();
        Optional<String> there = findJar(name);
        if (there.isEmpty()) {
            rest.upload(jar, name);
            there = findJar(name);
        }
        return there.orElseThrow(
                () -> new ClusterException("Flink took the jar and does not show it", null));
    }

    private Optional<String> findJar(String name) {
        for (JsonNode file : rest.get("/jars").path("files")) {
            if (file.path("name").asText().equals(name)) {
                return Optional.of(file.path("id").asText());
            }
        }
        return Optional.empty();
    }

    private String jarName() {
        String known = jarName;
        if (known == null) {
            try {
                known =
                        "heliosdb-"
                                + digest(Files.readAllBytes(jar)).substring(0, NAME_DIGITS)
                                + ".jar";
            } catch (IOException e) {
                throw new ClusterException("the job's jar " + jar + " cannot be read", e);
            }
            jarName = known;
        }
        return known;
    }

    @Override
    public void stop(UUID connection, String jobId) {
        int attempt = stopsTried.computeIfAbsent(jobId, id -> 0);
        String trigger =
                digest((jobId + "-" + attempt).getBytes(StandardCharsets.UTF_8)).substring(0, 32);
        rest.post(
                "/jobs/" + jobId + "/stop",
                Map.of(
                        "triggerId",
                        trigger,
                        "targetDirectory",
                        stops.apply(connection),
                        "drain",
                        false,
                        "formatType",
                        "NATIVE"));
        JsonNode operation =
                rest.get("/jobs/" + jobId + "/savepoints/" + trigger).path("operation");
        JsonNode cause = operation.path("failure-cause").path("stack-trace");
        if (!cause.isMissingNode()) {
            stopsTried.put(jobId, attempt + 1);
            throw new ClusterException(
                    "no stop with savepoint: " + StackTraces.reason(cause.asText()), null);
        }
    }

    @Override
    public void cancel(UUID connection, String jobId) {
        rest.patch("/jobs/" + jobId + "?mode=cancel");
    }

    @Override
    public Optional<String> failure(UUID connection, String jobId) {
        JsonNode answer = rest.get("/jobs/" + jobId + "/exceptions");
        JsonNode newest =
                answer.path("exceptionHistory").path("entries").path(0).path("stacktrace");
        JsonNode root = newest.isMissingNode() ? answer.path("root-exception") : newest;
        return root.isTextual() ? Optional.of(StackTraces.reason(root.asText())) : Optional.empty();
    }

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
