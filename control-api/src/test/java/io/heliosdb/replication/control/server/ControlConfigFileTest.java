package io.heliosdb.replication.control.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.control.secret.SecretKeys;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.EncryptionConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControlConfigFileTest {

    @TempDir Path directory;

    @BeforeEach
    void files() throws IOException {
        SecretKeys.generate().writeNew(directory.resolve("keys.json"));
        Files.writeString(directory.resolve("password"), "hunter2\n");
        Files.writeString(directory.resolve("hs256"), "0123456789abcdef0123456789abcdef\n");
    }

    @Test
    void hasSafeDefaults() throws IOException {
        ControlOptions options =
                read(
                        """
                        store: {url: "jdbc:postgresql://db/control", user: control}
                        secret-keys-file: keys.json
                        """);
        assertThat(options.listen()).isEqualTo(new ListenOptions("127.0.0.1", 8080, null));
        assertThat(options.storeSessions()).isEqualTo(10);
        assertThat(options.jwt()).isNull();
        assertThat(options.store().password().value()).isEmpty();
    }

    @Test
    void takesEveryKey() throws IOException {
        ControlOptions options =
                read(
                        """
                        store: {url: "jdbc:postgresql://db/control", user: control, password-file: password, sessions: 20}
                        secret-keys-file: keys.json
                        listen: {host: 0.0.0.0, port: 9443, tls-certificate: c.pem, tls-key: k.pem, tls-client-authority: a.pem}
                        jwt: {issuer: idp, audience: api, clock-skew-seconds: 5, hs256-secret-file: hs256, jwks-file: j, jwks-url: "https://idp/j"}
                        """);
        assertThat(options.store().password().value()).isEqualTo("hunter2");
        assertThat(options.storeSessions()).isEqualTo(20);
        assertThat(options.listen().tls())
                .isEqualTo(
                        new ListenOptions.TlsOptions(
                                directory.resolve("c.pem"),
                                directory.resolve("k.pem"),
                                directory.resolve("a.pem")));
        assertThat(options.jwt()).isNotNull();
        assertThat(options.jwt().clockSkew()).isEqualTo(Duration.ofSeconds(5));
        assertThat(options.jwt().jwksFile()).isEqualTo(directory.resolve("j"));
        assertThat(options.toString()).doesNotContain("hunter2").doesNotContain("0123456789abcdef");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "stor: {}                                            | stor",
                "secret-keys-file: keys.json                         | store is required",
                "store: {url: 'jdbc:postgresql://db/c'}              | store.user",
                "store: {url: 'jdbc:postgresql://db/c', user: u}     | secret-keys",
                "listen: {host: 0.0.0.0}                             | TLS",
                "listen: {tls-key: k}                                | belong together",
                "listen: {port: 70000}                               | port",
                "jwt: {issuer: i}                                    | jwt.audience",
                "jwt: {issuer: i, audience: a}                       | hs256-secret-file",
                "jwt: {issuer: i, audience: a, hs256-secret-file: password} | 32 bytes",
                "'a: [b'                                             | YAML"
            })
    void namesWhatIsWrong(String yaml, String problem) {
        String whole =
                yaml.startsWith("listen") || yaml.startsWith("jwt")
                        ? "store: {url: 'jdbc:postgresql://db/c', user: u}\nsecret-keys-file: keys.json\n"
                                + yaml
                        : yaml;
        assertThatThrownBy(() -> read(whole))
                .isInstanceOf(ReplicationException.class)
                .hasMessageContaining(problem)
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void tellsTheClusterAndWhereItFindsSecretsButNoSecret() throws IOException {
        Path file =
                Files.writeString(
                        directory.resolve("control.yaml"),
                        """
                        store: {url: "jdbc:postgresql://db/control", user: control, password-file: password}
                        secret-keys-file: keys.json
                        flink: {rest-url: "http://flink:8081", checkpoint-directory: "s3://b/jobs", parallelism: 4,
                                store-url: "jdbc:postgresql://inside/control", secret-keys-file: /run/secrets/keys}
                        """);
        FlinkOptions flink = ControlConfigFile.readFlink(file).orElseThrow();
        assertThat(flink.restUrl()).hasHost("flink").hasPort(8081);
        assertThat(flink.parallelism()).isEqualTo(4);
        assertThat(flink.storeUrl()).isEqualTo("jdbc:postgresql://inside/control");
        assertThat(flink.storePassword())
                .isEqualTo("${file:" + directory.resolve("password") + "}");
        assertThat(flink.secretKeys()).isEqualTo("${file:/run/secrets/keys}");
        assertThat(flink.encryption()).isNull();
        assertThat(ControlConfigFile.isOne(file)).isTrue();
    }

    @Test
    void tellsTheClusterWhereKeysAreThatWhatWaitsIsEncryptedWith() throws IOException {
        Path file =
                Files.writeString(
                        directory.resolve("control.yaml"),
                        """
                        store: {url: "jdbc:postgresql://db/control", user: control}
                        flink: {rest-url: "http://flink:8081", checkpoint-directory: "s3://b/jobs",
                                encryption: {master-keys: /keys/master.json, data-keys: /keys/tenants}}
                        """);
        assertThat(ControlConfigFile.readFlink(file).orElseThrow().encryption())
                .isEqualTo(new EncryptionConfig("/keys/master.json", "/keys/tenants"));
        Path job =
                Files.writeString(directory.resolve("job.yaml"), "source: {slot: s}\nstore: 1\n");
        assertThat(ControlConfigFile.isOne(job)).isFalse();
    }

    @Test
    void onKubernetesSecretsAreWhereTheyAreMounted() throws IOException {
        Path file =
                Files.writeString(
                        directory.resolve("control.yaml"),
                        """
                        store: {url: "jdbc:postgresql://db/control", user: control}
                        flink:
                          checkpoint-directory: "s3://b/jobs"
                          kubernetes: {namespace: flink, image: "r/job:1", service-account: flink, secret: heliosdb}
                        """);
        FlinkOptions flink = ControlConfigFile.readFlink(file).orElseThrow();
        assertThat(flink.operator()).isNotNull();
        assertThat(flink.storePassword()).isEqualTo("${file:/opt/heliosdb/secrets/store-password}");
        assertThat(flink.encryption()).isNull();
        Files.writeString(
                file,
                Files.readString(file)
                        .replace(
                                "secret: heliosdb", "secret: heliosdb, keys-claim: heliosdb-keys"));
        assertThat(ControlConfigFile.readFlink(file).orElseThrow().encryption())
                .isEqualTo(
                        new EncryptionConfig(
                                "/opt/heliosdb/secrets/master-keys.json", "/opt/heliosdb/keys"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{rest-url: 'http://f:1'}                                      | checkpoint-directory",
                "{rest-url: 'f', checkpoint-directory: /x}                     | flink.rest-url",
                "{checkpoint-directory: /x}                                    | either rest-url or kubernetes",
                "{rest-url: 'http://f:1', checkpoint-directory: x}             | absolute path",
                "{rest-url: 'http://f:1', checkpoint-directory: /x, parallelism: 0} | parallelism",
                "{checkpoint-directory: 's3://b', kubernetes: {namespace: N}}   | flink.kubernetes.image",
                "{rest-url: 'http://f:1', checkpoint-directory: /x, encryption: {master-keys: /m}} | flink.encryption.data-keys",
                "{rest-url: 'http://f:1', checkpoint-directory: /x, encryption: {master-keys: m, data-keys: /d}} | absolute paths",
                "{checkpoint-directory: 's3://b', encryption: {master-keys: /m, data-keys: /d}, kubernetes: {namespace: n, image: i, service-account: s, secret: x}} | keys-claim",
                "{jobs: 1}                                                     | jobs"
            })
    void namesWhatIsWrongWithTheCluster(String flink, String problem) throws IOException {
        Path file =
                Files.writeString(
                        directory.resolve("control.yaml"),
                        "store: {url: 'jdbc:postgresql://db/c', user: u}\nflink: " + flink);
        assertThatThrownBy(() -> ControlConfigFile.readFlink(file))
                .isInstanceOf(ReplicationException.class)
                .hasMessageContaining(problem);
    }

    private ControlOptions read(String yaml) throws IOException {
        return ControlConfigFile.read(
                Files.writeString(directory.resolve("control.yaml"), yaml), name -> null);
    }
}
