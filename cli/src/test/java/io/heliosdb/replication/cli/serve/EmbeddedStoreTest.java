package io.heliosdb.replication.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.cli.Refusal;
import io.heliosdb.replication.control.store.postgres.MetadataStore;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedStoreTest {

    @TempDir Path directory;

    private EmbeddedStore open() {
        return EmbeddedStore.open(directory.resolve("postgres"), directory.resolve("password"));
    }

    @Test
    void letsNobodyInWithoutThePasswordThatOnlyItsOwnerCanRead() throws Exception {
        try (EmbeddedStore store = open()) {
            DatabaseConfig database = store.database();
            assertThat(database.password().value()).hasSize(32);
            for (String wrong : new String[] {"", "postgres"}) {
                assertThatThrownBy(
                                () ->
                                        MetadataStore.open(
                                                        new DatabaseConfig(
                                                                database.url(),
                                                                database.user(),
                                                                new Secret(wrong)),
                                                        3)
                                                .close())
                        .hasMessageContaining("password");
            }
            MetadataStore.open(database, 3).close();
        }
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(directory.resolve("password"))))
                .isEqualTo("rw-------");
        try (EmbeddedStore again = open()) {
            MetadataStore.open(again.database(), 3).close();
        }
    }

    @Test
    void aStoreOfBeforeThatTrustedEverybodyGetsOne() {
        PostgresServer.start(Map.of(), 0, directory.resolve("postgres")).close();
        try (EmbeddedStore store = open()) {
            assertThatThrownBy(
                            () ->
                                    MetadataStore.open(
                                                    new DatabaseConfig(
                                                            store.database().url(),
                                                            store.database().user(),
                                                            Secret.EMPTY),
                                                    3)
                                            .close())
                    .hasMessageContaining("password");
            MetadataStore.open(store.database(), 3).close();
        }
    }

    @Test
    void oneProcessAtATimeInADirectory() {
        HomeLock lock = HomeLock.take(directory);
        try (lock) {
            assertThatThrownBy(() -> HomeLock.take(directory)).isInstanceOf(Refusal.class);
        }
        HomeLock.take(directory).close();
    }
}
