package io.heliosdb.replication.testkit.random;

import static io.heliosdb.replication.testkit.random.RandomDdl.one;

import io.heliosdb.replication.testkit.random.ChangingTable.Column;
import io.heliosdb.replication.testkit.random.RandomStatements.Catalog;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;

/** Columns that come, go, and become something else. */
final class ColumnChanges {

    /** More than these a table need not have. */
    private static final int MOST = 8;

    private ColumnChanges() {}

    static String of(Random random, Catalog catalog) throws SQLException {
        ChangingTable table =
                ChangingTable.any(random, catalog, random.nextBoolean(), random.nextInt(9) == 0);
        if (table == null) {
            return "SELECT 1";
        }
        List<Column> columns = table.changing();
        String alter = "ALTER TABLE " + table.name() + " ";
        int kind = random.nextInt(24);
        if (columns.isEmpty() || kind < 7 && columns.size() < MOST) {
            return alter
                    + added(random, table)
                    + (random.nextInt(5) == 0 ? ", " + added(random, table) : "");
        }
        Column column = one(random, columns);
        if (kind < 10 || columns.size() > MOST) {
            return alter
                    + "DROP COLUMN "
                    + column.name()
                    + (random.nextInt(4) == 0 ? ", " + added(random, table) : "");
        } else if (kind < 12) {
            return alter + "RENAME COLUMN " + column.name() + " TO c" + random.nextInt(100);
        } else if (kind == 12 && columns.size() > 1) {
            String other = one(random, columns).name();
            return alter
                    + "RENAME COLUMN "
                    + column.name()
                    + " TO between; "
                    + alter
                    + "RENAME COLUMN "
                    + other
                    + " TO "
                    + column.name()
                    + "; "
                    + alter
                    + "RENAME COLUMN between TO "
                    + other;
        } else if (kind < 16) {
            return table.isCopied() ? type(random, alter, column) : widened(alter, column);
        } else if (kind < 18) {
            return alter
                    + "ALTER COLUMN "
                    + column.name()
                    + (random.nextInt(3) == 0 && (table.free() || !column.notNull())
                            ? " DROP DEFAULT"
                            : " SET DEFAULT " + literal(random, column.type()));
        } else if (kind < 20) {
            return column.notNull()
                    ? alter + "ALTER COLUMN " + column.name() + " DROP NOT NULL"
                    : notNull(random, table, column);
        } else if (kind == 20) {
            return alter + "ALTER COLUMN " + column.name() + " DROP EXPRESSION";
        } else if (kind == 21) {
            return alter
                    + "ALTER COLUMN "
                    + column.name()
                    + one(random, " DROP IDENTITY", " SET GENERATED ALWAYS");
        }
        return "DO $$ BEGIN EXECUTE '"
                + alter
                + "ADD COLUMN c"
                + random.nextInt(100)
                + " int'; END $$";
    }

    private static String notNull(Random random, ChangingTable table, Column column) {
        if (!table.free() && !column.hasDefault()) {
            return "SELECT 1";
        }
        String literal = literal(random, column.type());
        return "UPDATE %s SET %s = %s WHERE %s IS NULL; ALTER TABLE %s ALTER COLUMN %s SET NOT NULL"
                .formatted(
                        table.name(),
                        column.name(),
                        literal,
                        column.name(),
                        table.name(),
                        column.name());
    }

    private static String added(Random random, ChangingTable table) {
        String add = "ADD COLUMN c" + random.nextInt(100) + " ";
        String type =
                one(
                        random,
                        "int",
                        "int",
                        "bigint",
                        "numeric",
                        "numeric(12,2)",
                        "text",
                        "text",
                        "varchar(40)",
                        "boolean",
                        "date",
                        "timestamptz",
                        "jsonb",
                        "uuid",
                        "int[]",
                        "mood");
        return switch (random.nextInt(16)) {
            case 0, 1, 2, 3, 4 -> add + type;
            case 5, 6, 7, 8 -> add + type + " DEFAULT " + literal(random, type);
            case 9, 10 -> add + type + " NOT NULL DEFAULT " + literal(random, type);
            case 11 -> add + "timestamptz DEFAULT now()";
            case 12 -> add + "varchar(20) COLLATE \"C\" DEFAULT 'c'";
            case 13 ->
                    table.has("id")
                            ? add + "int GENERATED ALWAYS AS (id % 10) STORED"
                            : add + "int CHECK (1 > 0)";
            case 14 ->
                    !table.isCopied()
                            ? add + "int"
                            : one(
                                    random,
                                    add + "uuid DEFAULT gen_random_uuid()",
                                    add + "int GENERATED BY DEFAULT AS IDENTITY",
                                    add + "serial",
                                    add + "bigint DEFAULT nextval('seq_0')");
            default ->
                    table.free() && !table.has("ref")
                            ? "ADD COLUMN ref int, ADD FOREIGN KEY (tenant_id, ref) REFERENCES parent (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE"
                            : add + "int CHECK (1 < 2)";
        };
    }

    /** A change that needs no copy: those tables may get another name before it. */
    private static String widened(String alter, Column column) {
        String to =
                switch (column.type().replaceFirst("\\(.*", "")) {
                    case "smallint" -> "integer";
                    case "integer" -> "bigint";
                    case "bigint" -> "numeric";
                    case "character varying" -> "text";
                    case "numeric", "uuid", "text" -> "text";
                    default -> column.type();
                };
        return alter + "ALTER COLUMN " + column.name() + " TYPE " + to;
    }

    private static String type(Random random, String alter, Column column) {
        String name = column.name();
        String base = column.type().replaceFirst("\\(.*", "");
        String to =
                switch (base) {
                    case "smallint" -> "integer";
                    case "integer" ->
                            one(
                                    random,
                                    "bigint",
                                    "numeric",
                                    "text",
                                    "smallint USING (" + name + " % 100)::smallint",
                                    "text USING 'x' || " + name);
                    case "bigint" ->
                            one(
                                    random,
                                    "numeric",
                                    "text",
                                    "integer USING (" + name + " % 1000)::int");
                    case "numeric" -> one(random, "text", "numeric(20,4)", "numeric");
                    case "text" ->
                            one(
                                    random,
                                    "varchar(200)",
                                    "text USING " + name + " || '!'",
                                    "integer USING length(" + name + ")");
                    case "character varying" -> one(random, "text", "varchar(300)");
                    case "boolean" -> "integer USING " + name + "::int";
                    case "uuid" -> "text";
                    case "date" -> one(random, "timestamptz", "text");
                    case "jsonb" -> one(random, "text", "json");
                    default -> "text";
                };
        return alter + "ALTER COLUMN " + name + " TYPE " + to;
    }

    private static String literal(Random random, String type) {
        String base = type.replaceFirst("\\(.*", "").strip();
        return switch (base) {
            case "text", "varchar", "character varying" -> "'d" + random.nextInt(9) + "'";
            case "boolean" -> "true";
            case "date", "timestamptz", "timestamp with time zone" ->
                    one(random, "'2021-02-03'", "now()", "'infinity'");
            case "json", "jsonb" -> "'{\"d\": 1.10}'";
            case "uuid" -> "'00000000-0000-0000-0000-00000000000" + random.nextInt(9) + "'";
            case "int[]", "integer[]" -> "'{1,NULL}'";
            case "mood" -> one(random, "'low'", "'high'");
            default -> Integer.toString(random.nextInt(9));
        };
    }
}
