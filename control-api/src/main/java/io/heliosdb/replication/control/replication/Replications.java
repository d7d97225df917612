package io.heliosdb.replication.control.replication;

import io.heliosdb.replication.control.problem.ControlError;
import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.control.replication.postgres.ReplicationRepository;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What users do with replications. Thread-safe; all state is in the store. */
public final class Replications {

    private final ReplicationRepository repository;
    private final DataPlane dataPlane;
    private final Runnable ordered;

    /** With jobs that have no keys. */
    public Replications(ReplicationRepository repository) {
        this(repository, new DataPlane(false), () -> {});
    }

    /**
     * @param ordered called when a replication was made, which may need a job; does not wait
     */
    public Replications(ReplicationRepository repository, DataPlane dataPlane, Runnable ordered) {
        this.repository = repository;
        this.dataPlane = dataPlane;
        this.ordered = ordered;
    }

    /**
     * What users should know of such a configuration.
     *
     * @throws ControlException VALIDATION_ERROR if the data plane cannot do what it asks for
     */
    public List<String> check(ReplicationConfig config) {
        return dataPlane.check(config);
    }

    public Replication create(NewReplication wanted, Actor actor) {
        dataPlane.check(wanted.config());
        Replication made = repository.insert(wanted, actor);
        ordered.run();
        return made;
    }

    public Replication get(UUID id) {
        return repository.find(id).orElseThrow(() -> ControlException.notFound("replication", id));
    }

    /** The tenant, or NOT_FOUND. */
    public String tenantOf(UUID id) {
        return repository
                .tenantOf(id)
                .orElseThrow(() -> ControlException.notFound("replication", id));
    }

    public List<Replication> list(ReplicationQuery query) {
        return repository.list(query);
    }

    /** All there are, of all tenants. */
    public List<Replication> all() {
        return repository.all();
    }

    public long count(ReplicationQuery query) {
        return repository.count(query);
    }

    public Map<ReplicationState, Long> countByStatus() {
        return repository.countByStatus();
    }

    /** Changes the configuration; FAILOVER_IN_PROGRESS while it fails over. */
    public Replication reconfigure(UUID id, UnaryOperator<ReplicationConfig> change, Actor actor) {
        return repository.reconfigure(id, before -> changed(before, change), actor);
    }

    /** What {@link #reconfigure} would make of it, or why not. */
    public ReplicationConfig preview(UUID id, UnaryOperator<ReplicationConfig> change) {
        return changed(get(id), change);
    }

    private ReplicationConfig changed(Replication before, UnaryOperator<ReplicationConfig> change) {
        if (before.status() == ReplicationState.FAILING_OVER) {
            throw new ControlException(
                    ControlError.FAILOVER_IN_PROGRESS,
                    "the replication fails over: it cannot be changed until that has ended",
                    Map.of("replication_id", before.id().toString()));
        }
        if (before.status() == ReplicationState.STOPPED) {
            throw ControlException.conflict(
                    "the replication is stopped: make a new one", Map.of("status", "Stopped"));
        }
        ReplicationConfig after = change.apply(before.config());
        dataPlane.check(after);
        return after;
    }

    /**
     * Orders a move of the state machine; CONFLICT if it is not legal.
     *
     * @param skip with SKIP: the position of the change to leave out; null: the one that the error
     *     names
     */
    public Replication command(UUID id, Command command, @Nullable String skip, Actor actor) {
        return repository.order(id, before -> decide(before, command, skip), actor);
    }

    private static Optional<Order> decide(
            Replication before, Command command, @Nullable String skip) {
        Replication.Report report = before.report();
        ReplicationState stateBefore = report == null ? null : report.stateBefore();
        String reported = report == null ? null : report.position();
        Optional<ReplicationState> next = Lifecycle.after(before.status(), command, stateBefore);
        if (command == Command.SKIP) {
            if (reported == null) {
                throw ControlException.conflict(
                        "the error names no single change that could be skipped: retry or resync",
                        Map.of("status", "Error"));
            }
            if (skip != null && !skip.equals(reported)) {
                throw ControlException.conflict(
                        "the replication stands at another change: look at it before skipping it",
                        Map.of("position", reported));
            }
        }
        return next.map(
                state ->
                        command == Command.SKIP
                                ? Order.of(command, state, reported, stoppedByDdl(report))
                                : Order.of(command, state, null, false));
    }

    private static boolean stoppedByDdl(Replication.@Nullable Report report) {
        return report != null && ErrorCode.DDL_STOPPED.name().equals(report.errorCode());
    }

    /**
     * Deletes it; CONFLICT while it fails over.
     *
     * @param cleanup whether the job then removes the tenant's rows from the target; else they stay
     */
    public void delete(UUID id, boolean cleanup, Actor actor) {
        repository.delete(
                id,
                cleanup,
                before -> {
                    if (before.status() == ReplicationState.FAILING_OVER) {
                        throw ControlException.conflict(
                                "the replication fails over: it cannot be deleted until that has ended",
                                Map.of("status", "FailingOver"));
                    }
                },
                actor);
    }
}
