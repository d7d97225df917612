package io.heliosdb.replication.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** The jar that is given to somebody else's Flink. Made in the phase package. */
class JobJarITCase {

    /** Connectors are not. */
    private static boolean isOfFlink(String name) {
        return name.startsWith("org/apache/flink/")
                && !name.equals("org/apache/flink/")
                && !name.equals("org/apache/flink/connector/")
                && !name.startsWith("org/apache/flink/cdc/")
                && !name.startsWith("org/apache/flink/connector/jdbc/");
    }

    @Test
    void holdsAllOfTheJobAndNothingOfFlink() throws IOException {
        try (JarFile jar = new JarFile(Path.of("target/heliosdb-replication-job.jar").toFile())) {
            List<String> names = jar.stream().map(ZipEntry::getName).toList();

            assertThat(names)
                    .contains(
                            JobMain.class.getName().replace('.', '/') + ".class",
                            "org/postgresql/Driver.class",
                            "com/github/luben/zstd/Zstd.class",
                            "com/fasterxml/jackson/dataformat/yaml/YAMLFactory.class")
                    .contains(
                            "org/apache/flink/cdc/connectors/postgres/source/PostgresSourceBuilder.class",
                            "org/apache/flink/connector/jdbc/JdbcConnectionOptions.class",
                            "com/google/crypto/tink/Aead.class")
                    .noneMatch(JobJarITCase::isOfFlink)
                    .noneMatch(name -> name.startsWith("org/slf4j/"))
                    .noneMatch(name -> name.startsWith("org/apache/logging/"))
                    .noneMatch(name -> name.startsWith("io/heliosdb/replication/testkit/"));
            assertThat(jar.getManifest().getMainAttributes().getValue("Main-Class"))
                    .isEqualTo(JobMain.class.getName());
            assertThat(
                            new String(
                                    jar.getInputStream(
                                                    jar.getEntry(
                                                            "META-INF/services/java.sql.Driver"))
                                            .readAllBytes(),
                                    StandardCharsets.UTF_8))
                    .contains("org.postgresql.Driver");
        }
    }
}
