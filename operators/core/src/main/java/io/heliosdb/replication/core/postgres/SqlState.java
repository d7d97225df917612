package io.heliosdb.replication.core.postgres;

/** SQLSTATEs that somebody acts on. */
public final class SqlState {

    public static final String INVALID_PASSWORD = "28P01";
    public static final String INVALID_AUTHORIZATION = "28000";

    /** The driver's own: what the server asks of a login is not in the configuration. */
    public static final String CONNECTION_REJECTED = "08004";

    public static final String UNKNOWN_DATABASE = "3D000";
    public static final String UNIQUE_VIOLATION = "23505";
    public static final String OBJECT_IN_USE = "55006";
    public static final String UNDEFINED_OBJECT = "42704";
    public static final String UNDEFINED_TABLE = "42P01";
    public static final String INSUFFICIENT_PRIVILEGE = "42501";

    private SqlState() {}
}
