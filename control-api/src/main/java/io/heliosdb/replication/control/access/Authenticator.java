package io.heliosdb.replication.control.access;

import io.heliosdb.replication.control.access.postgres.ApiKeyRepository;
import io.heliosdb.replication.control.problem.ControlError;
import io.heliosdb.replication.control.problem.ControlException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds out who calls. Thread-safe. */
public final class Authenticator {

    private final ApiKeyRepository keys;
    private final TokenIssuer issuer;
    private final @Nullable TokenVerifier tokens;
    private final @Nullable Credential oneTimeKey;
    private final InstantSource clock;

    /**
     * @param tokens of another issuer, or null
     * @param oneTimeKey an admin key of this process that is good from the loopback interface only
     */
    public Authenticator(
            ApiKeyRepository keys,
            TokenIssuer issuer,
            @Nullable TokenVerifier tokens,
            @Nullable Credential oneTimeKey,
            InstantSource clock) {
        this.keys = keys;
        this.issuer = issuer;
        this.tokens = tokens;
        this.oneTimeKey = oneTimeKey;
        this.clock = clock;
    }

    /**
     * Who these headers speak for; empty if there are none.
     *
     * @throws ControlException UNAUTHORIZED if they are not right
     */
    public Optional<Principal> authenticate(
            @Nullable String authorization, @Nullable String apiKey, String address) {
        if (apiKey != null && authorization != null) {
            throw new ControlException(
                    ControlError.UNAUTHORIZED, "send either X-API-Key or Authorization, not both");
        }
        if (apiKey != null) {
            return Optional.of(byKey(apiKey, address));
        }
        if (authorization == null) {
            return Optional.empty();
        }
        if (!authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
            throw new ControlException(
                    ControlError.UNAUTHORIZED, "Authorization must be a Bearer token");
        }
        return Optional.of(byToken(authorization.substring(7).strip(), address));
    }

    private Principal byToken(String token, String address) {
        if (Credential.parse(token).isPresent()) {
            return byKey(token, address);
        }
        String named = TokenVerifier.claimedIssuer(token).orElse("");
        if (named.equals(TokenIssuer.ISSUER)) {
            return issuer.verify(token);
        }
        TokenVerifier verifier = tokens;
        if (verifier != null) {
            return TokenVerifier.principal(verifier.verify(token));
        }
        throw new ControlException(ControlError.UNAUTHORIZED, "the token is not valid");
    }

    private Principal byKey(String text, String address) {
        Credential credential = Credential.parse(text).orElseThrow(() -> notValid());
        Credential oneTime = oneTimeKey;
        if (oneTime != null && oneTime.id().equals(credential.id())) {
            if (!MessageDigest.isEqual(oneTime.hash(), credential.hash()) || !isLoopback(address)) {
                throw notValid();
            }
            return Principal.of(
                    "one-time-admin",
                    Principal.Kind.ONE_TIME_KEY,
                    List.of(Role.ADMIN),
                    null,
                    null,
                    RateTier.ENTERPRISE);
        }
        ApiKey key =
                keys.find(credential)
                        .filter(it -> it.isLive(clock.instant()))
                        .orElseThrow(() -> notValid());
        keys.used(key);
        return key.grant().principal("key:" + key.grant().name(), Principal.Kind.API_KEY);
    }

    private static ControlException notValid() {
        return new ControlException(ControlError.UNAUTHORIZED, "the API key is not valid");
    }

    /** Whether this literal address is of this machine only; never asks a name server. */
    public static boolean isLoopback(String address) {
        try {
            return address.matches("[0-9A-Fa-f.:\\[\\]]+")
                    && InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
