package io.heliosdb.replication.control.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.ImmutableSecret;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.JWTParser;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.heliosdb.replication.control.json.EnumNames;
import io.heliosdb.replication.control.problem.ControlError;
import io.heliosdb.replication.control.problem.ControlException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies tokens of one issuer: signature, issuer, audience, times. A secret is only ever used for
 * HS256, public keys only for RS256 and ES256, so that neither can stand in for the other.
 */
public final class TokenVerifier {

    private static final Logger LOG = LoggerFactory.getLogger(TokenVerifier.class);
    private static final Set<JWSAlgorithm> PUBLIC_KEY =
            Set.of(JWSAlgorithm.RS256, JWSAlgorithm.ES256);
    private static final int LONGEST = 8192;

    private final String issuer;
    private final List<DefaultJWTProcessor<SecurityContext>> processors = new ArrayList<>();

    private TokenVerifier(String issuer) {
        this.issuer = issuer;
    }

    public static TokenVerifier of(JwtOptions options) {
        TokenVerifier verifier = new TokenVerifier(options.issuer());
        int skew = (int) options.clockSkew().toSeconds();
        if (options.hs256Secret() != null) {
            verifier.add(
                    Set.of(JWSAlgorithm.HS256),
                    new ImmutableSecret<>(
                            options.hs256Secret().value().getBytes(StandardCharsets.UTF_8)),
                    options.audience(),
                    skew);
        }
        try {
            if (options.jwksFile() != null) {
                verifier.add(
                        PUBLIC_KEY,
                        new ImmutableJWKSet<>(JWKSet.load(options.jwksFile().toFile())),
                        options.audience(),
                        skew);
            }
            if (options.jwksUrl() != null) {
                verifier.add(
                        PUBLIC_KEY,
                        JWKSourceBuilder.create(options.jwksUrl().toURL()).retrying(true).build(),
                        options.audience(),
                        skew);
            }
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException("jwks-url is not a URL: " + options.jwksUrl(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("jwks-file not readable: " + options.jwksFile(), e);
        } catch (ParseException e) {
            throw new IllegalArgumentException(
                    "jwks-file is not a JWK set: " + options.jwksFile(), e);
        }
        return verifier;
    }

    /** For tokens signed with ES256 by one of these keys. */
    static TokenVerifier of(String issuer, String audience, JWKSet keys) {
        TokenVerifier verifier = new TokenVerifier(issuer);
        verifier.add(Set.of(JWSAlgorithm.ES256), new ImmutableJWKSet<>(keys), audience, 0);
        return verifier;
    }

    private void add(
            Set<JWSAlgorithm> algorithms,
            JWKSource<SecurityContext> keys,
            String audience,
            int skewSeconds) {
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(algorithms, keys));
        DefaultJWTClaimsVerifier<SecurityContext> claims =
                new DefaultJWTClaimsVerifier<>(
                        audience,
                        new JWTClaimsSet.Builder().issuer(issuer).build(),
                        Set.of("sub", "exp"));
        claims.setMaxClockSkew(skewSeconds);
        processor.setJWTClaimsSetVerifier(claims);
        processors.add(processor);
    }

    public String issuer() {
        return issuer;
    }

    /** The issuer that a token names, not verified: only to choose who verifies it. */
    static Optional<String> claimedIssuer(String token) {
        if (token.length() > LONGEST) {
            return Optional.empty();
        }
        try {
            return JWTParser.parse(token) instanceof SignedJWT signed
                    ? Optional.ofNullable(signed.getJWTClaimsSet().getIssuer())
                    : Optional.empty();
        } catch (ParseException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** The claims of a valid token; UNAUTHORIZED otherwise, which never says more than that. */
    JWTClaimsSet verify(String token) {
        for (DefaultJWTProcessor<SecurityContext> processor : processors) {
            try {
                return processor.process(token, null);
            } catch (BadJOSEException | JOSEException | ParseException | RuntimeException e) {
                LOG.debug("token refused cause={}", e.getMessage());
            }
        }
        throw new ControlException(ControlError.UNAUTHORIZED, "the token is not valid");
    }

    /** Who the claims speak for. */
    static Principal principal(JWTClaimsSet claims) {
        try {
            List<Role> roles = new ArrayList<>();
            for (String name : strings(claims, "roles")) {
                EnumNames.find(Role.class, name).ifPresent(roles::add);
            }
            return Principal.of(
                    claims.getSubject(),
                    Principal.Kind.TOKEN,
                    roles,
                    claims.getStringClaim("tenant_id"),
                    permissions(claims),
                    Optional.ofNullable(claims.getStringClaim("rate_tier"))
                            .flatMap(name -> EnumNames.find(RateTier.class, name))
                            .orElse(RateTier.STANDARD));
        } catch (ParseException e) {
            throw new ControlException(
                    ControlError.UNAUTHORIZED,
                    "a claim of the token is not of its type",
                    Map.of(),
                    e);
        }
    }

    private static @Nullable List<Permission> permissions(JWTClaimsSet claims)
            throws ParseException {
        return claims.getClaim("permissions") == null
                ? null
                : strings(claims, "permissions").stream()
                        .map(Permission::parse)
                        .flatMap(Optional::stream)
                        .toList();
    }

    private static List<String> strings(JWTClaimsSet claims, String name) throws ParseException {
        List<String> values = claims.getStringListClaim(name);
        return values == null ? List.of() : values;
    }
}
