package io.heliosdb.replication.control.problem;

/** The error codes of the interface; nothing else is ever told to a client. */
public enum ControlError {
    INVALID_REQUEST,
    VALIDATION_ERROR,
    UNAUTHORIZED,
    FORBIDDEN,
    NOT_FOUND,
    CONFLICT,
    REPLICATION_LAG_EXCEEDED,
    FAILOVER_IN_PROGRESS,
    RATE_LIMIT_EXCEEDED,
    INTERNAL_ERROR,
    SERVICE_UNAVAILABLE
}
