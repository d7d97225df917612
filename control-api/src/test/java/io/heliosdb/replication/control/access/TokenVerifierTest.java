package io.heliosdb.replication.control.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.heliosdb.replication.control.problem.ControlError;
import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.model.config.Secret;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenVerifierTest {

    private static final Secret SECRET = new Secret("0123456789abcdef0123456789abcdef");

    private static RSAKey rsa;
    private static ECKey ec;

    @TempDir Path directory;

    @BeforeAll
    static void keys() throws Exception {
        rsa = new RSAKeyGenerator(2048).keyID("r").generate();
        ec = new ECKeyGenerator(Curve.P_256).keyID("e").generate();
    }

    @Test
    void acceptsTheThreeAlgorithms() throws Exception {
        TokenVerifier verifier = verifier(SECRET, jwksFile());
        assertThat(TokenVerifier.principal(verifier.verify(hs256(claims()))).name())
                .isEqualTo("user-1");
        assertThat(verifier.verify(rs256(claims())).getSubject()).isEqualTo("user-1");
        assertThat(verifier.verify(es256(claims())).getSubject()).isEqualTo("user-1");
    }

    @Test
    void fetchesKeysFromAUrl() throws Exception {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        byte[] jwks = new JWKSet(List.of(rsa, ec)).toString(true).getBytes(StandardCharsets.UTF_8);
        server.createContext(
                "/jwks",
                exchange -> {
                    exchange.sendResponseHeaders(200, jwks.length);
                    exchange.getResponseBody().write(jwks);
                    exchange.close();
                });
        server.start();
        try {
            TokenVerifier verifier =
                    TokenVerifier.of(
                            new JwtOptions(
                                    "idp",
                                    "api",
                                    Duration.ofSeconds(30),
                                    null,
                                    null,
                                    URI.create(
                                            "http://127.0.0.1:"
                                                    + server.getAddress().getPort()
                                                    + "/jwks")));
            assertThat(verifier.verify(es256(claims())).getSubject()).isEqualTo("user-1");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void refusesWhatIsNotExactlyRight() throws Exception {
        TokenVerifier verifier = verifier(SECRET, jwksFile());
        Instant now = Instant.now();
        refused(verifier, hs256(claims().issuer("other")));
        refused(verifier, hs256(claims().audience("other")));
        refused(verifier, hs256(claims().expirationTime(Date.from(now.minusSeconds(60)))));
        refused(verifier, hs256(claims().notBeforeTime(Date.from(now.plusSeconds(60)))));
        refused(verifier, hs256(claims().expirationTime(null)));
        refused(verifier, hs256(claims().subject(null)));
        refused(verifier, new PlainJWT(claims().build()).serialize());
        refused(verifier, "a.b.c");
        refused(verifier, "");
        String good = hs256(claims());
        refused(verifier, good.substring(0, good.length() - 4) + "AAAA");
        assertThat(verifier.verify(hs256(claims().expirationTime(Date.from(now.minusSeconds(20))))))
                .as("within the clock skew")
                .isNotNull();
    }

    @Test
    void neverTakesAPublicKeyForASecret() throws Exception {
        TokenVerifier verifier = verifier(null, jwksFile());
        byte[] publicKey = rsa.toRSAPublicKey().getEncoded();
        SignedJWT forged = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims().build());
        forged.sign(new MACSigner(publicKey));
        refused(verifier, forged.serialize());
        refused(verifier, hs256(claims()));
        TokenVerifier secretOnly = verifier(SECRET, null);
        refused(secretOnly, rs256(claims()));
    }

    @Test
    void givesWhatTheClaimsAllow() throws Exception {
        Principal tenantAdmin =
                TokenVerifier.principal(
                        claims().claim("roles", List.of("TenantAdmin", "Nonsense"))
                                .claim("tenant_id", "acme")
                                .claim(
                                        "permissions",
                                        List.of("replication:read", "failover:trigger"))
                                .build());
        assertThat(tenantAdmin.permissions()).containsExactly(Permission.VIEW_REPLICATION);
        assertThat(tenantAdmin.sees("acme")).isTrue();
        assertThat(tenantAdmin.sees("other")).isFalse();
        assertThat(
                        TokenVerifier.principal(
                                        claims().claim("roles", List.of("Operator"))
                                                .claim("tenant_id", "acme")
                                                .build())
                                .sees("other"))
                .isFalse();
        assertThat(TokenVerifier.principal(claims().build()).permissions()).isEmpty();
        assertThatThrownBy(
                        () ->
                                TokenVerifier.principal(
                                        claims().claim("roles", List.of("TenantAdmin")).build()))
                .isInstanceOf(ControlException.class);
        assertThatThrownBy(() -> TokenVerifier.principal(claims().claim("roles", "Admin").build()))
                .isInstanceOf(ControlException.class);
    }

    private static void refused(TokenVerifier verifier, String token) {
        assertThatThrownBy(() -> verifier.verify(token))
                .isInstanceOfSatisfying(
                        ControlException.class,
                        e -> assertThat(e.error()).isEqualTo(ControlError.UNAUTHORIZED));
    }

    private Path jwksFile() throws Exception {
        return Files.writeString(
                directory.resolve("jwks.json"), new JWKSet(List.of(rsa, ec)).toString(true));
    }

    private static TokenVerifier verifier(@Nullable Secret secret, @Nullable Path jwks) {
        return TokenVerifier.of(
                new JwtOptions("idp", "api", Duration.ofSeconds(30), secret, jwks, null));
    }

    private static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .subject("user-1")
                .issuer("idp")
                .audience("api")
                .expirationTime(Date.from(Instant.now().plusSeconds(600)));
    }

    private static String hs256(JWTClaimsSet.Builder claims) throws Exception {
        return sign(JWSAlgorithm.HS256, null, new MACSigner(SECRET.value()), claims);
    }

    private static String rs256(JWTClaimsSet.Builder claims) throws Exception {
        return sign(JWSAlgorithm.RS256, "r", new RSASSASigner(rsa), claims);
    }

    private static String es256(JWTClaimsSet.Builder claims) throws Exception {
        return sign(JWSAlgorithm.ES256, "e", new ECDSASigner(ec), claims);
    }

    private static String sign(
            JWSAlgorithm algorithm,
            @Nullable String kid,
            JWSSigner signer,
            JWTClaimsSet.Builder claims)
            throws Exception {
        SignedJWT token =
                new SignedJWT(new JWSHeader.Builder(algorithm).keyID(kid).build(), claims.build());
        token.sign(signer);
        return token.serialize();
    }
}
