package io.heliosdb.replication.core.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.model.config.SourceConfig;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SynchronousCheckTest {

    private static List<Finding> check(String slot, String names, String commit) {
        SourceConfig source =
                new SourceConfig(
                        new DatabaseConfig("jdbc:postgresql://nowhere/x", "x", Secret.EMPTY),
                        slot,
                        "p",
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1));
        return SynchronousCheck.check(source, new SynchronousCheck.Settings(names, commit));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"heliosdb-s\"",
                "\"HeliosDB-s\"",
                "FIRST 1 (\"heliosdb-s\", other)",
                "first 2 (other, \"heliosdb-s\")",
                "2 (other, \"heliosdb-s\")",
                "ANY 2 (other, \"heliosdb-s\")"
            })
    void nothingToSayWhereEveryCommitWaitsForUs(String names) {
        assertThat(check("s", names, "local")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "other, \"heliosdb-s\"",
                "FIRST 1 (other, \"heliosdb-s\")",
                "ANY 1 (other, \"heliosdb-s\")"
            })
    void warnsWhereAnotherMayAnswerForUs(String names) {
        assertThat(check("s", names, "local"))
                .singleElement()
                .satisfies(it -> assertThat(it.message()).contains("lets another standby answer"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "other", "\"heliosdb-s2\"", "ANY 1 (a, b)"})
    void warnsWhereWeAreNotNamed(String names) {
        assertThat(check("s", names, "local"))
                .singleElement()
                .satisfies(it -> assertThat(it.message()).contains("does not name 'heliosdb-s'"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"on", "remote_write"})
    void warnsOfWhatItMeansForOtherSessions(String commit) {
        assertThat(check("s", "\"heliosdb-s\"", commit))
                .singleElement()
                .satisfies(it -> assertThat(it.message()).contains("sessions that do not set it"));
    }

    /** The server cuts the name of the stream off, but not those in the setting. */
    @Test
    void aLongNameIsWrittenAsTheServerHasIt() {
        String slot = "s".repeat(63);
        assertThat(check(slot, "\"heliosdb-" + "s".repeat(54) + "\"", "local")).isEmpty();
    }
}
