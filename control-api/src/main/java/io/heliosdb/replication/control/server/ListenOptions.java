package io.heliosdb.replication.control.server;

import io.heliosdb.replication.control.access.Authenticator;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the interface listens.
 *
 * @param port 0: any free one
 * @param tls null: plain HTTP
 */
public record ListenOptions(String host, int port, @Nullable TlsOptions tls) {

    public static final String LOOPBACK = "127.0.0.1";
    public static final int DEFAULT_PORT = 8080;

    /**
     * TLS 1.3 with a certificate of one's own, in PEM.
     *
     * @param certificate the chain, the server's own first
     * @param key PKCS #8, not encrypted
     * @param clientAuthority whose certificates clients must have; null: they need none
     */
    public record TlsOptions(Path certificate, Path key, @Nullable Path clientAuthority) {}

    public ListenOptions {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port must be between 0 and 65535, got " + port);
        }
    }

    /** Whether only this machine can connect. */
    public boolean isLoopback() {
        return host.equals("localhost") || Authenticator.isLoopback(host);
    }
}
