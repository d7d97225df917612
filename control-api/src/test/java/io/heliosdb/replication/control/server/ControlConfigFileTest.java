package io.heliosdb.replication.control.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.control.secret.SecretKeys;
import io.heliosdb.replication.model.ReplicationException;
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

    private ControlOptions read(String yaml) throws IOException {
        return ControlConfigFile.read(
                Files.writeString(directory.resolve("control.yaml"), yaml), name -> null);
    }
}
