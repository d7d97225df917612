package io.heliosdb.replication.control.http;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.heliosdb.replication.control.access.ApiKey;
import io.heliosdb.replication.control.access.Grant;
import io.heliosdb.replication.control.access.OAuthClient;
import io.heliosdb.replication.control.access.Permission;
import io.heliosdb.replication.control.access.RateTier;
import io.heliosdb.replication.control.access.Role;
import io.heliosdb.replication.control.problem.ControlException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What requests and replies about access look like. A secret is only in the reply that makes it.
 */
final class AccessBodies {

    private AccessBodies() {}

    record CreateKey(
            String name,
            Role role,
            @Nullable String tenantId,
            @Nullable List<String> permissions,
            @Nullable RateTier rateTier,
            @Nullable Instant expiresAt) {

        Grant grant() {
            return AccessBodies.grant(name, role, tenantId, permissions, rateTier);
        }
    }

    record CreateClient(
            String name,
            Role role,
            @Nullable String tenantId,
            @Nullable List<String> permissions,
            @Nullable RateTier rateTier) {

        Grant grant() {
            return AccessBodies.grant(name, role, tenantId, permissions, rateTier);
        }
    }

    private static Grant grant(
            String name,
            Role role,
            @Nullable String tenantId,
            @Nullable List<String> permissions,
            @Nullable RateTier rateTier) {
        return new Grant(
                name,
                role,
                tenantId,
                permissions == null
                        ? null
                        : permissions.stream()
                                .map(
                                        text ->
                                                Permission.parse(text)
                                                        .orElseThrow(
                                                                () ->
                                                                        ControlException.invalid(
                                                                                "permissions",
                                                                                "must be like"
                                                                                        + " replication:read")))
                                .toList(),
                rateTier == null ? RateTier.STANDARD : rateTier);
    }

    private static @Nullable List<String> texts(@Nullable List<Permission> permissions) {
        return permissions == null ? null : permissions.stream().map(Permission::text).toList();
    }

    record KeyView(
            String id,
            String name,
            Role role,
            @Nullable String tenantId,
            @Nullable List<String> permissions,
            RateTier rateTier,
            String createdBy,
            Instant createdAt,
            @Nullable Instant expiresAt,
            @Nullable Instant revokedAt,
            @Nullable Instant lastUsedAt) {

        static KeyView of(ApiKey key) {
            Grant grant = key.grant();
            return new KeyView(
                    key.id(),
                    grant.name(),
                    grant.role(),
                    grant.tenantId(),
                    texts(grant.permissions()),
                    grant.rateTier(),
                    key.createdBy(),
                    key.createdAt(),
                    key.expiresAt(),
                    key.revokedAt(),
                    key.lastUsedAt());
        }
    }

    /** The only time that the key is shown. */
    record CreatedKey(String key, KeyView apiKey) {}

    record KeyPage(List<KeyView> data, CommonBodies.Pagination pagination) {}

    record ClientView(
            String clientId,
            String name,
            Role role,
            @Nullable String tenantId,
            @Nullable List<String> permissions,
            RateTier rateTier,
            String createdBy,
            Instant createdAt,
            @Nullable Instant revokedAt) {

        static ClientView of(OAuthClient client) {
            Grant grant = client.grant();
            return new ClientView(
                    client.clientId(),
                    grant.name(),
                    grant.role(),
                    grant.tenantId(),
                    texts(grant.permissions()),
                    grant.rateTier(),
                    client.createdBy(),
                    client.createdAt(),
                    client.revokedAt());
        }
    }

    /** The only time that the secret is shown. */
    record CreatedClient(String clientId, String clientSecret, ClientView client) {}

    record ClientPage(List<ClientView> data, CommonBodies.Pagination pagination) {}

    /** As RFC 6749 has it, in a form. */
    record TokenRequest(
            @JsonProperty("grant_type") String grantType,
            @JsonProperty("client_id") @Nullable String clientId,
            @JsonProperty("client_secret") @Nullable String clientSecret) {}

    record TokenReply(String accessToken, String tokenType, long expiresIn) {}
}
