package io.heliosdb.replication.testkit.random;

import io.heliosdb.replication.testkit.random.RandomStatements.Catalog;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A table as a writer's transaction sees it, whatever DDL has made of it.
 *
 * @param name qualified
 * @param free whether it may be renamed, dropped and the like: no statement is written for it alone
 * @param identity as {@code pg_class.relreplident}
 */
record ChangingTable(
        String name,
        boolean free,
        boolean partitioned,
        boolean partition,
        char identity,
        List<Column> columns) {

    /** Schema of tables that were put aside for a while. */
    static final String ASIDE = "aside";

    /**
     * Columns that come with DDL are called {@code c} and a number: only those change, in whatever
     * table.
     */
    record Column(String name, String type, boolean notNull, boolean hasDefault, boolean computed) {
        boolean changes() {
            return name.matches("c\\d+");
        }

        /** Of row {@code g}. */
        String value() {
            String base = type.replaceFirst("\\(.*", "").strip();
            return switch (base) {
                case "smallint" -> "(g % 100)::smallint";
                case "integer" -> "g % 1000";
                case "bigint" -> "g * 1000003::bigint";
                case "numeric" -> "g / 7.0";
                case "double precision" -> "g * 0.1::float8";
                case "text" -> "'t' || g";
                case "character varying" -> "'v' || g % 1000";
                case "boolean" -> "g % 3 = 0";
                case "date" -> "date '2020-01-01' + g % 1000";
                case "timestamp with time zone" ->
                        "timestamptz '2020-01-01 00:00Z' + g * interval '1 s'";
                case "jsonb" -> "jsonb_build_object('g', g)";
                case "uuid" -> "md5(g::text)::uuid";
                case "integer[]" -> "ARRAY[g, NULL, g % 7]";
                case "mood" ->
                        "(SELECT m[1 + g % array_length(m, 1)] FROM enum_range(NULL::mood) m)";
                default -> "NULL";
            };
        }
    }

    private static final String TABLES =
            """
            SELECT n.nspname || '.' || c.relname, c.relname ~ '^(free|part)_', c.relkind = 'p',
                   c.relispartition, c.relreplident, c.oid
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('public', 'aside')
              AND c.relname <> 'country'
            ORDER BY 1
            """;

    private static final String COLUMNS =
            """
            SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atthasdef,
                   a.attgenerated <> '' OR a.attidentity <> ''
            FROM pg_attribute a
            WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
            """;

    /** Any of them that fits; null if none does. */
    static ChangingTable any(Random random, Catalog catalog, boolean free, boolean withPartitions)
            throws SQLException {
        List<List<String>> fitting = new ArrayList<>();
        for (List<String> row : catalog.rows(TABLES)) {
            if ((!free || row.get(1).equals("t")) && (withPartitions || row.get(3).equals("f"))) {
                fitting.add(row);
            }
        }
        if (fitting.isEmpty()) {
            return null;
        }
        List<String> row = fitting.get(random.nextInt(fitting.size()));
        List<Column> columns = new ArrayList<>();
        for (List<String> column : catalog.rows(COLUMNS.formatted(row.get(5)))) {
            columns.add(
                    new Column(
                            column.get(0),
                            column.get(1),
                            column.get(2).equals("t"),
                            column.get(3).equals("t"),
                            column.get(4).equals("t")));
        }
        return new ChangingTable(
                row.get(0),
                row.get(1).equals("t"),
                row.get(2).equals("t"),
                row.get(3).equals("t"),
                row.get(4).charAt(0),
                columns);
    }

    /**
     * Whether DDL may rewrite it, so that each replication copies it anew: not if it may get
     * another name before that, nor if its key does not hold the tenant, for its rows move between
     * replications that copy it at different times.
     */
    boolean isCopied() {
        return !free && !name.equals("public.moving") && !name.equals("public.indexed");
    }

    /** The tenant key column. */
    String key() {
        return RandomTables.COLUMN_BY_TABLE.getOrDefault(name, "tenant_id");
    }

    String unqualified() {
        return name.substring(name.indexOf('.') + 1);
    }

    boolean has(String column) {
        return columns.stream().anyMatch(it -> it.name.equals(column));
    }

    /** The columns that DDL has brought. */
    List<Column> changing() {
        return columns.stream().filter(Column::changes).toList();
    }
}
