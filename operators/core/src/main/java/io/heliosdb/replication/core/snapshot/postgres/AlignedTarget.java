package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.core.schema.postgres.CatalogReader;
import io.heliosdb.replication.core.schema.postgres.PendingDdl;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DdlRules;
import io.heliosdb.replication.model.config.DdlTag;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
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

    /** As above; false, and nothing done, if a type does not become another by itself. */
    boolean converts(List<String> statements) throws SQLException {
        Savepoint savepoint = target.setSavepoint();
        try {
            executeAll(statements);
            target.releaseSavepoint(savepoint);
            return true;
        } catch (SQLException e) {
            if (!DATATYPE_MISMATCH.equals(e.getSQLState())) {
                throw e;
            }
            target.rollback(savepoint);
            return false;
        }
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = target.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }
}
