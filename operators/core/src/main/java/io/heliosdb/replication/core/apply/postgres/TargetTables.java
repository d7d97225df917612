package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.ApplyException.Kind;
import io.heliosdb.replication.core.ddl.DdlMessage;
import io.heliosdb.replication.core.ddl.DdlStatement;
import io.heliosdb.replication.core.ddl.Migration;
import io.heliosdb.replication.core.ddl.NewTable;
import io.heliosdb.replication.core.ddl.ObjectDdl;
import io.heliosdb.replication.core.ddl.TableChange;
import io.heliosdb.replication.core.ddl.TableMigration;
import io.heliosdb.replication.core.ddl.TableShape;
import io.heliosdb.replication.core.schema.SequenceDefinition;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.core.schema.postgres.CatalogReader;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DdlTag;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the target's catalog has, in the transaction that alters it. */
final class TargetTables {

    /** Relations, types and the like of this name. */
    private static final String OBJECT =
            """
            SELECT 1 FROM pg_catalog.pg_namespace n
            WHERE n.nspname = ?
              AND (EXISTS (SELECT FROM pg_catalog.pg_class c
                           WHERE c.relnamespace = n.oid AND c.relname = ?)
                   OR EXISTS (SELECT FROM pg_catalog.pg_type t
                              WHERE t.typnamespace = n.oid AND t.typname = ?))
            """;

    /** Labels and constraints of a type. */
    private static final String PARTS =
            """
            SELECT p.part
            FROM pg_catalog.pg_type t
            JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
            CROSS JOIN LATERAL (
                SELECT e.enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid
                UNION ALL
                SELECT k.conname::text FROM pg_catalog.pg_constraint k
                WHERE k.contypid = t.oid) AS p (part)
            WHERE n.nspname = ? AND t.typname = ?
            """;

    private final Backend backend;

    TargetTables(Backend backend) {
        this.backend = backend;
    }

    boolean hasObject(TableId id) throws StatementFailure {
        return !backend.select(OBJECT, row -> row.getInt(1), id.schema(), id.name(), id.name())
                .isEmpty();
    }

    /** What the target needs for this change. */
    Migration migration(TableChange change, DdlMessage message) throws StatementFailure {
        Set<TableId> wanted = new HashSet<>();
        wanted.add(change.idBefore());
        wanted.add(change.id());
        TableShape after = change.after();
        if (after != null) {
            if (after.definition().partitionOf() != null) {
                wanted.add(after.definition().partitionOf().parent());
            }
            wanted.addAll(after.definition().inherits());
        }
        Map<TableId, TableDefinition> found;
        try {
            found = CatalogReader.tables(backend.connection(), wanted);
        } catch (SQLException e) {
            throw new StatementFailure(e);
        }
        TableDefinition table = found.get(change.idBefore());
        if (table == null) {
            table = found.get(change.id());
        }
        TableShape before = change.before();
        if (after == null) {
            return table == null
                    ? Migration.NOTHING
                    : Migration.only(
                            List.of(
                                    new DdlStatement(
                                            DdlTag.DROP_TABLE,
                                            "DROP TABLE " + table.id().quoted())));
        }
        if (table == null) {
            return after.definition().unlogged()
                    ? Migration.NOTHING
                    : NewTable.create(after, found::containsKey);
        }
        return before == null
                ? Migration.NOTHING
                : withSequences(
                        before,
                        after,
                        TableMigration.alter(
                                before,
                                after,
                                table,
                                found,
                                change.rewritten(),
                                message.command()));
    }

    /** Sequences that columns take their defaults from, and that nothing here had needed before. */
    private Migration withSequences(TableShape before, TableShape after, Migration migration)
            throws StatementFailure {
        Set<String> known = new HashSet<>();
        // Those that the columns own move with the table.
        before.sequences().forEach(sequence -> known.add(sequence.id().name()));
        List<DdlStatement> ahead = new ArrayList<>();
        List<DdlStatement> behind = new ArrayList<>();
        for (SequenceDefinition sequence : after.sequences()) {
            if (!sequence.ofIdentity()
                    && !known.contains(sequence.id().name())
                    && !hasObject(sequence.id())) {
                NewTable.sequence(sequence, ahead, behind);
            }
        }
        return migration.around(ahead, behind);
    }

    /** What of the plan is left to do. */
    List<String> needed(ObjectDdl.Plan plan) throws StatementFailure {
        Set<String> parts = new HashSet<>();
        TableId type = plan.absent();
        if (type != null && plan.steps().stream().anyMatch(step -> step.is() != null)) {
            parts.addAll(
                    backend.select(PARTS, row -> row.getString(1), type.schema(), type.name()));
        }
        return plan.steps().stream()
                .filter(step -> step.isNeeded(parts))
                .map(ObjectDdl.Step::sql)
                .toList();
    }

    /** Runs all statements or none; a refusal is no failure. */
    void tryAll(TargetTransaction transaction, List<String> statements) throws StatementFailure {
        if (statements.isEmpty()) {
            return;
        }
        transaction.run("SAVEPOINT heliosdb_ddl");
        try {
            transaction.run(statements.toArray(String[]::new));
            transaction.run("RELEASE SAVEPOINT heliosdb_ddl");
        } catch (StatementFailure e) {
            if (SqlStates.kind(e.sqlState()) != Kind.REJECTED) {
                throw e;
            }
            transaction.run("ROLLBACK TO SAVEPOINT heliosdb_ddl", "RELEASE SAVEPOINT heliosdb_ddl");
        }
    }
}
