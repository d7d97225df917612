package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.ApplyException.Kind;
import io.heliosdb.replication.model.ErrorCode;

/**
 * What to do about an error of PostgreSQL, by SQLSTATE (PostgreSQL documentation, Appendix A).
 *
 * <p>Unknown ones are REJECTED: what we cannot explain we do not repeat for ever.
 */
final class SqlStates {

    static final String DIVISION_BY_ZERO = "22012";
    static final String READ_ONLY_TRANSACTION = "25006";
    static final String SERIALIZATION_FAILURE = "40001";
    static final String DEADLOCK_DETECTED = "40P01";
    static final String INSUFFICIENT_PRIVILEGE = "42501";
    static final String UNDEFINED_COLUMN = "42703";
    static final String UNDEFINED_TABLE = "42P01";
    static final String LOCK_NOT_AVAILABLE = "55P03";
    static final String QUERY_CANCELED = "57014";
    static final String IDLE_IN_TRANSACTION_TIMEOUT = "25P03";
    static final String TRANSACTION_TIMEOUT = "25P04";
    static final String UNKNOWN_PREPARED_STATEMENT = "26000";
    static final String CACHED_PLAN_CHANGED = "0A000";
    static final String INVALID_CATALOG_NAME = "3D000";

    static final String UNIQUE_VIOLATION = "23505";
    static final String CHECK_VIOLATION = "23514";
    static final String EXCLUSION_VIOLATION = "23P01";

    static final String CLASS_CONNECTION = "08";
    static final String CLASS_DATA = "22";
    static final String CLASS_CONSTRAINT = "23";
    static final String CLASS_AUTHORIZATION = "28";
    static final String CLASS_RESOURCES = "53";
    static final String CLASS_CATALOG = "42";

    /** Shutdown, crash, starting up, database dropped, idle too long: the session is over. */
    static final String CLASS_SHUTDOWN = "57P";

    static final String CLASS_SYSTEM = "58";

    private SqlStates() {}

    static Kind kind(String sqlState) {
        return switch (sqlState) {
            case SERIALIZATION_FAILURE, DEADLOCK_DETECTED, LOCK_NOT_AVAILABLE, QUERY_CANCELED ->
                    Kind.RETRY_LANE;
            case READ_ONLY_TRANSACTION, IDLE_IN_TRANSACTION_TIMEOUT, TRANSACTION_TIMEOUT ->
                    Kind.RETRY_TARGET;
            default ->
                    sqlState.isEmpty()
                                    || sqlState.startsWith(CLASS_CONNECTION)
                                    || sqlState.startsWith(CLASS_RESOURCES)
                                    || sqlState.startsWith(CLASS_SHUTDOWN)
                                    || sqlState.startsWith(CLASS_SYSTEM)
                            ? Kind.RETRY_TARGET
                            : Kind.REJECTED;
        };
    }

    /**
     * Whether a login or the right to use the database was refused, which waiting does not mend.
     */
    static boolean isLoginRefused(String sqlState) {
        return sqlState.startsWith(CLASS_AUTHORIZATION)
                || sqlState.equals(INSUFFICIENT_PRIVILEGE)
                || sqlState.equals(INVALID_CATALOG_NAME);
    }

    /** Whether the catalog, or what the session has prepared, may not be as we remember it. */
    static boolean mayBeStale(String sqlState) {
        return sqlState.startsWith(CLASS_CATALOG)
                || sqlState.equals(CACHED_PLAN_CHANGED)
                || sqlState.equals(UNKNOWN_PREPARED_STATEMENT);
    }

    /** Whether a text was refused as a value of a type: its input function, or a domain's CHECK. */
    static boolean isNoValue(String sqlState) {
        return sqlState.startsWith(CLASS_DATA) || sqlState.equals(CHECK_VIOLATION);
    }

    /** Whether rows that are there do not meet what is to be asked of them from now on. */
    static boolean isLacking(String sqlState) {
        return sqlState.startsWith(CLASS_CONSTRAINT);
    }

    /**
     * Whether the place that a row wants is taken, perhaps by one that another replication is about
     * to remove.
     */
    static boolean isTaken(String sqlState) {
        return sqlState.equals(UNIQUE_VIOLATION) || sqlState.equals(EXCLUSION_VIOLATION);
    }

    static ErrorCode code(String sqlState) {
        return switch (kind(sqlState)) {
            case RETRY_LANE -> ErrorCode.TARGET_BUSY;
            case RETRY_TARGET ->
                    sqlState.startsWith(CLASS_RESOURCES)
                            ? ErrorCode.TARGET_BUSY
                            : ErrorCode.TARGET_UNREACHABLE;
            case SPLIT_GROUP, PLACE_TAKEN, FENCED, OUTDATED, REJECTED -> rejection(sqlState);
        };
    }

    private static ErrorCode rejection(String sqlState) {
        return switch (sqlState) {
            case UNDEFINED_COLUMN, UNDEFINED_TABLE -> ErrorCode.TARGET_INCOMPATIBLE;
            case INSUFFICIENT_PRIVILEGE, INVALID_CATALOG_NAME -> ErrorCode.TARGET_NOT_READY;
            default ->
                    sqlState.startsWith(CLASS_AUTHORIZATION)
                            ? ErrorCode.TARGET_NOT_READY
                            : ErrorCode.ROW_REJECTED;
        };
    }
}
