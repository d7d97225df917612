package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.ApplyException.Kind;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TableId;
import java.sql.SQLException;

/** Says of an SQLException of a first copy what it means and what can help. */
final class Failures {

    private Failures() {}

    static ApplyException source(SQLException e) {
        String state = state(e);
        if (state.startsWith("42")) {
            return failure(Kind.REJECTED, ErrorCode.SOURCE_NOT_READY, "the source refuses", e);
        }
        return failure(Kind.RETRY_LANE, ErrorCode.SOURCE_UNREACHABLE, "reading the source", e);
    }

    /** DDL waits for the table: it goes first, the copy begins anew behind it. */
    static ApplyException sourceAltered(TableId table, SQLException e) {
        return new ApplyException(
                Kind.RETRY_LANE,
                ErrorCode.SOURCE_UNREACHABLE,
                state(e),
                "table " + table + " is about to be altered at the source; it is copied after that",
                e);
    }

    /** The session that exported the snapshot is gone, and the snapshot with it. */
    static ApplyException snapshotLost(SQLException e) {
        return failure(Kind.RETRY_LANE, ErrorCode.SOURCE_UNREACHABLE, "reading the source", e);
    }

    static ApplyException target(SQLException e) {
        String state = state(e);
        if (state.isEmpty() || isUnwell(state)) {
            return failure(
                    Kind.RETRY_TARGET, ErrorCode.TARGET_UNREACHABLE, "writing the target", e);
        }
        if (state.startsWith("40") || state.equals("55P03") || state.equals("57014")) {
            return failure(Kind.RETRY_LANE, ErrorCode.TARGET_BUSY, "writing the target", e);
        }
        if (state.startsWith("22") || state.startsWith("23") || state.startsWith("54")) {
            return failure(Kind.REJECTED, ErrorCode.ROW_REJECTED, "the target refuses a row", e);
        }
        if (state.equals("42501")) {
            return failure(Kind.REJECTED, ErrorCode.TARGET_NOT_READY, "the target refuses", e);
        }
        if (state.startsWith("42") || state.startsWith("0A")) {
            return failure(Kind.REJECTED, ErrorCode.TARGET_INCOMPATIBLE, "the target refuses", e);
        }
        return failure(Kind.REJECTED, ErrorCode.INTERNAL, "writing the target", e);
    }

    /** Whether a row finds its place taken. */
    static boolean isTaken(ApplyException e) {
        return e.sqlState().equals("23505") || e.sqlState().equals("23P01");
    }

    /** The copy may be tried again: others may make place. */
    static ApplyException placeTaken(ApplyException e) {
        return new ApplyException(
                Kind.PLACE_TAKEN, e.code(), e.sqlState(), String.valueOf(e.getMessage()), e);
    }

    static ApplyException of(ReplicationException e) {
        Kind kind =
                switch (e.code()) {
                    case SOURCE_UNREACHABLE -> Kind.RETRY_LANE;
                    case TARGET_UNREACHABLE -> Kind.RETRY_TARGET;
                    default -> Kind.REJECTED;
                };
        return new ApplyException(kind, e.code(), "", String.valueOf(e.getMessage()), e);
    }

    static ApplyException rejected(ErrorCode code, String message) {
        return new ApplyException(Kind.REJECTED, code, "", message, null);
    }

    static ApplyException fenced(String detail) {
        return new ApplyException(Kind.FENCED, ErrorCode.FENCED, "", detail, null);
    }

    /** Connection, resources, operator intervention, read-only, system. */
    private static boolean isUnwell(String state) {
        return state.startsWith("08")
                || state.startsWith("53")
                || state.startsWith("58")
                || state.startsWith("25")
                || state.startsWith("28")
                || state.startsWith("3D")
                || state.startsWith("57P");
    }

    private static String state(SQLException e) {
        return e.getSQLState() == null ? "" : e.getSQLState();
    }

    /**
     * The server's primary message only: its detail may quote row values, which do not belong into
     * logs and states.
     */
    private static ApplyException failure(Kind kind, ErrorCode code, String doing, SQLException e) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        int detail = message.indexOf("\n");
        return new ApplyException(
                kind,
                code,
                state(e),
                doing + ": " + (detail < 0 ? message : message.substring(0, detail)),
                e);
    }
}
