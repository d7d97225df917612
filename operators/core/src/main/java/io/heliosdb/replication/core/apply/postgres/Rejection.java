package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.model.ErrorCode;

/** Changes that this target cannot take as it is; found before PostgreSQL was asked. */
final class Rejection extends Exception {

    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final String sqlState;

    Rejection(ErrorCode code, String sqlState, String message) {
        super(message);
        this.code = code;
        this.sqlState = sqlState;
    }

    ErrorCode code() {
        return code;
    }

    /** The SQLSTATE that PostgreSQL would have given. */
    String sqlState() {
        return sqlState;
    }
}
