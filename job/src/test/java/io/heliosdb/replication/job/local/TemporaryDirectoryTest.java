package io.heliosdb.replication.job.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TemporaryDirectoryTest {

    @Test
    void removesWhatADeadProcessLeftAndNothingElse() throws Exception {
        String prefix = "heliosdb-test-" + ProcessHandle.current().pid() + "-";
        Path unlocked = Files.createTempDirectory(prefix);
        Path abandoned = Files.createTempDirectory(prefix);
        Files.createFile(abandoned.resolve(".lock"));
        Files.createDirectories(abandoned.resolve("db/deep"));

        TemporaryDirectory held = TemporaryDirectory.create(prefix);
        TemporaryDirectory other = TemporaryDirectory.create(prefix);
        try {
            assertThat(abandoned).doesNotExist();
            assertThat(unlocked).exists();
            assertThat(held.path()).exists();
            assertThat(other.path()).exists();
        } finally {
            held.close();
            other.close();
            Files.deleteIfExists(unlocked);
        }
        assertThat(held.path()).doesNotExist();
        assertThat(other.path()).doesNotExist();
    }
}
