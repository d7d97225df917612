package io.heliosdb.replication.control.access;

import java.util.Optional;

/** What can be allowed. The text form is that of tokens: {@code replication:create}. */
public enum Permission {
    CREATE_REPLICATION("replication:create"),
    UPDATE_REPLICATION("replication:update"),
    DELETE_REPLICATION("replication:delete"),
    VIEW_REPLICATION("replication:read"),
    /** Values of rows: in conflicts, and in what a target refused. */
    VIEW_ROWS("rows:read"),
    TRIGGER_FAILOVER("failover:trigger"),
    VIEW_FAILOVER_HISTORY("failover:read"),
    START_MIGRATION("migration:start"),
    CANCEL_MIGRATION("migration:cancel"),
    VIEW_METRICS("metrics:read"),
    CONFIGURE_ALERTS("alerts:configure"),
    VIEW_CONNECTIONS("connection:read"),
    MANAGE_CONNECTIONS("connection:manage"),
    MANAGE_KEYS("key:manage"),
    VIEW_AUDIT("audit:read");

    private final String text;

    Permission(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }

    public static Optional<Permission> parse(String text) {
        for (Permission permission : values()) {
            if (permission.text.equals(text)) {
                return Optional.of(permission);
            }
        }
        return Optional.empty();
    }
}
