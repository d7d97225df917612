package io.heliosdb.replication.control.launch;

import io.heliosdb.replication.control.launch.SeenJob.Condition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * A cluster in memory that outlives those who use it. Refuses an id that it has seen, as Flink
 * does, and counts how many jobs of a source were alive at once.
 */
final class FakeCluster implements JobCluster {

    /** The caller dies here. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    private final Map<String, SeenJob> jobs = new LinkedHashMap<>();
    private final Map<String, JobRequest> requests = new LinkedHashMap<>();
    private final Map<UUID, Restore> restores = new LinkedHashMap<>();
    private final List<String> cancelled = new ArrayList<>();
    private int mostAlive;
    private int savepoints;
    private boolean unreachable;
    private Duration forgetfulness = Duration.ZERO;

    /** Is told of every step of a call: {@code start}, {@code start done} and so on; may throw. */
    Consumer<String> hook = step -> {};

    @Override
    public synchronized List<SeenJob> look() {
        step("look");
        return List.copyOf(jobs.values());
    }

    private void step(String step) {
        if (unreachable) {
            throw new ClusterException("nobody answers", null);
        }
        hook.accept(step);
    }

    @Override
    public Duration forgetfulness() {
        return forgetfulness;
    }

    @Override
    public synchronized Optional<Restore> restorePoint(UUID connection) {
        step("restorePoint");
        return Optional.ofNullable(restores.get(connection));
    }

    @Override
    public synchronized void start(JobRequest request) {
        step("start");
        land(request);
        step("start done");
    }

    /** A start that arrives. */
    synchronized void land(JobRequest request) {
        if (requests.putIfAbsent(request.jobId(), request) == null) {
            jobs.put(
                    request.jobId(),
                    new SeenJob(request.connection(), request.jobId(), Condition.RUNNING));
            mostAlive = Math.max(mostAlive, alive(request.connection()).size());
        }
    }

    @Override
    public synchronized void stop(UUID connection, String jobId) {
        step("stop");
        if (alive(connection).stream().anyMatch(job -> job.jobId().equals(jobId))) {
            restores.put(connection, new Restore("savepoint-" + ++savepoints, true));
            end(jobId, Condition.FINISHED);
        }
        step("stop done");
    }

    @Override
    public synchronized void cancel(UUID connection, String jobId) {
        step("cancel");
        cancelled.add(jobId);
        end(jobId, Condition.CANCELED);
        step("cancel done");
    }

    @Override
    public synchronized Optional<String> failure(UUID connection, String jobId) {
        step("failure");
        return Optional.of("it broke");
    }

    synchronized void end(String jobId, Condition condition) {
        SeenJob job = jobs.get(jobId);
        if (job != null && !job.condition().hasEnded()) {
            jobs.put(jobId, new SeenJob(job.connection(), jobId, condition));
        }
    }

    synchronized void is(String jobId, Condition condition) {
        jobs.computeIfPresent(jobId, (id, job) -> new SeenJob(job.connection(), jobId, condition));
    }

    synchronized void checkpoint(UUID connection, String path) {
        restores.put(connection, new Restore(path, true));
    }

    synchronized void forgetAll() {
        jobs.clear();
    }

    synchronized void unreachable(boolean value) {
        unreachable = value;
    }

    synchronized void forgetfulness(Duration value) {
        forgetfulness = value;
    }

    synchronized List<SeenJob> alive(UUID connection) {
        return jobs.values().stream()
                .filter(job -> job.connection().equals(connection))
                .filter(job -> !job.condition().hasEnded())
                .toList();
    }

    synchronized int mostAlive() {
        return mostAlive;
    }

    synchronized List<String> cancelled() {
        return List.copyOf(cancelled);
    }

    synchronized JobRequest request(String jobId) {
        return requests.get(jobId);
    }

    synchronized int starts() {
        return requests.size();
    }
}
