package io.heliosdb.replication.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigReferenceTest {

    private static final Path README = Path.of("../../README.md");
    private static final Path JOB_README = Path.of("../../job/README.md");
    private static final String END = "<!-- config:end -->";

    /**
     * If this fails, put the table that it prints between the marks in the README, or run it with
     * {@code HELIOSDB_UPDATE_DOCS=1}.
     */
    @Test
    void theReadmeHasTheKeysOfTheCode() throws IOException {
        compare(README, ConfigReference.markdownTable());
    }

    /** As above. */
    @Test
    void theReadmeOfTheJobHasTheKeysOfItsFileWithAStore() throws IOException {
        compare(JOB_README, ConfigReference.controlTable());
    }

    private static void compare(Path file, String table) throws IOException {
        String readme = Files.readString(file);
        int begin = readme.indexOf('\n', readme.indexOf("<!-- config:begin")) + 1;
        int end = readme.indexOf(END);
        if ("1".equals(System.getenv("HELIOSDB_UPDATE_DOCS"))) {
            Files.writeString(file, readme.substring(0, begin) + table + readme.substring(end));
            return;
        }

        assertThat(readme.substring(begin, end)).isEqualTo(table);
    }

    @Test
    void everyKeyIsDocumentedOnce() {
        String table = ConfigReference.markdownTable() + ConfigReference.controlTable();

        for (ConfigKey key : ConfigKey.values()) {
            assertThat(table)
                    .containsOnlyOnce("| `" + key.path().replaceFirst("^control\\.", "") + "` |");
            assertThat(key.description()).isNotBlank();
        }
    }
}
