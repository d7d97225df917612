package io.heliosdb.replication.control.http;

import io.heliosdb.replication.control.access.Permission;
import io.heliosdb.replication.control.http.ReplicationBodies.CheckpointView;
import io.heliosdb.replication.control.http.ReplicationBodies.CommandReason;
import io.heliosdb.replication.control.http.ReplicationBodies.CommandedReplication;
import io.heliosdb.replication.control.http.ReplicationBodies.PausedReplication;
import io.heliosdb.replication.control.http.ReplicationBodies.SkipChange;
import io.heliosdb.replication.control.http.ReplicationBodies.StartReplication;
import io.heliosdb.replication.control.http.ReplicationBodies.StartedReplication;
import io.heliosdb.replication.control.http.ReplicationBodies.StoppedReplication;
import io.heliosdb.replication.control.http.Route.Method;
import io.heliosdb.replication.control.http.Route.Tenancy;
import io.heliosdb.replication.control.json.EnumNames;
import io.heliosdb.replication.control.problem.ControlError;
import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.control.replication.Command;
import io.heliosdb.replication.control.replication.Estimates;
import io.heliosdb.replication.control.replication.Replication;
import io.heliosdb.replication.control.replication.Replications;
import io.heliosdb.replication.model.ReplicationState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Moves of the state machine. */
final class CommandRoutes {

    private static final String ONE = "/v1/replications/{replication_id}";

    private final Replications replications;
    private final Estimates estimates;
    private final InstantSource clock;

    CommandRoutes(Replications replications, Estimates estimates, InstantSource clock) {
        this.replications = replications;
        this.estimates = estimates;
        this.clock = clock;
    }

    List<Route> all() {
        return List.of(
                command("start", "startReplication", "Start, or resume a paused replication")
                        .mayTake(StartReplication.class)
                        .replies(200, StartedReplication.class)
                        .by(this::start),
                command("pause", "pauseReplication", "Pause: changes are kept, none is applied")
                        .mayTake(CommandReason.class)
                        .replies(200, PausedReplication.class)
                        .by(this::pause),
                command("stop", "stopReplication", "Stop for good")
                        .mayTake(CommandReason.class)
                        .replies(200, StoppedReplication.class)
                        .by(this::stop),
                command("resync", "resyncReplication", "Copy the tenant anew")
                        .mayTake(CommandReason.class)
                        .replies(200, CommandedReplication.class)
                        .by(call -> commanded(call, Command.RESYNC)),
                command("retry", "retryReplication", "Try again after an error")
                        .mayTake(CommandReason.class)
                        .replies(200, CommandedReplication.class)
                        .by(call -> commanded(call, Command.RETRY)),
                command(
                                "skip",
                                "skipChange",
                                "Leave out what the target refused: a transaction, or only the DDL in it")
                        .mayTake(SkipChange.class)
                        .replies(200, CommandedReplication.class)
                        .by(this::skip));
    }

    private static RouteBuilder command(String verb, String operation, String summary) {
        return new RouteBuilder(
                        Method.POST, ONE + "/" + verb, operation, "Replication control", summary)
                .on("replication")
                .needs(Permission.UPDATE_REPLICATION, Tenancy.OF_REPLICATION)
                .fails(ControlError.CONFLICT);
    }

    private Object start(Call call) {
        UUID id = call.id("replication_id", "replication");
        StartReplication wanted =
                call.bodyIfAny(StartReplication.class)
                        .orElse(new StartReplication(null, null, null));
        String from = wanted.fromCheckpoint();
        if (from != null && !from.equals("auto")) {
            throw ControlException.invalid(
                    "from_checkpoint", "must be auto: it continues where the target stands");
        }
        Integer workers = wanted.initialSyncParallelism();
        if (workers != null && (workers < 1 || workers > 64)) {
            throw ControlException.invalid(
                    "initial_sync_parallelism", "must be between 1 and 64, got " + workers);
        }
        Replication it = replications.command(id, Command.START, null, call.actor(wanted.reason()));
        return new StartedReplication(
                it.id(),
                it.status(),
                switch (it.status()) {
                    case INITIALIZING -> "Replication starting. Initial sync follows.";
                    case SYNCING -> "Replication running. Initial sync in progress.";
                    default -> it.settled() ? "Replication running." : "Replication resuming.";
                },
                completion(it),
                workers == null
                        ? List.of()
                        : List.of(
                                "initial_sync_parallelism is set for the whole job (sync-workers),"
                                        + " not for one replication"));
    }

    private @Nullable Instant completion(Replication it) {
        if (it.status() != ReplicationState.INITIALIZING) {
            return null;
        }
        Duration copy = estimates.estimate(it).copy();
        return copy == null ? null : clock.instant().plus(copy);
    }

    private Object pause(Call call) {
        Replication it = command(call, Command.PAUSE);
        return new PausedReplication(
                it.id(), it.status(), it.statusChangedAt(), CheckpointView.of(it.lastCheckpoint()));
    }

    private Object stop(Call call) {
        Replication it = command(call, Command.STOP);
        return new StoppedReplication(
                it.id(),
                it.status(),
                it.statusChangedAt(),
                ReplicationBodies.statistics(it.report(), it.statusChangedAt()));
    }

    private Replication command(Call call, Command command) {
        UUID id = call.id("replication_id", "replication");
        String reason = call.bodyIfAny(CommandReason.class).map(CommandReason::reason).orElse(null);
        return replications.command(id, command, null, call.actor(reason));
    }

    private Object commanded(Call call, Command command) {
        Replication it = command(call, command);
        return new CommandedReplication(it.id(), it.status(), EnumNames.of(command) + " ordered.");
    }

    private Object skip(Call call) {
        UUID id = call.id("replication_id", "replication");
        SkipChange wanted = call.bodyIfAny(SkipChange.class).orElse(new SkipChange(null, null));
        Replication it =
                replications.command(
                        id, Command.SKIP, wanted.position(), call.actor(wanted.reason()));
        return new CommandedReplication(it.id(), it.status(), "Skip ordered.");
    }
}
