package io.heliosdb.replication.control.server;

import io.heliosdb.replication.control.access.JwtOptions;
import io.heliosdb.replication.control.secret.SecretKeys;
import io.heliosdb.replication.model.config.DatabaseConfig;
import org.jspecify.annotations.Nullable;

/**
 * What the control plane runs with.
 *
 * @param storeSessions of the metadata store, at most
 * @param jwt whose tokens are accepted besides our own; null: nobody's
 * @param plainBehindProxy remote addresses may be served without TLS, because something before us
 *     does it
 */
public record ControlOptions(
        DatabaseConfig store,
        int storeSessions,
        SecretKeys secretKeys,
        ListenOptions listen,
        boolean plainBehindProxy,
        @Nullable JwtOptions jwt) {

    public static final int DEFAULT_STORE_SESSIONS = 10;

    public ControlOptions {
        if (storeSessions < 1 || storeSessions > 500) {
            throw new IllegalArgumentException(
                    "store sessions must be between 1 and 500, got " + storeSessions);
        }
        if (!listen.isLoopback() && listen.tls() == null && !plainBehindProxy) {
            throw new IllegalArgumentException(
                    "listening on "
                            + listen.host()
                            + " without TLS would send keys in the clear: give tls certificate and"
                            + " key, or say plain-behind-proxy: true if a proxy does TLS");
        }
    }
}
