package io.heliosdb.replication.control.access;

import io.heliosdb.replication.control.problem.ControlException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a key or a client is given.
 *
 * @param tenantId the tenant it is bound to; required for TenantAdmin, not possible for Admin
 * @param permissions narrows the role; null: all that the role may
 */
public record Grant(
        String name,
        Role role,
        @Nullable String tenantId,
        @Nullable List<Permission> permissions,
        RateTier rateTier) {

    public Grant {
        if (name.isBlank()
                || name.length() > 100
                || name.chars().anyMatch(Character::isISOControl)) {
            throw ControlException.invalid("name", "must have 1 to 100 characters");
        }
        if (role == Role.TENANT_ADMIN && tenantId == null) {
            throw ControlException.invalid("tenant_id", "is required for role TenantAdmin");
        }
        if (role == Role.ADMIN && tenantId != null) {
            throw ControlException.invalid("tenant_id", "an Admin is not bound to a tenant");
        }
        if (tenantId != null
                && (tenantId.isBlank()
                        || tenantId.length() > 255
                        || tenantId.chars().anyMatch(Character::isISOControl))) {
            throw ControlException.invalid("tenant_id", "must have 1 to 255 characters");
        }
        permissions = permissions == null ? null : List.copyOf(permissions);
        if (permissions != null && !role.permissions().containsAll(permissions)) {
            throw ControlException.invalid(
                    "permissions", "can only narrow what role allows, not widen it");
        }
    }

    public Principal principal(String name, Principal.Kind kind) {
        return Principal.of(name, kind, List.of(role), tenantId, permissions, rateTier);
    }
}
