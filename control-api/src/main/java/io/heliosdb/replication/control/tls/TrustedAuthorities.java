package io.heliosdb.replication.control.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Certificates of authorities, from a file in PEM: those in it are trusted, and no others. */
public final class TrustedAuthorities {

    private TrustedAuthorities() {}

    /**
     * For a client.
     *
     * @throws IllegalArgumentException if the file cannot be read or holds no certificates
     */
    public static SSLContext context(Path file) {
        try {
            TrustManagerFactory trust =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store(file));
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(file + " cannot be used: " + e.getMessage(), e);
        }
    }

    /**
     * As a trust store.
     *
     * @throws IllegalArgumentException if the file cannot be read or holds no certificates
     */
    public static KeyStore store(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("authority-" + number++, certificate);
            }
            if (number == 0) {
                throw new IllegalArgumentException(file + " holds no certificate in PEM");
            }
            return store;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    file + " holds no certificates: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e, e);
        }
    }
}
