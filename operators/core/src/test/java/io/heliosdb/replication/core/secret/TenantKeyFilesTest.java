package io.heliosdb.replication.core.secret;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.config.EncryptionConfig;
import io.heliosdb.replication.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TenantKeyFilesTest {

    private static final TenantId ACME = new TenantId("acme / ümläut");
    private static final TenantId OTHER = new TenantId("other");
    private static final byte[] PLACE = "here".getBytes(UTF_8);
    private static final byte[] TEXT = "what nobody else may read".getBytes(UTF_8);

    @TempDir Path directory;

    private EncryptionConfig config;
    private TenantKeyAdmin admin;

    @BeforeEach
    void makeMasterKeys() throws IOException {
        Path master = directory.resolve("master.json");
        AeadKeys.generate().writeNew(master);
        config = new EncryptionConfig(master.toString(), directory.resolve("keys").toString());
        admin = new TenantKeyAdmin(config);
    }

    private byte[] encrypt(TenantId tenant) {
        try (TenantKeyFiles keys = TenantKeyFiles.open(config)) {
            return keys.of(tenant).encrypt(TEXT, PLACE);
        }
    }

    private byte[] decrypt(TenantId tenant, byte[] encrypted) {
        try (TenantKeyFiles keys = TenantKeyFiles.open(config)) {
            return keys.of(tenant).decrypt(encrypted, PLACE);
        }
    }

    @Test
    void makesAKeyForEachTenantAndKeepsIt() {
        byte[] encrypted = encrypt(ACME);

        assertThat(decrypt(ACME, encrypted)).isEqualTo(TEXT);
        assertThatThrownBy(() -> decrypt(OTHER, encrypted)).hasMessageContaining("damaged");
        assertThat(admin.list())
                .containsExactlyInAnyOrder(
                        new TenantKeyAdmin.Entry(ACME, 1), new TenantKeyAdmin.Entry(OTHER, 1));
    }

    @Test
    void whoIsFirstMakesTheKey() {
        try (TenantKeyFiles one = TenantKeyFiles.open(config);
                TenantKeyFiles two = TenantKeyFiles.open(config)) {
            List<TenantCipher> ciphers =
                    Stream.of(one, two).parallel().map(keys -> keys.of(ACME)).toList();
            byte[] encrypted = ciphers.get(0).encrypt(TEXT, PLACE);
            assertThat(ciphers.get(1).decrypt(encrypted, PLACE)).isEqualTo(TEXT);
        }
    }

    @Test
    void keepsDataKeysEncryptedAndForTheOwnerOfTheFiles() throws IOException {
        encrypt(ACME);
        try (Stream<Path> files = Files.list(Path.of(config.dataKeys()))) {
            for (Path file : files.toList()) {
                assertThat(Files.getPosixFilePermissions(file))
                        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            }
        }
        AeadKeys.generate().replace(Path.of(config.masterKeys()));
        assertThatThrownBy(() -> encrypt(ACME))
                .isInstanceOfSatisfying(
                        ReplicationException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.KEYS_UNREADABLE))
                .hasMessageContaining("the master keys are not those");
    }

    @Test
    void aKeyFileOfAnotherTenantIsNotTaken() throws IOException {
        encrypt(ACME);
        encrypt(OTHER);
        Path keys = Path.of(config.dataKeys());
        String wrapped = Files.readString(TenantKeyFile.path(keys, OTHER));
        Files.writeString(TenantKeyFile.path(keys, ACME), wrapped.replace("other", ACME.value()));

        assertThatThrownBy(() -> encrypt(ACME)).hasMessageContaining("cannot be decrypted");
    }

    @Test
    void rotatesADataKeyUnderARunningJob() {
        try (TenantKeyFiles keys = TenantKeyFiles.open(config)) {
            TenantCipher cipher = keys.of(ACME);
            byte[] before = cipher.encrypt(TEXT, PLACE);

            admin.rotate(ACME);

            byte[] after =
                    Await.until(
                            "the new key",
                            () -> {
                                cipher.settle();
                                return cipher.encrypt(TEXT, PLACE);
                            },
                            it -> keyId(it) != keyId(before));
            assertThat(cipher.decrypt(before, PLACE)).isEqualTo(TEXT);
            assertThat(decrypt(ACME, after)).isEqualTo(TEXT);
            assertThat(admin.list()).containsExactly(new TenantKeyAdmin.Entry(ACME, 2));
        }
    }

    private static int keyId(byte[] encrypted) {
        return java.nio.ByteBuffer.wrap(encrypted).getInt(1);
    }

    @Test
    void rotatesTheMasterKeyUnderARunningJob() {
        Path master = Path.of(config.masterKeys());
        byte[] encrypted = encrypt(ACME);
        AeadKeys old = AeadKeys.read(master);
        try (TenantKeyFiles keys = TenantKeyFiles.open(config)) {
            AeadKeys.read(master).rotated().replace(master);
            assertThat(admin.rewrap()).isEqualTo(1);

            assertThat(AeadKeys.read(master).size()).isEqualTo(1);
            assertThat(decrypt(ACME, encrypted)).isEqualTo(TEXT);
            TenantKeyFile file =
                    TenantKeyFile.read(TenantKeyFile.path(Path.of(config.dataKeys()), ACME));
            assertThatThrownBy(() -> file.keys(old)).hasMessageContaining("cannot be decrypted");
            // One that began before decrypts what is encrypted with the newest, once it has looked.
            assertThat(Await.until("the new master key", () -> readable(keys, encrypted), it -> it))
                    .isTrue();
            assertThat(admin.rewrap()).isEqualTo(1);
        }
    }

    private static boolean readable(TenantKeyFiles keys, byte[] encrypted) {
        try {
            return keys.of(ACME).decrypt(encrypted, PLACE).length > 0;
        } catch (ReplicationException e) {
            return false;
        }
    }

    @Test
    void whatADestroyedKeyEncryptedIsGoneForEver() throws IOException {
        byte[] encrypted = encrypt(ACME);
        byte[] others = encrypt(OTHER);
        try (TenantKeyFiles keys = TenantKeyFiles.open(config)) {
            TenantCipher running = keys.of(ACME);
            Instant now = Instant.parse("2026-11-21T20:00:00Z");

            DestructionReceipt receipt = admin.destroy(ACME, "dba", "contract ended", now);

            assertThat(receipt.tenant()).isEqualTo(ACME.value());
            assertThat(receipt.keyIds()).containsExactly(keyId(encrypted));
            assertThat(receipt.destroyedAt()).isEqualTo("2026-11-21T20:00:00Z");
            assertThat(receipt.fingerprint()).matches("[0-9a-f]{64}");
            assertThat(Files.readAllLines(Path.of(config.dataKeys(), "receipts.jsonl")))
                    .containsExactly(TenantKeyAdmin.text(receipt));
            assertThat(admin.destroy(ACME, "dba", "again", now)).isEqualTo(receipt);
            // Until it settles, who is in the middle of something finishes it.
            assertThat(running.decrypt(encrypted, PLACE)).isEqualTo(TEXT);
            Await.until("the destruction to be seen", running::settle, there -> !there);
            assertThatThrownBy(() -> running.decrypt(encrypted, PLACE))
                    .hasMessageContaining("destroyed");
        }
        assertThatThrownBy(() -> decrypt(ACME, encrypted)).hasMessageContaining("destroyed");
        assertThat(decrypt(OTHER, others)).isEqualTo(TEXT);
        assertThatThrownBy(() -> admin.rotate(ACME)).hasMessageContaining("were destroyed");
        assertThat(admin.rewrap()).isEqualTo(1);

        admin.renew(ACME);

        assertThatThrownBy(() -> decrypt(ACME, encrypted)).hasMessageContaining("damaged");
        assertThat(decrypt(ACME, encrypt(ACME))).isEqualTo(TEXT);
        assertThatThrownBy(() -> admin.renew(OTHER)).hasMessageContaining("not destroyed");
    }

    @Test
    void wantsMasterKeys() throws IOException {
        Files.writeString(Path.of(config.masterKeys()), "{}");
        assertThatThrownBy(() -> encrypt(ACME))
                .isInstanceOfSatisfying(
                        ReplicationException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID))
                .hasMessageContaining("secret-keys new");
    }
}
