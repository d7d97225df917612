package io.heliosdb.replication.core.preflight;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.TableId;
import java.util.List;

/**
 * One thing that preflight found.
 *
 * @param code what the job would fail with, were it started
 * @param subject what it is about: {@code source}, {@code source table public.orders}, {@code
 *     target eu}, {@code replication acme}, …
 * @param message what is so, and what follows from it; never a secret
 * @param fixSql statements that mend it, each ended by a semicolon, to be run one by one (not in
 *     one transaction) in the database of the subject; empty if no statement can
 */
public record Finding(
        Severity severity, ErrorCode code, String subject, String message, List<String> fixSql) {

    public Finding {
        fixSql = List.copyOf(fixSql);
    }

    /** Of what is neither source nor target. */
    public static Finding of(
            Severity severity, ErrorCode code, String subject, String message, String... fixSql) {
        return new Finding(severity, code, subject, message, List.of(fixSql));
    }

    static Finding error(ErrorCode code, String subject, String message, String... fixSql) {
        return new Finding(Severity.ERROR, code, subject, message, List.of(fixSql));
    }

    static Finding warning(ErrorCode code, String subject, String message, String... fixSql) {
        return new Finding(Severity.WARNING, code, subject, message, List.of(fixSql));
    }

    static Finding info(ErrorCode code, String subject, String message) {
        return new Finding(Severity.INFO, code, subject, message, List.of());
    }

    static String sourceTable(TableId table) {
        return "source table " + table;
    }

    /** Whether it says that a database could not be reached or logged in to. */
    public boolean isUnreachable() {
        return code == ErrorCode.SOURCE_UNREACHABLE || code == ErrorCode.TARGET_UNREACHABLE;
    }
}
