package io.heliosdb.replication.control.access;

import io.heliosdb.replication.model.config.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Whose tokens are accepted. At least one of the three key sources is there.
 *
 * @param hs256Secret for HS256, at least 32 bytes
 * @param jwksFile for RS256 and ES256
 * @param jwksUrl for RS256 and ES256; cached, fetched again when a key is not in it
 */
public record JwtOptions(
        String issuer,
        String audience,
        Duration clockSkew,
        @Nullable Secret hs256Secret,
        @Nullable Path jwksFile,
        @Nullable URI jwksUrl) {

    public JwtOptions {
        if (issuer.isBlank() || audience.isBlank()) {
            throw new IllegalArgumentException("jwt needs issuer and audience");
        }
        if (issuer.equals(TokenIssuer.ISSUER)) {
            throw new IllegalArgumentException(
                    "issuer '" + issuer + "' is that of our own tokens; choose another");
        }
        if (hs256Secret == null && jwksFile == null && jwksUrl == null) {
            throw new IllegalArgumentException(
                    "jwt needs hs256-secret-file, jwks-file or jwks-url");
        }
        if (hs256Secret != null
                && hs256Secret.value().getBytes(java.nio.charset.StandardCharsets.UTF_8).length
                        < 32) {
            throw new IllegalArgumentException("the HS256 secret must have at least 32 bytes");
        }
        if (clockSkew.isNegative() || clockSkew.compareTo(Duration.ofMinutes(5)) > 0) {
            throw new IllegalArgumentException(
                    "clock-skew must be between 0 and 5 minutes, got " + clockSkew);
        }
    }
}
