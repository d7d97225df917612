package io.heliosdb.replication.core.apply.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyIn;
import org.postgresql.core.CachedQuery;
import org.postgresql.core.Field;
import org.postgresql.core.ParameterList;
import org.postgresql.core.Query;
import org.postgresql.core.QueryExecutor;
import org.postgresql.core.ResultCursor;
import org.postgresql.core.ResultHandlerBase;
import org.postgresql.core.TransactionState;
import org.postgresql.core.Tuple;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.jdbc.PreferQueryMode;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

/**
 * One connection to a target, as the apply uses it: scripts, set statements, COPY.
 *
 * <p>Goes to pgjdbc's query executor where JDBC has no words: to send many statements in one
 * message and learn which of them failed, and to send binary arrays that are ready as bytes. JDBC's
 * autocommit stays on: BEGIN and COMMIT are statements of the scripts.
 */
final class Backend implements AutoCloseable {

    /** Hears what each statement of a script did. */
    interface Counts {
        void ran(int index, long rows);
    }

    /** Reads one row of a result. */
    interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    private static final int FLAGS =
            QueryExecutor.QUERY_NO_METADATA | QueryExecutor.QUERY_SUPPRESS_BEGIN;
    private static final int RESULT_FLAGS =
            QueryExecutor.QUERY_SUPPRESS_BEGIN | QueryExecutor.QUERY_NO_BINARY_TRANSFER;
    private static final int TEXT_ARRAY_OID = 1009;
    private static final int COPY_BUFFER_BYTES = 1 << 16;
    private static final int MAX_SETS = 300;

    private final PgConnection connection;
    private final QueryExecutor executor;
    private final ByteBuilder copyBuffer = new ByteBuilder(COPY_BUFFER_BYTES * 2);

    /** Set statements by SQL, the longest unused first. */
    private final LinkedHashMap<String, CachedQuery> sets = new LinkedHashMap<>(64, 0.75f, true);

    Backend(Connection connection) throws SQLException {
        this.connection = connection.unwrap(PgConnection.class);
        this.executor = this.connection.getQueryExecutor();
        // a script must travel as one simple query; with EXTENDED pgjdbc would split it
        executor.setPreferQueryMode(PreferQueryMode.EXTENDED_FOR_PREPARED);
    }

    PgConnection connection() {
        return connection;
    }

    /** Whether a transaction is open, failed or not. */
    boolean inTransaction() {
        return executor.getTransactionState() != TransactionState.IDLE;
    }

    /** Runs a script and empties it, also if it fails. */
    void run(SqlScript script, Counts counts) throws StatementFailure {
        if (script.isEmpty()) {
            return;
        }
        ScriptResults results = new ScriptResults(script, counts);
        try {
            Query query = connection.createQuery(script.text(), false, false).query;
            executor.execute(
                    query, null, results, 0, 0, FLAGS | QueryExecutor.QUERY_EXECUTE_AS_SIMPLE);
        } catch (SQLException e) {
            int failed = Math.min(results.index, script.size() - 1);
            script.failedAt(failed);
            throw new StatementFailure(script.part(failed), script.change(failed), e);
        } finally {
            script.clear();
        }
    }

    /** Runs a statement whose parameters are all {@code text[]}; returns the rows it changed. */
    long set(String sql, byte[][] arrays) throws StatementFailure {
        return executeSet(sql, arrays, FLAGS).updated;
    }

    /** As {@link #set}, for a statement that returns how many rows it found by lane. */
    void setByLane(String sql, byte[][] arrays, long[] found) throws StatementFailure {
        for (Tuple row : executeSet(sql, arrays, RESULT_FLAGS).rows) {
            found[(int) number(row, 0)] += number(row, 1);
        }
    }

    private SetResults executeSet(String sql, byte[][] arrays, int flags) throws StatementFailure {
        SetResults results = new SetResults();
        try {
            Query query = prepared(sql);
            ParameterList parameters = query.createParameterList();
            for (int i = 0; i < arrays.length; i++) {
                parameters.setBinaryParameter(i + 1, arrays[i], TEXT_ARRAY_OID);
            }
            executor.execute(query, parameters, results, 0, 0, flags);
            return results;
        } catch (SQLException e) {
            throw new StatementFailure(e);
        }
    }

    private Query prepared(String sql) throws SQLException {
        CachedQuery known = sets.get(sql);
        if (known == null) {
            known = connection.createQuery(sql, false, true);
            sets.put(sql, known);
            if (sets.size() > MAX_SETS) {
                Iterator<CachedQuery> oldest = sets.values().iterator();
                oldest.next().query.close();
                oldest.remove();
            }
        }
        return known.query;
    }

    /** Copies rows straight into a table. */
    void copy(TablePlan plan, Segments segments, References rows) throws StatementFailure {
        try {
            CopyIn copy = connection.getCopyAPI().copyIn(plan.sql.copy);
            try {
                for (int i = 0; i < rows.size(); i++) {
                    long row = rows.get(i);
                    CopyText.append(
                            copyBuffer, segments.bytes(row), Segments.offset(row), plan.written);
                    if (copyBuffer.size() >= COPY_BUFFER_BYTES) {
                        copy.writeToCopy(copyBuffer.array(), 0, copyBuffer.size());
                        copyBuffer.clear();
                    }
                }
                copy.writeToCopy(copyBuffer.array(), 0, copyBuffer.size());
                copy.endCopy();
            } finally {
                copyBuffer.clear();
                if (copy.isActive()) {
                    copy.cancelCopy();
                }
            }
        } catch (SQLException e) {
            throw new StatementFailure(e);
        }
    }

    /** Reads rows; no part of the hot path. */
    <T> List<T> select(String sql, RowReader<T> reader, @Nullable Object... parameters)
            throws StatementFailure {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            List<T> rows = new ArrayList<>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    rows.add(reader.read(result));
                }
            }
            return rows;
        } catch (SQLException e) {
            throw new StatementFailure(e);
        }
    }

    /** Cuts the connection; from any thread. */
    void abort() {
        executor.abort();
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            executor.abort();
        }
    }

    private static long number(Tuple row, int column) {
        byte[] digits = row.get(column);
        long value = 0;
        for (byte digit : digits == null ? new byte[0] : digits) {
            value = value * 10 + digit - '0';
        }
        return value;
    }

    private static final class ScriptResults extends ResultHandlerBase {

        private final SqlScript script;
        private final Counts counts;
        int index;

        ScriptResults(SqlScript script, Counts counts) {
            this.script = script;
            this.counts = counts;
        }

        @Override
        public void handleResultRows(
                Query query,
                Field @Nullable [] fields,
                List<Tuple> rows,
                @Nullable ResultCursor cursor) {
            counts.ran(index++, rows.size());
        }

        @Override
        public void handleCommandStatus(String status, long rows, long insertOid) {
            // COMMIT of a transaction that failed says ROLLBACK and is no error
            if (script.part(index) == SqlScript.Part.COMMIT && !status.equals("COMMIT")) {
                handleError(
                        new PSQLException(
                                "COMMIT was answered with " + status,
                                PSQLState.IN_FAILED_SQL_TRANSACTION));
                return;
            }
            counts.ran(index++, rows);
        }

        @Override
        public void handleWarning(SQLWarning warning) {}
    }

    private static final class SetResults extends ResultHandlerBase {

        long updated;
        List<Tuple> rows = List.of();

        @Override
        public void handleResultRows(
                Query query,
                Field @Nullable [] fields,
                List<Tuple> result,
                @Nullable ResultCursor cursor) {
            rows = result;
        }

        @Override
        public void handleCommandStatus(String status, long changed, long insertOid) {
            updated = changed;
        }

        @Override
        public void handleWarning(SQLWarning warning) {}
    }
}
