package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.core.schema.postgres.CatalogReader;
import io.heliosdb.replication.core.schema.postgres.PendingDdl;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DdlRules;
import io.heliosdb.replication.model.config.DdlTag;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Alters a target for a copy, within its rules; what the server refuses of one table is undone. */
final class AlignedTarget {

    private static final Logger LOG = LoggerFactory.getLogger(AlignedTarget.class);

    /** Object not in prerequisite state. */
    static final String NOT_ALLOWED = "55000";

    private static final String DATATYPE_MISMATCH = "42804";
    private static final String DEPENDED_ON = "2BP01";

    /** Foreign keys to a table: their tables, and names. */
    private static final String REFERENCES =
            """
            SELECT n.nspname, c.relname, k.conname
            FROM pg_catalog.pg_constraint k
            JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_class t ON t.oid = k.confrelid
            JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
            WHERE k.contype = 'f' AND k.conparentid = 0 AND tn.nspname = ? AND t.relname = ?
            """;

    private final Connection target;
    private final DdlRules rules;
    private boolean altered;

    AlignedTarget(Connection target, DdlRules rules) {
        this.target = target;
        this.rules = rules;
    }

    /** Whether anything is not as it was read. */
    boolean isAltered() {
        return altered;
    }

    void altered() {
        altered = true;
    }

    interface Step {
        void run() throws SQLException;
    }

    /** All of it or nothing; what the server refuses keeps the table where it was. */
    void attempt(AlignedTable table, Step step) throws SQLException {
        if (table.refused) {
            return;
        }
        Savepoint savepoint = target.setSavepoint();
        TableId at = table.at;
        try {
            step.run();
            target.releaseSavepoint(savepoint);
        } catch (SQLException e) {
            if (!isRefusal(e)) {
                throw e;
            }
            target.rollback(savepoint);
            table.refused = true;
            table.at = at;
            LOG.warn(
                    "target table not brought to the shape of the copy table={} cause={}",
                    table.name(),
                    e.getMessage());
        }
    }

    /** Whether the server said no, as opposed to being unwell or in conflict; or we did. */
    private static boolean isRefusal(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.startsWith("42")
                || state.startsWith("2")
                || state.startsWith("0A")
                || state.equals(NOT_ALLOWED);
    }

    void run(DdlTag tag, String sql) throws SQLException {
        allow(tag, sql);
        altered = true;
        execute(sql);
    }

    void allow(DdlTag tag, String sql) throws SQLException {
        if (!rules.allows(tag)) {
            throw new SQLException("ddl-allow lacks " + tag.text() + ": " + sql, NOT_ALLOWED);
        }
    }

    Map<TableId, TableDefinition> tables(Set<TableId> names) throws SQLException {
        return CatalogReader.tables(target, names);
    }

    @Nullable TableDefinition table(TableId id) throws SQLException {
        return tables(Set.of(id)).get(id);
    }

    /** As {@link PendingDdl#forget}. */
    void forgetPending(TableId table) throws SQLException {
        PendingDdl.forget(target, table);
    }

    /** As {@link PendingDdl#takeIndexes}, run; whether foreign keys are left to be asked for. */
    boolean buildPending(TableId table) throws SQLException {
        for (String sql : PendingDdl.takeIndexes(target, table)) {
            altered = true;
            execute(sql);
        }
        return PendingDdl.forget(target, table);
    }

    void executeAll(List<String> statements) throws SQLException {
        for (String sql : statements) {
            altered = true;
            execute(sql);
        }
    }

    /** What came of statements; nothing is done but if they all are. */
    enum Outcome {
        DONE,
        /** A type does not become another by itself. */
        NO_CAST,
        /** A key is referred to. */
        REFERRED_TO
    }

    /** As {@link #executeAll}. */
    Outcome tryAll(List<String> statements) throws SQLException {
        Savepoint savepoint = target.setSavepoint();
        try {
            executeAll(statements);
            target.releaseSavepoint(savepoint);
            return Outcome.DONE;
        } catch (SQLException e) {
            boolean cast = DATATYPE_MISMATCH.equals(e.getSQLState());
            if (!cast && !DEPENDED_ON.equals(e.getSQLState())) {
                throw e;
            }
            target.rollback(savepoint);
            return cast ? Outcome.NO_CAST : Outcome.REFERRED_TO;
        }
    }

    /** A foreign key. */
    record Reference(TableId table, String name) {}

    List<Reference> referencesTo(TableId table) throws SQLException {
        List<Reference> references = new ArrayList<>();
        try (PreparedStatement query = target.prepareStatement(REFERENCES)) {
            query.setString(1, table.schema());
            query.setString(2, table.name());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    references.add(
                            new Reference(
                                    new TableId(row.getString(1), row.getString(2)),
                                    row.getString(3)));
                }
            }
        }
        return references;
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = target.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }
}
