package io.heliosdb.replication.testkit.random;

import static io.heliosdb.replication.testkit.random.RandomDdl.one;

import io.heliosdb.replication.testkit.random.ChangingTable.Column;
import io.heliosdb.replication.testkit.random.RandomStatements.Catalog;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;

/** Constraints, indexes, identities, types and sequences that come and go. */
final class ConstraintChanges {

    private static final String INDEXES =
            """
            SELECT n.nspname || '.' || c.relname FROM pg_index i
            JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relname LIKE 'ix\\_%' ORDER BY 1
            """;

    private static final String CONSTRAINTS =
            """
            SELECT k.conname, k.contype, k.convalidated FROM pg_constraint k
            WHERE k.conrelid = '%s'::regclass AND (k.conname LIKE 'k\\_%%' OR k.contype = 'f' AND %s)
            ORDER BY 1
            """;

    private static final String KEY =
            "SELECT k.conname FROM pg_constraint k WHERE k.conrelid = '%s'::regclass AND k.contype = 'p'";

    private static final int LABELS = 30;

    private ConstraintChanges() {}

    static String of(Random random, Catalog catalog) throws SQLException {
        int kind = random.nextInt(20);
        if (kind < 2) {
            return label(random, catalog);
        } else if (kind < 4) {
            return object(random);
        } else if (kind < 8) {
            return index(random, catalog, "");
        }
        ChangingTable table = ChangingTable.any(random, catalog, kind > 10, false);
        if (table == null || table.columns().isEmpty()) {
            return "SELECT 1";
        }
        String alter = "ALTER TABLE " + table.name() + " ";
        if (kind < 14) {
            return constraint(random, catalog, table, alter);
        } else if (kind < 16 && !table.partitioned()) {
            return alter + "REPLICA IDENTITY " + one(random, "FULL", "DEFAULT");
        } else if (kind < 18) {
            List<List<String>> key = catalog.rows(KEY.formatted(table.name()));
            if (key.isEmpty()) {
                return alter + "ADD PRIMARY KEY (tenant_id, id)";
            }
            return table.identity() == 'f'
                    ? alter + "DROP CONSTRAINT " + key.get(0).get(0)
                    : alter
                            + "DROP CONSTRAINT "
                            + key.get(0).get(0)
                            + ", ADD PRIMARY KEY (id, tenant_id)";
        }
        return alter + one(random, "SET (fillfactor = 80)", "RESET (fillfactor)");
    }

    /** What only goes outside of a transaction. */
    static String alone(Random random, Catalog catalog) throws SQLException {
        return index(random, catalog, "CONCURRENTLY ");
    }

    private static String index(Random random, Catalog catalog, String how) throws SQLException {
        List<List<String>> there = catalog.rows(INDEXES);
        if (there.size() > 20 || !there.isEmpty() && random.nextInt(3) == 0) {
            String index = one(random, there).get(0);
            return random.nextInt(4) == 0 && how.isEmpty()
                    ? "ALTER INDEX " + index + " RENAME TO ix_" + random.nextInt(10_000)
                    : "DROP INDEX " + how + index;
        }
        ChangingTable table = ChangingTable.any(random, catalog, random.nextBoolean(), false);
        if (table == null || table.changing().isEmpty()) {
            return "SELECT 1";
        }
        Column column = one(random, table.changing());
        String name = how + "ix_" + random.nextInt(10_000) + " ON " + table.name() + " ";
        return switch (random.nextInt(4)) {
            case 0 -> "CREATE INDEX " + name + "((" + column.name() + "::text) DESC)";
            case 1 ->
                    "CREATE INDEX "
                            + name
                            + "("
                            + table.key()
                            + ", "
                            + column.name()
                            + ") WHERE "
                            + column.name()
                            + " IS NOT NULL";
            case 2 ->
                    table.has("id")
                            ? "CREATE UNIQUE INDEX "
                                    + name
                                    + "("
                                    + table.key()
                                    + ", id, "
                                    + column.name()
                                    + ")"
                            : "CREATE INDEX " + name + "(" + table.key() + ")";
            default -> "CREATE INDEX " + name + "USING hash (" + column.name() + ")";
        };
    }

    private static String constraint(
            Random random, Catalog catalog, ChangingTable table, String alter) throws SQLException {
        List<List<String>> there = catalog.rows(CONSTRAINTS.formatted(table.name(), table.free()));
        if (!there.isEmpty() && (there.size() > 3 || random.nextBoolean())) {
            List<String> constraint = one(random, there);
            return constraint.get(2).equals("f") && random.nextBoolean()
                    ? alter + "VALIDATE CONSTRAINT " + constraint.get(0)
                    : alter + "DROP CONSTRAINT " + constraint.get(0);
        }
        if (table.changing().isEmpty()) {
            return "SELECT 1";
        }
        String column = one(random, table.changing()).name();
        String add = alter + "ADD CONSTRAINT k_" + random.nextInt(10_000) + " ";
        return add
                + switch (random.nextInt(4)) {
                    case 0 -> "CHECK (length(" + column + "::text) < 2000)";
                    case 1 -> "CHECK (" + column + " IS NULL OR 2 > 1) NOT VALID";
                    case 2 ->
                            table.has("id")
                                    ? "UNIQUE (" + table.key() + ", id, " + column + ")"
                                    : "CHECK (3 > 2)";
                    default ->
                            table.has("id")
                                    ? "UNIQUE ("
                                            + table.key()
                                            + ", id, "
                                            + column
                                            + ") DEFERRABLE INITIALLY DEFERRED"
                                    : "CHECK (4 > 2)";
                };
    }

    private static String label(Random random, Catalog catalog) throws SQLException {
        List<List<String>> labels =
                catalog.rows(
                        "SELECT enumlabel FROM pg_enum WHERE enumtypid = 'mood'::regtype"
                                + " ORDER BY enumsortorder");
        String any = one(random, labels).get(0);
        // None is renamed: rows of before, of a replication that is behind, have the old name.
        return labels.size() >= LABELS
                ? "SELECT 1"
                : "ALTER TYPE mood ADD VALUE 'm"
                        + random.nextInt(10_000)
                        + one(random, "' BEFORE '", "' AFTER '")
                        + any
                        + "'";
    }

    private static String object(Random random) {
        int number = 1 + random.nextInt(4);
        return switch (random.nextInt(6)) {
            case 0 -> "CREATE SEQUENCE seq_" + number + " INCREMENT " + number;
            case 1 -> "DROP SEQUENCE seq_" + number;
            case 2 ->
                    "ALTER SEQUENCE seq_" + random.nextInt(5) + " CACHE " + (1 + random.nextInt(9));
            case 3 -> "CREATE TYPE kind_" + number + " AS ENUM ('x')";
            case 4 -> "DROP TYPE kind_" + number;
            default ->
                    "CREATE DOMAIN word_"
                            + random.nextInt(1000)
                            + " AS text CHECK (length(VALUE) < 900)";
        };
    }
}
