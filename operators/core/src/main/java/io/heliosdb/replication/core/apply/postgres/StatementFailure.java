package io.heliosdb.replication.core.apply.postgres;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** A statement of a target transaction failed; the transaction must be rolled back. */
final class StatementFailure extends Exception {

    private static final long serialVersionUID = 1L;

    /** No single change was at fault, or it is not known which. */
    static final long NO_CHANGE = -1;

    private final SqlScript.@Nullable Part part;
    private final long change;
    private final SQLException error;

    StatementFailure(SQLException error) {
        this(null, NO_CHANGE, error);
    }

    StatementFailure(SqlScript.@Nullable Part part, long change, SQLException error) {
        super(error);
        this.part = part;
        this.change = change;
        this.error = error;
    }

    /** What the statement stood for; null if it was a set statement. */
    SqlScript.@Nullable Part part() {
        return part;
    }

    /** The change whose statement failed, or {@link #NO_CHANGE}. */
    long change() {
        return change;
    }

    SQLException error() {
        return error;
    }

    String sqlState() {
        String state = error.getSQLState();
        return state == null ? "" : state;
    }

    /** The progress could not be moved: fenced, missing, or already there. */
    boolean isProgressRefused() {
        return part == SqlScript.Part.PROGRESS && sqlState().equals(SqlStates.DIVISION_BY_ZERO);
    }

    /** Tables were altered between the look at them and the commit: it says nothing of the rows. */
    boolean isOutrun() {
        return part == SqlScript.Part.SHAPES && sqlState().equals(SqlStates.DIVISION_BY_ZERO);
    }

    /** The server's first line, without the detail, which quotes values. */
    String serverMessage() {
        ServerErrorMessage message = server();
        String text = message == null ? null : message.getMessage();
        return text == null ? String.valueOf(error.getMessage()) : text;
    }

    /** Names of constraint and column, as far as the server tells: safe to log. */
    String place() {
        ServerErrorMessage message = server();
        if (message == null) {
            return "";
        }
        String constraint = message.getConstraint();
        String column = message.getColumn();
        return (constraint == null ? "" : ", constraint " + constraint)
                + (column == null ? "" : ", column " + column);
    }

    /** What mends it where the server's words alone leave that open; may be empty. */
    String hint() {
        ServerErrorMessage message = server();
        return message != null && "enum_in".equals(message.getRoutine())
                ? " (a label that the enum has not got in the target; the quarantine names it. Add it"
                        + " there as at the source: ALTER TYPE … ADD VALUE …)"
                : "";
    }

    private @Nullable ServerErrorMessage server() {
        return error instanceof PSQLException postgres ? postgres.getServerErrorMessage() : null;
    }
}
