package io.heliosdb.replication.control.access;

import io.heliosdb.replication.control.problem.ControlError;
import io.heliosdb.replication.control.problem.ControlException;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who calls, and what that one may do.
 *
 * @param name for the record, e.g. {@code key:ci} or {@code user-12345}
 * @param tenant the only tenant that is seen, or null for all
 */
public record Principal(
        String name,
        Kind kind,
        Set<Permission> permissions,
        @Nullable String tenant,
        RateTier rateTier) {

    /** How a caller proved who it is. */
    public enum Kind {
        API_KEY,
        TOKEN,
        ONE_TIME_KEY,
        ANONYMOUS
    }

    public Principal {
        permissions = Set.copyOf(permissions);
    }

    /** Somebody unknown at this address. */
    public static Principal anonymous(String address) {
        return new Principal("anonymous@" + address, Kind.ANONYMOUS, Set.of(), null, RateTier.FREE);
    }

    /**
     * Somebody with these roles. A tenant binds every role but Admin; TenantAdmin must have one.
     *
     * @param narrowedTo only these of the roles' permissions; null: all
     * @throws ControlException FORBIDDEN
     */
    public static Principal of(
            String name,
            Kind kind,
            Collection<Role> roles,
            @Nullable String tenant,
            @Nullable Collection<Permission> narrowedTo,
            RateTier rateTier) {
        boolean admin = roles.contains(Role.ADMIN);
        if (!admin && roles.contains(Role.TENANT_ADMIN) && (tenant == null || tenant.isBlank())) {
            throw new ControlException(
                    ControlError.FORBIDDEN, "a TenantAdmin without tenant_id may do nothing");
        }
        Set<Permission> permissions = EnumSet.noneOf(Permission.class);
        roles.forEach(role -> permissions.addAll(role.permissions()));
        if (narrowedTo != null) {
            permissions.retainAll(narrowedTo);
        }
        return new Principal(name, kind, permissions, admin ? null : tenant, rateTier);
    }

    public boolean may(Permission permission) {
        return permissions.contains(permission);
    }

    /** Whether this tenant exists for the caller. */
    public boolean sees(String other) {
        return tenant == null || tenant.equals(other);
    }

    public Optional<String> boundTenant() {
        return Optional.ofNullable(tenant);
    }
}
