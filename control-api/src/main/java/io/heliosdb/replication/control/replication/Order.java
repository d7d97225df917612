package io.heliosdb.replication.control.replication;

import io.heliosdb.replication.model.ReplicationState;
import org.jspecify.annotations.Nullable;

/**
 * What a change of state means for the job.
 *
 * @param status the state that is ordered
 * @param resync whether the tenant is to be copied anew
 * @param retry whether to try again after an error
 * @param skip the position of a change that is to be left out, or null
 * @param skipDdl whether only the DDL there is left out
 */
public record Order(
        ReplicationState status,
        Desired desired,
        boolean resync,
        boolean retry,
        @Nullable String skip,
        boolean skipDdl) {

    /** What the job is to bring about and to keep. */
    public enum Desired {
        RUNNING,
        PAUSED,
        STOPPED
    }

    /** What a command orders that leads to this state. */
    static Order of(
            Command command, ReplicationState next, @Nullable String skip, boolean skipDdl) {
        Desired desired =
                switch (next) {
                    case PAUSED -> Desired.PAUSED;
                    case STOPPED -> Desired.STOPPED;
                    case INITIALIZING, SYNCING, STREAMING, FAILING_OVER, ERROR -> Desired.RUNNING;
                };
        return new Order(
                next,
                desired,
                command == Command.RESYNC,
                command == Command.RETRY || command == Command.SKIP,
                skip,
                skipDdl);
    }
}
