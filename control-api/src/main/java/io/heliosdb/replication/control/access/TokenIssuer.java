package io.heliosdb.replication.control.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.heliosdb.replication.control.access.postgres.OAuthRepository;
import io.heliosdb.replication.control.problem.ControlError;
import io.heliosdb.replication.control.problem.ControlException;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.UUID;

/**
 * Tokens for OAuth clients, signed with ES256 by a key that all instances share. A token names its
 * client only: what the client may do is looked up with each request, so that revoking works at
 * once.
 */
public final class TokenIssuer {

    static final String ISSUER = "heliosdb-control";
    static final String AUDIENCE = "heliosdb-api";
    static final Duration LIFETIME = Duration.ofMinutes(15);

    private final OAuthRepository clients;
    private final InstantSource clock;
    private final ECKey signingKey;
    private final TokenVerifier verifier;

    private TokenIssuer(OAuthRepository clients, InstantSource clock, List<JWK> keys) {
        this.clients = clients;
        this.clock = clock;
        this.signingKey = keys.get(0).toECKey();
        this.verifier = TokenVerifier.of(ISSUER, AUDIENCE, new JWKSet(keys).toPublicJWKSet());
    }

    /** Reads the signing keys, or makes the first one. */
    public static TokenIssuer open(OAuthRepository clients, InstantSource clock) {
        String kid = UUID.randomUUID().toString();
        try {
            List<JWK> keys = new ArrayList<>();
            for (String jwk : clients.signingKeys(kid, () -> newKey(kid))) {
                keys.add(JWK.parse(jwk));
            }
            return new TokenIssuer(clients, clock, keys);
        } catch (ParseException e) {
            throw new IllegalStateException("a signing key of the store is not a JWK");
        }
    }

    private static String newKey(String kid) {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID(kid).generate().toJSONString();
        } catch (JOSEException e) {
            throw new IllegalStateException("no ES256 in this JVM", e);
        }
    }

    /** A token and for how long it is good. */
    public record Token(String text, Duration lifetime) {}

    /** Client credentials for a token; UNAUTHORIZED if they are not right. */
    public Token issue(String clientId, String clientSecret) {
        OAuthClient client =
                clients.find(new Credential(clientId, clientSecret))
                        .filter(it -> it.revokedAt() == null)
                        .orElseThrow(
                                () ->
                                        new ControlException(
                                                ControlError.UNAUTHORIZED,
                                                "client_id or client_secret is not right"));
        Instant now = clock.instant();
        SignedJWT token =
                new SignedJWT(
                        new JWSHeader.Builder(JWSAlgorithm.ES256)
                                .keyID(signingKey.getKeyID())
                                .build(),
                        new JWTClaimsSet.Builder()
                                .issuer(ISSUER)
                                .audience(AUDIENCE)
                                .subject(client.clientId())
                                .issueTime(Date.from(now))
                                .expirationTime(Date.from(now.plus(LIFETIME)))
                                .jwtID(UUID.randomUUID().toString())
                                .build());
        try {
            token.sign(new ECDSASigner(signingKey));
        } catch (JOSEException e) {
            throw new IllegalStateException("token not signed", e);
        }
        return new Token(token.serialize(), LIFETIME);
    }

    /** Who a token of ours speaks for. */
    Principal verify(String token) {
        String clientId = verifier.verify(token).getSubject();
        OAuthClient client =
                clients.find(clientId)
                        .filter(it -> it.revokedAt() == null)
                        .orElseThrow(
                                () ->
                                        new ControlException(
                                                ControlError.UNAUTHORIZED,
                                                "the token is not valid"));
        return client.grant().principal("client:" + client.grant().name(), Principal.Kind.TOKEN);
    }
}
