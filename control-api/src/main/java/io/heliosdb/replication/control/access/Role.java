package io.heliosdb.replication.control.access;

import static io.heliosdb.replication.control.access.Permission.CREATE_REPLICATION;
import static io.heliosdb.replication.control.access.Permission.DELETE_REPLICATION;
import static io.heliosdb.replication.control.access.Permission.MANAGE_KEYS;
import static io.heliosdb.replication.control.access.Permission.UPDATE_REPLICATION;
import static io.heliosdb.replication.control.access.Permission.VIEW_AUDIT;
import static io.heliosdb.replication.control.access.Permission.VIEW_CONNECTIONS;
import static io.heliosdb.replication.control.access.Permission.VIEW_FAILOVER_HISTORY;
import static io.heliosdb.replication.control.access.Permission.VIEW_METRICS;
import static io.heliosdb.replication.control.access.Permission.VIEW_REPLICATION;
import static io.heliosdb.replication.control.access.Permission.VIEW_ROWS;

import java.util.EnumSet;
import java.util.Set;

/** The role-permission matrix. This is the only place where it stands. */
public enum Role {
    /** Everything, everywhere. */
    ADMIN(EnumSet.allOf(Permission.class)),
    /** Runs replications of all tenants; gives nobody access. */
    OPERATOR(EnumSet.complementOf(EnumSet.of(MANAGE_KEYS, VIEW_AUDIT))),
    /** Sees, but no values of rows. */
    READ_ONLY(EnumSet.of(VIEW_REPLICATION, VIEW_FAILOVER_HISTORY, VIEW_METRICS, VIEW_CONNECTIONS)),
    /** Manages the replications of one tenant; always bound to it. */
    TENANT_ADMIN(
            EnumSet.of(
                    CREATE_REPLICATION,
                    UPDATE_REPLICATION,
                    DELETE_REPLICATION,
                    VIEW_REPLICATION,
                    VIEW_ROWS,
                    VIEW_METRICS));

    private final Set<Permission> permissions;

    Role(Set<Permission> permissions) {
        this.permissions = Set.copyOf(permissions);
    }

    public Set<Permission> permissions() {
        return permissions;
    }
}
