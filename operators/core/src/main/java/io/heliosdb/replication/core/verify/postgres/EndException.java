package io.heliosdb.replication.core.verify.postgres;

import java.sql.SQLException;

/** One end failed while it was read; carried through the pure code to {@link Verifier}. */
final class EndException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final boolean source;

    EndException(boolean source, SQLException cause) {
        super(cause.getMessage(), cause);
        this.source = source;
    }

    boolean isSource() {
        return source;
    }

    /** The table was redefined while it was read, or is locked: no fault of the end. */
    boolean isAboutTable() {
        String state = ((SQLException) getCause()).getSQLState();
        return state != null
                && switch (state) {
                    case "42P01", "42703", "42704", "42883", "0A000", "55P03" -> true;
                    default -> false;
                };
    }
}
