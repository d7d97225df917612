package io.heliosdb.replication.core.snapshot.postgres;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares the rows of some tenants in one table of the target with what the source sends, and
 * mends what differs, in the target transaction that is open. The source's rows go to a temporary
 * table, which ends with the transaction: nothing is left behind, whatever happens.
 */
final class Mending {

    /** What was found, and mended, of one tenant. */
    static final class Found {
        long missing;
        long extra;
        long differing;

        long all() {
            return missing + extra + differing;
        }
    }

    private final Connection target;
    private final MendSql sql;

    /** By tenant; "" if the table is one tenant's as a whole. */
    private final Map<String, Found> found = new HashMap<>();

    private Mending(Connection target, MendSql sql) {
        this.target = target;
        this.sql = sql;
    }

    /** Makes the temporary table. */
    static Mending open(Connection target, TablePlan table, List<Member> members)
            throws SQLException {
        Mending mending = new Mending(target, table.mendSql(key(target, table), members));
        mending.run(mending.sql.create());
        return mending;
    }

    private static List<String> key(Connection target, TablePlan table) throws SQLException {
        try (PreparedStatement query = target.prepareStatement(MendSql.KEYS)) {
            query.setString(1, table.table().quoted());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    Array names = row.getArray(1);
                    List<String> key = List.of((String[]) names.getArray());
                    if (table.columns().containsAll(key)) {
                        return key;
                    }
                }
                return List.of();
            }
        }
    }

    String copyIn(CopyFormat format) {
        return sql.copyIn(format);
    }

    /** Everything is here: takes away what the source has not, and leaves it at that. */
    void deleteExtra() throws SQLException {
        run(MendSql.ANALYZE);
        run(sql.findWrong());
        run(sql.deleteExtra());
        run(MendSql.DROP);
    }

    /** Everything is here: compares and mends. */
    void mend() throws SQLException {
        run(MendSql.ANALYZE);
        run(sql.findWrong());
        run(MendSql.ANALYZE_WRONG);
        long differing = 0;
        try (Statement statement = target.createStatement();
                ResultSet row = statement.executeQuery(MendSql.COUNT_WRONG)) {
            while (row.next()) {
                Found one = of(row.getString(1));
                if (row.getBoolean(2)) {
                    one.extra = row.getLong(3);
                } else {
                    one.differing = row.getLong(3);
                    differing += one.differing;
                }
            }
        }
        run(sql.deleteExtra());
        boolean inPlace = differing == 0 || update();
        if (!inPlace) {
            run(sql.deleteWrong());
        }
        try (Statement statement = target.createStatement();
                ResultSet row = statement.executeQuery(sql.insertMissing())) {
            while (row.next()) {
                Found one = of(row.getString(1));
                one.missing = row.getLong(2) - (inPlace ? 0 : one.differing);
            }
        }
        run(MendSql.DROP);
    }

    /** False if the order in which rows change matters, or they cannot be changed. */
    private boolean update() throws SQLException {
        Savepoint before = target.setSavepoint();
        try {
            run(sql.update());
            target.releaseSavepoint(before);
            return true;
        } catch (SQLException e) {
            String state = e.getSQLState() == null ? "" : e.getSQLState();
            // Integrity constraint violation; generated always.
            if (!state.startsWith("23") && !state.equals("428C9")) {
                throw e;
            }
            target.rollback(before);
            return false;
        }
    }

    private Found of(String tenant) {
        return found.computeIfAbsent(tenant, it -> new Found());
    }

    /** What was found of a tenant. */
    Found found(String tenant) {
        return found.getOrDefault(tenant, new Found());
    }

    private void run(String statement) throws SQLException {
        try (Statement session = target.createStatement()) {
            session.execute(statement);
        }
    }
}
