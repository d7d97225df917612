package io.heliosdb.replication.control.launch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StackTracesTest {

    @Test
    void tellsTheInnermostCause() {
        assertThat(
                        StackTraces.reason(
                                """
                                org.apache.flink.runtime.JobException: Recovery is suppressed
                                \tat org.apache.flink.A.b(A.java:1)
                                Caused by: java.net.ConnectException: refused
                                \t... 3 more
                                """))
                .isEqualTo("java.net.ConnectException: refused");
        assertThat(StackTraces.reason("only this")).isEqualTo("only this");
        assertThat(StackTraces.reason("")).isEmpty();
    }

    @Test
    void prefersOursToWhatIsBelow() {
        assertThat(
                        StackTraces.reason(
                                """
                                java.lang.IllegalArgumentException: c.yaml does not exist
                                Caused by: io.heliosdb.replication.model.ReplicationException: CONFIG_INVALID: c.yaml does not exist
                                \tat io.heliosdb.X.y(X.java:1)
                                Caused by: java.nio.file.NoSuchFileException: c.yaml
                                """))
                .isEqualTo("CONFIG_INVALID: c.yaml does not exist");
    }
}
