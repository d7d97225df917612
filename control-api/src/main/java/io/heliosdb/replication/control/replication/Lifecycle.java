package io.heliosdb.replication.control.replication;

import static io.heliosdb.replication.model.ReplicationState.ERROR;
import static io.heliosdb.replication.model.ReplicationState.FAILING_OVER;
import static io.heliosdb.replication.model.ReplicationState.INITIALIZING;
import static io.heliosdb.replication.model.ReplicationState.PAUSED;
import static io.heliosdb.replication.model.ReplicationState.STOPPED;
import static io.heliosdb.replication.model.ReplicationState.STREAMING;
import static io.heliosdb.replication.model.ReplicationState.SYNCING;

import io.heliosdb.replication.control.json.EnumNames;
import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.model.ReplicationState;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which commands are legal in which state, and where they lead.
 *
 * <pre>
 *   Initializing → Syncing → Streaming ⇄ Paused
 *                            Streaming → FailingOver → Stopped
 *   any → Stopped            any → Error → (retry, skip) → the state before
 *   Streaming, Paused, Error → (resync) → Initializing
 * </pre>
 */
public final class Lifecycle {

    private static final Map<ReplicationState, Set<ReplicationState>> REPORTED =
            new EnumMap<>(
                    Map.of(
                            INITIALIZING, EnumSet.of(SYNCING, STREAMING, STOPPED, ERROR),
                            SYNCING, EnumSet.of(STREAMING, STOPPED, ERROR),
                            STREAMING, EnumSet.of(PAUSED, FAILING_OVER, STOPPED, ERROR),
                            PAUSED, EnumSet.of(STREAMING, STOPPED, ERROR),
                            FAILING_OVER, EnumSet.of(STOPPED, ERROR),
                            ERROR, EnumSet.complementOf(EnumSet.of(ERROR)),
                            STOPPED, EnumSet.noneOf(ReplicationState.class)));

    private Lifecycle() {}

    /** Whether a replication that was seen in the one state may be seen in the other next. */
    public static boolean mayFollow(ReplicationState from, ReplicationState to) {
        return from == to || REPORTED.getOrDefault(from, Set.of()).contains(to);
    }

    /**
     * Where a command leads; empty if the replication is there already, so that a command may be
     * sent again.
     *
     * @param before of an Error: the state that it came from
     * @throws ControlException CONFLICT if the command is not legal in this state
     */
    public static Optional<ReplicationState> after(
            ReplicationState state, Command command, @Nullable ReplicationState before) {
        ReplicationState next = next(state, command, before);
        if (next == null) {
            throw ControlException.conflict(
                    command.name().toLowerCase()
                            + " is not possible while the replication is "
                            + EnumNames.of(state),
                    Map.of("status", EnumNames.of(state)));
        }
        boolean again = command == Command.RESYNC || state == ERROR;
        return next == state && !again ? Optional.empty() : Optional.of(next);
    }

    private static @Nullable ReplicationState next(
            ReplicationState state, Command command, @Nullable ReplicationState before) {
        return switch (command) {
            case START ->
                    switch (state) {
                        case PAUSED -> STREAMING;
                        case INITIALIZING, SYNCING, STREAMING -> state;
                        case FAILING_OVER, STOPPED, ERROR -> null;
                    };
            case PAUSE -> state == STREAMING || state == PAUSED ? PAUSED : null;
            case STOP -> STOPPED;
            case RESYNC ->
                    state == STREAMING || state == PAUSED || state == ERROR ? INITIALIZING : null;
            case RETRY, SKIP ->
                    state != ERROR
                            ? null
                            : before == null || before == ERROR ? INITIALIZING : before;
        };
    }
}
