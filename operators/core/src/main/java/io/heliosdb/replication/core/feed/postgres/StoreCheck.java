package io.heliosdb.replication.core.feed.postgres;

import io.heliosdb.replication.core.preflight.Finding;
import io.heliosdb.replication.core.preflight.PreflightReport;
import io.heliosdb.replication.core.preflight.Severity;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.TableId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Judges whether the job can follow a store. What only makes it slow to notice (no logical
 * decoding: it then looks every second) is a warning; what keeps it from reading or reporting, an
 * error.
 */
final class StoreCheck {

    private static final String SUBJECT = "store";
    private static final int OLDEST = 150_000;

    private final List<Finding> findings = new ArrayList<>();

    private StoreCheck() {}

    /** Of the row of {@link StoreSql#FACTS}. */
    static PreflightReport of(ResultSet row) throws SQLException {
        StoreCheck check = new StoreCheck();
        String user = TableId.quote(row.getString(8));
        if (row.getInt(1) < OLDEST) {
            check.error("is PostgreSQL " + row.getInt(1) / 10_000 + ", needed is 15 or newer");
        }
        if (!row.getBoolean(9)) {
            check.error(
                    "lacks tables of schema heliosdb_control: a control API of this version makes"
                            + " them when it starts");
            return new PreflightReport(check.findings);
        }
        if (!row.getBoolean(10)) {
            check.error(
                    "user " + user + " may not use schema heliosdb_control",
                    "GRANT USAGE ON SCHEMA heliosdb_control TO " + user + ";");
        }
        if (!row.getString(13).isEmpty()) {
            for (String grant : row.getString(13).split("\\|")) {
                String[] parts = grant.split(" ON ");
                check.error(
                        "user " + user + " lacks " + parts[0] + " on heliosdb_control." + parts[1],
                        "GRANT "
                                + parts[0]
                                + " ON heliosdb_control."
                                + parts[1]
                                + " TO "
                                + user
                                + ";");
            }
        }
        check.stream(row, user);
        return new PreflightReport(check.findings);
    }

    /** Without these it goes on, a little slower. */
    private void stream(ResultSet row, String user) throws SQLException {
        if (!row.getString(2).equals("logical")) {
            slow(
                    "wal_level is " + row.getString(2) + ", needed is logical; then restart it",
                    "ALTER SYSTEM SET wal_level = 'logical';");
        }
        if (row.getLong(4) >= row.getInt(3)) {
            slow(
                    "all " + row.getInt(3) + " replication slots are taken; then restart it",
                    "ALTER SYSTEM SET max_replication_slots = " + (row.getInt(3) + 10) + ";");
        }
        if (row.getLong(6) >= row.getInt(5)) {
            slow(
                    "all " + row.getInt(5) + " WAL senders are taken; then restart it",
                    "ALTER SYSTEM SET max_wal_senders = " + (row.getInt(5) + 10) + ";");
        }
        if (!row.getBoolean(7)) {
            slow("user " + user + " lacks REPLICATION", "ALTER ROLE " + user + " REPLICATION;");
        }
        if (!row.getBoolean(12)) {
            slow(
                    "has no publication heliosdb_control",
                    "CREATE PUBLICATION heliosdb_control FOR TABLE heliosdb_control.connections,"
                            + " heliosdb_control.replication_configs, heliosdb_control.feed_beats;");
        } else if (!row.getString(11).isEmpty()) {
            for (String table : row.getString(11).split(", ")) {
                slow(
                        "publication heliosdb_control lacks table " + table,
                        "ALTER PUBLICATION heliosdb_control ADD TABLE heliosdb_control."
                                + table
                                + ";");
            }
        }
    }

    private void slow(String message, String... fixSql) {
        findings.add(
                Finding.of(
                        Severity.WARNING,
                        ErrorCode.STORE_NOT_READY,
                        SUBJECT,
                        message + ". Until then changes are looked for every second",
                        fixSql));
    }

    private void error(String message, String... fixSql) {
        findings.add(
                Finding.of(Severity.ERROR, ErrorCode.STORE_NOT_READY, SUBJECT, message, fixSql));
    }
}
