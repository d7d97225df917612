package io.heliosdb.replication.control.http;

import io.heliosdb.replication.control.server.ListenOptions.TlsOptions;
import io.heliosdb.replication.control.tls.TrustedAuthorities;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Makes Jetty's TLS from files in PEM. */
final class Certificates {

    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";

    private Certificates() {}

    static SslContextFactory.Server server(TlsOptions options) {
        SslContextFactory.Server factory = new SslContextFactory.Server();
        factory.setIncludeProtocols("TLSv1.3");
        factory.setIncludeCipherSuites("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");
        String password = UUID.randomUUID().toString();
        try {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(null, null);
            keys.setKeyEntry(
                    "server",
                    key(options.key()),
                    password.toCharArray(),
                    certificates(options.certificate()).toArray(new Certificate[0]));
            factory.setKeyStore(keys);
            factory.setKeyStorePassword(password);
            if (options.clientAuthority() != null) {
                factory.setTrustStore(TrustedAuthorities.store(options.clientAuthority()));
                factory.setNeedClientAuth(true);
            }
            return factory;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "TLS files not usable: " + options + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("TLS files not readable: " + options, e);
        }
    }

    private static Collection<? extends Certificate> certificates(Path file)
            throws IOException, GeneralSecurityException {
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)));
    }

    private static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
        String text = Files.readString(file);
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new GeneralSecurityException("no '" + BEGIN + "' in " + file);
        }
        PKCS8EncodedKeySpec spec =
                new PKCS8EncodedKeySpec(
                        Base64.getMimeDecoder()
                                .decode(text.substring(begin + BEGIN.length(), end)));
        for (String algorithm : List.of("EC", "RSA", "Ed25519")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException e) {
                // The next one.
            }
        }
        throw new GeneralSecurityException("neither EC, RSA nor Ed25519: " + file);
    }
}
