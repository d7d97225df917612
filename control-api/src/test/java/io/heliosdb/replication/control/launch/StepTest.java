package io.heliosdb.replication.control.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.control.launch.SeenJob.Condition;
import io.heliosdb.replication.control.launch.SourceJob.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wanted × phase × what is seen. */
class StepTest {

    private static final Instant NOW = Instant.parse("2026-11-21T20:00:00Z");
    private static final Duration LINGER = Duration.ofSeconds(10);
    private static final Duration FORGETFULNESS = Duration.ofSeconds(20);

    /**
     * Wanted: yes, changed (the connection has), just-gone (within the linger), unheard (the job
     * has not told that it has ended), silent (nor will it), no. In the phase: seconds. Missing:
     * seconds that the cluster has not shown it.
     */
    @ParameterizedTest
    @CsvSource({
        // wanted, phase, in it, seen, missing, next
        "no,        IDLE,     0,   ,         0,  NOTHING",
        "yes,       IDLE,     0,   ,         0,  BEGIN",
        "no,        FAILED,   0,   ,         0,  NOTE_IDLE",
        "yes,       FAILED,   0,   ,         0,  NOTHING",
        "changed,   FAILED,   0,   ,         0,  BEGIN",
        "yes,       STARTING, 0,   ,         0,  NOTHING",
        "changed,   STARTING, 0,   ,         0,  START",
        "no,        STARTING, 0,   ,         5,  NOTHING",
        "no,        STARTING, 0,   ,         20, NOTE_IDLE",
        "yes,       STARTING, 0,   STARTING, 0,  NOTHING",
        "yes,       STARTING, 0,   RUNNING,  0,  NOTE_RUNNING",
        "yes,       STARTING, 0,   FAILED,   0,  NOTE_FAILED",
        "yes,       STARTING, 0,   CANCELED, 0,  NOTE_ENDED",
        "no,        STARTING, 0,   RUNNING,  0,  STOP",
        "yes,       RUNNING,  0,   RUNNING,  0,  NOTHING",
        "yes,       RUNNING,  61,  RUNNING,  0,  NOTE_STEADY",
        "yes,       RUNNING,  61,  STARTING, 0,  NOTHING",
        "changed,   RUNNING,  61,  RUNNING,  0,  STOP",
        "just-gone, RUNNING,  5,   RUNNING,  0,  NOTHING",
        "unheard,   RUNNING,  5,   RUNNING,  0,  NOTHING",
        "silent,    RUNNING,  5,   RUNNING,  0,  STOP",
        "no,        RUNNING,  5,   RUNNING,  0,  STOP",
        "no,        RUNNING,  5,   STARTING, 0,  STOP",
        "yes,       RUNNING,  5,   ENDING,   0,  NOTHING",
        "yes,       RUNNING,  5,   FAILED,   0,  NOTE_FAILED",
        "yes,       RUNNING,  5,   FINISHED, 0,  NOTE_ENDED",
        "yes,       RUNNING,  5,   ,         19, NOTHING",
        "yes,       RUNNING,  5,   ,         20, NOTE_LOST",
        "no,        STOPPING, 5,   RUNNING,  0,  STOP",
        "yes,       STOPPING, 5,   RUNNING,  0,  STOP",
        "no,        STOPPING, 29,  STARTING, 0,  STOP",
        "no,        STOPPING, 30,  STARTING, 0,  CANCEL",
        "no,        STOPPING, 300, RUNNING,  0,  CANCEL",
        "no,        STOPPING, 5,   FINISHED, 0,  NOTE_IDLE",
        "yes,       STOPPING, 5,   FAILED,   0,  NOTE_IDLE",
        "no,        STOPPING, 5,   ,         19, NOTHING",
        "no,        STOPPING, 5,   ,         20, NOTE_IDLE",
    })
    void isDecidedFromWhatIsWantedAndSeen(
            String wanted, Phase phase, int seconds, Condition seen, int missing, Step next) {
        boolean hasRun = phase != Phase.IDLE && phase != Phase.FAILED;
        SourceJob job =
                new SourceJob(
                        UUID.randomUUID(),
                        wanted.equals("yes") || wanted.equals("changed"),
                        NOW.minusSeconds(wanted.equals("just-gone") ? 9 : 10),
                        wanted.equals("unheard")
                                ? NOW.minusSeconds(59)
                                : wanted.equals("silent") ? NOW.minusSeconds(60) : null,
                        phase,
                        hasRun ? "run" : null,
                        NOW.minusSeconds(seconds),
                        1,
                        phase == Phase.IDLE ? null : NOW.plusSeconds(1),
                        wanted.equals("changed"),
                        NOW);
        LaunchOptions options =
                new LaunchOptions(
                        id -> List.of(),
                        1,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(15),
                        LINGER,
                        Duration.ofMinutes(1),
                        false,
                        null);
        assertThat(Step.of(job, seen, Duration.ofSeconds(missing), FORGETFULNESS, options))
                .isEqualTo(next);
    }
}
