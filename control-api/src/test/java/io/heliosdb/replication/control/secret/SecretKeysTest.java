package io.heliosdb.replication.control.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.control.problem.ControlException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretKeysTest {

    @TempDir Path directory;

    @Test
    void decryptsForTheOwnerOnly() {
        SecretKeys keys = SecretKeys.generate();
        byte[] secret = keys.encrypt("hunter2", "a");
        assertThat(new String(secret, StandardCharsets.ISO_8859_1)).doesNotContain("hunter2");
        assertThat(keys.decrypt(secret, "a")).isEqualTo("hunter2");
        assertThatThrownBy(() -> keys.decrypt(secret, "b")).isInstanceOf(ControlException.class);
        secret[secret.length - 1] ^= 1;
        assertThatThrownBy(() -> keys.decrypt(secret, "a"))
                .isInstanceOf(ControlException.class)
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void rotatesWithoutLosingWhatTheOldKeyEncrypted() {
        SecretKeys old = SecretKeys.generate();
        byte[] before = old.encrypt("x", "a");
        SecretKeys both = old.rotated();
        byte[] after = both.encrypt("x", "a");
        assertThat(both.size()).isEqualTo(2);
        assertThat(both.decrypt(before, "a")).isEqualTo("x");
        SecretKeys newest = both.newestOnly();
        assertThat(newest.decrypt(after, "a")).isEqualTo("x");
        assertThatThrownBy(() -> newest.decrypt(before, "a")).isInstanceOf(ControlException.class);
        assertThatThrownBy(() -> old.decrypt(after, "a")).isInstanceOf(ControlException.class);
    }

    @Test
    void writesAFileThatOnlyItsOwnerReads() throws IOException {
        Path file = directory.resolve("keys.json");
        SecretKeys keys = SecretKeys.generate();
        keys.writeNew(file);
        assertThat(Files.getPosixFilePermissions(file))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        byte[] secret = keys.encrypt("x", "a");
        assertThat(SecretKeys.read(file).decrypt(secret, "a")).isEqualTo("x");
        assertThatThrownBy(() -> keys.writeNew(file))
                .isInstanceOf(FileAlreadyExistsException.class);
        keys.rotated().replace(file);
        assertThat(SecretKeys.read(file).size()).isEqualTo(2);
        assertThat(Files.getPosixFilePermissions(file))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void neverShowsAKey() {
        assertThat(SecretKeys.generate()).hasToString("SecretKeys[1]");
        assertThatThrownBy(() -> SecretKeys.parse("{\"key\":\"abc\"}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("abc");
    }
}
