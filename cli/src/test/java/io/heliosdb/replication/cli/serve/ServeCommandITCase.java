package io.heliosdb.replication.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code serve --embedded} as its users run it: a process of its own. */
class ServeCommandITCase {

    private static final String[] EMBEDDED = {"--embedded", "--port", "0"};

    @TempDir Path home;
    private ServeProcess serve;

    @AfterEach
    void stop() throws InterruptedException {
        if (serve != null) {
            serve.close();
        }
    }

    @Test
    void isOneProcessAtATime() throws Exception {
        serve = new ServeProcess(home);
        serve.start(EMBEDDED);
        ServeProcess second = new ServeProcess(home);
        try {
            second.start(EMBEDDED);
        } catch (AssertionError refused) {
            assertThat(refused).hasMessageContaining("another 'serve --embedded' runs");
        }
        assertThat(second.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(second.process().exitValue()).isEqualTo(2);
        assertThat(serve.api().get("/v1/connections").get("data")).isEmpty();
    }
}
