package io.heliosdb.replication.core.ddl;

import io.heliosdb.replication.core.schema.TableDdl;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DdlTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What DDL asks of rows: NOT NULL, constraints, indexes. A target that several replications share
 * can meet it only when all of them have come past that DDL; until then it is remembered by a key,
 * and its statement is written anew from the table as it is then.
 */
public final class Tightening {

    private static final char NOT_NULL = 'n';
    private static final char CONSTRAINT = 'c';
    private static final char INDEX = 'i';

    private static final char IDENTIFYING = 'a';

    /** The index that names rows; by its letter behind all others. */
    static final String IDENTITY = IDENTIFYING + ":replica identity";

    private Tightening() {}

    static String notNull(int number) {
        return NOT_NULL + ":" + number;
    }

    /** The key of a constraint. */
    public static String constraint(String name) {
        return CONSTRAINT + ":" + name;
    }

    static String index(TableId index) {
        return INDEX + ":" + index.schema() + "\n" + index.name();
    }

    /**
     * The statements that meet one key; none if the source does not ask for it any more or the
     * target has it.
     *
     * @param now the source's table as it was told last
     * @param found the target's
     */
    public static List<String> statements(String key, TableShape now, TableDefinition found) {
        String name = key.substring(2);
        List<String> statements = new ArrayList<>();
        switch (key.charAt(0)) {
            case NOT_NULL -> {
                TableDefinition.Column column = now.column(Integer.parseInt(name));
                TableDefinition.Column has = column == null ? null : found.column(column.name());
                if (column != null && column.notNull() && has != null && !has.notNull()) {
                    statements.add(TableDdl.alterColumns(found, List.of(column), "SET NOT NULL"));
                }
            }
            case CONSTRAINT -> {
                for (TableDefinition.Constraint wanted : now.definition().constraints()) {
                    if (wanted.name().equals(name)) {
                        constraint(wanted, now.inherited().contains(name), found, statements);
                    }
                }
            }
            case INDEX -> {
                for (TableDefinition.Index wanted : now.definition().indexes()) {
                    if (index(wanted.id()).equals(key)
                            && found.indexes().stream()
                                    .noneMatch(it -> it.id().equals(wanted.id()))) {
                        statements.add(build(wanted.definition(), found.partitioned()));
                    }
                }
            }
            case IDENTIFYING -> {
                for (TableDefinition.Index wanted : now.definition().indexes()) {
                    if (wanted.identity()
                            && found.indexes().stream()
                                    .noneMatch(
                                            it -> it.identity() && it.id().equals(wanted.id()))) {
                        // Refused until that index is there.
                        statements.add(useIdentity(found.id(), wanted));
                    }
                }
            }
            default -> throw new IllegalStateException("tightening " + key);
        }
        return statements;
    }

    private static String useIdentity(TableId table, TableDefinition.Index index) {
        return "ALTER TABLE "
                + table.quoted()
                + " REPLICA IDENTITY USING INDEX "
                + TableId.quote(index.id().name());
    }

    /** What a key asks for, in the words of a statement. */
    static DdlStatement told(String key, TableShape now) {
        String name = key.substring(2);
        String table = "ALTER TABLE " + now.id().quoted();
        return switch (key.charAt(0)) {
            case NOT_NULL -> {
                TableDefinition.Column column =
                        Objects.requireNonNull(now.column(Integer.parseInt(name)));
                yield new DdlStatement(
                        DdlTag.NOT_NULL,
                        table + " ALTER COLUMN " + TableId.quote(column.name()) + " SET NOT NULL");
            }
            case CONSTRAINT ->
                    new DdlStatement(
                            DdlTag.CONSTRAINT,
                            now.definition().constraints().stream()
                                    .filter(it -> it.name().equals(name))
                                    .map(
                                            it ->
                                                    TableDdl.addConstraint(
                                                            "ALTER TABLE ",
                                                            now.definition(),
                                                            it,
                                                            ""))
                                    .findFirst()
                                    .orElse(table + " ADD CONSTRAINT " + TableId.quote(name)));
            case IDENTIFYING ->
                    new DdlStatement(
                            DdlTag.OPTIONS,
                            now.definition().indexes().stream()
                                    .filter(TableDefinition.Index::identity)
                                    .map(it -> useIdentity(now.id(), it))
                                    .findFirst()
                                    .orElse(table + " REPLICA IDENTITY USING INDEX"));
            default ->
                    new DdlStatement(
                            DdlTag.INDEX,
                            now.definition().indexes().stream()
                                    .filter(it -> index(it.id()).equals(key))
                                    .map(TableDefinition.Index::definition)
                                    .findFirst()
                                    .orElse("CREATE INDEX " + indexOf(key)));
        };
    }

    /** Without stopping writers, where PostgreSQL can do so. */
    private static String build(String definition, boolean partitioned) {
        return partitioned
                ? definition.replaceFirst(" ON ONLY ", " ON ")
                : definition.replaceFirst(
                        "^CREATE (UNIQUE )?INDEX ", "CREATE $1INDEX CONCURRENTLY ");
    }

    private static void constraint(
            TableDefinition.Constraint wanted,
            boolean inherited,
            TableDefinition found,
            List<String> statements) {
        boolean there = false;
        boolean validated = false;
        for (TableDefinition.Constraint has : found.constraints()) {
            if (has.name().equals(wanted.name())) {
                there = true;
                validated = has.validated();
            }
        }
        if (there || inherited) {
            // What is inherited comes with the parent's; until then this is refused.
            if (wanted.validated() && !validated) {
                statements.add(
                        "ALTER TABLE "
                                + found.id().quoted()
                                + " VALIDATE CONSTRAINT "
                                + TableId.quote(wanted.name()));
            }
            return;
        }
        statements.add(TableDdl.addConstraint("ALTER TABLE ", found, wanted, ""));
    }

    /** The index that a key is about. */
    public static TableId indexOf(String key) {
        int line = key.indexOf('\n');
        return new TableId(key.substring(2, line), key.substring(line + 1));
    }

    /** Whether the statement can only run outside a transaction, without stopping writers. */
    public static boolean isIndex(String key) {
        return key.charAt(0) == INDEX;
    }
}
