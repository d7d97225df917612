package io.heliosdb.replication.control.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.control.problem.ControlError;
import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.model.ReplicationState;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LifecycleTest {

    /** Rows are states, columns commands; "-" is illegal, "=" means that it is so already. */
    @ParameterizedTest
    @CsvSource({
        // state,       START,      PAUSE,   STOP,    RESYNC,       RETRY,     SKIP
        "INITIALIZING,  =,          -,       STOPPED, -,            -,         -",
        "SYNCING,       =,          -,       STOPPED, -,            -,         -",
        "STREAMING,     =,          PAUSED,  STOPPED, INITIALIZING, -,         -",
        "PAUSED,        STREAMING,  =,       STOPPED, INITIALIZING, -,         -",
        "FAILING_OVER,  -,          -,       STOPPED, -,            -,         -",
        "STOPPED,       -,          -,       =,       -,            -,         -",
        "ERROR,         -,          -,       STOPPED, INITIALIZING, STREAMING, STREAMING"
    })
    void allowsTheMovesOfTheDesign(
            ReplicationState state,
            String start,
            String pause,
            String stop,
            String resync,
            String retry,
            String skip) {
        String[] expected = {start, pause, stop, resync, retry, skip};
        for (Command command : Command.values()) {
            String next = expected[command.ordinal()];
            if (next.equals("-")) {
                assertThatThrownBy(
                                () -> Lifecycle.after(state, command, ReplicationState.STREAMING))
                        .as("%s %s", state, command)
                        .isInstanceOfSatisfying(
                                ControlException.class,
                                e -> assertThat(e.error()).isEqualTo(ControlError.CONFLICT));
            } else {
                assertThat(Lifecycle.after(state, command, ReplicationState.STREAMING))
                        .as("%s %s", state, command)
                        .isEqualTo(
                                next.equals("=")
                                        ? Optional.empty()
                                        : Optional.of(ReplicationState.valueOf(next)));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"SYNCING,SYNCING", "PAUSED,PAUSED", ",INITIALIZING", "ERROR,INITIALIZING"})
    void retriesFromTheStateBefore(ReplicationState before, ReplicationState next) {
        assertThat(Lifecycle.after(ReplicationState.ERROR, Command.RETRY, before)).contains(next);
    }
}
