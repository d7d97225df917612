package io.heliosdb.replication.control.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.control.SharedPostgres;
import io.heliosdb.replication.control.secret.SecretKeys;
import io.heliosdb.replication.control.server.ControlOptions;
import io.heliosdb.replication.control.server.ControlServer;
import io.heliosdb.replication.control.server.ListenOptions;
import io.heliosdb.replication.control.server.ListenOptions.TlsOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {

    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir static Path directory;

    @BeforeAll
    static void certificates() throws Exception {
        make("server");
        make("client");
        make("stranger");
    }

    @Test
    void speaksTls13Only() throws Exception {
        try (ControlServer server = start(null)) {
            assertThat(get(server, null, "TLSv1.3")).isEqualTo(200);
            assertThatThrownBy(() -> get(server, null, "TLSv1.2")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void asksForCertificatesOfTheAuthority() throws Exception {
        try (ControlServer server = start(directory.resolve("client.crt"))) {
            assertThat(get(server, "client", "TLSv1.3")).isEqualTo(200);
            assertThatThrownBy(() -> get(server, null, "TLSv1.3")).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> get(server, "stranger", "TLSv1.3"))
                    .isInstanceOf(IOException.class);
        }
    }

    private static ControlServer start(@Nullable Path authority) {
        return ControlServer.start(
                new ControlOptions(
                        SharedPostgres.newDatabase("tls"),
                        5,
                        SecretKeys.generate(),
                        new ListenOptions(
                                "127.0.0.1",
                                0,
                                new TlsOptions(
                                        directory.resolve("server.crt"),
                                        directory.resolve("server.key"),
                                        authority)),
                        false,
                        null),
                InstantSource.system());
    }

    private static int get(ControlServer server, @Nullable String client, String protocol)
            throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        KeyManagerFactory keys = null;
        if (client != null) {
            keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store(client), PASSWORD);
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", store("server").getCertificate("server"));
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        context.init(keys == null ? null : keys.getKeyManagers(), trust.getTrustManagers(), null);
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {protocol});
        return HttpClient.newBuilder()
                .sslContext(context)
                .sslParameters(parameters)
                .build()
                .send(
                        HttpRequest.newBuilder(
                                        URI.create(
                                                "https://localhost:" + server.port() + "/health"))
                                .timeout(Duration.ofSeconds(20))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }

    private static KeyStore store(String name) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(directory.resolve(name + ".p12"))) {
            store.load(in, PASSWORD);
        }
        return store;
    }

    /** A self-signed certificate with its key: by the JDK's own tool, then as PEM. */
    private static void make(String name) throws Exception {
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                name,
                                "-keyalg",
                                "EC",
                                "-groupname",
                                "secp256r1",
                                "-dname",
                                "CN=" + name,
                                "-ext",
                                "SAN=dns:localhost,ip:127.0.0.1",
                                "-validity",
                                "30",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                directory.resolve(name + ".p12").toString(),
                                "-storepass",
                                new String(PASSWORD))
                        .redirectErrorStream(true)
                        .start();
        String output = new String(keytool.getInputStream().readAllBytes());
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(keytool.exitValue()).as(output).isZero();
        Certificate certificate = store(name).getCertificate(name);
        Key key = store(name).getKey(name, PASSWORD);
        Files.writeString(
                directory.resolve(name + ".crt"), pem("CERTIFICATE", certificate.getEncoded()));
        Files.writeString(directory.resolve(name + ".key"), pem("PRIVATE KEY", key.getEncoded()));
    }

    private static String pem(String what, byte[] content) {
        return "-----BEGIN "
                + what
                + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content)
                + "\n-----END "
                + what
                + "-----\n";
    }
}
