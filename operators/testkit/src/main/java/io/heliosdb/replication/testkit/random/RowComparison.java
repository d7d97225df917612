package io.heliosdb.replication.testkit.random;

import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Whether a target holds exactly the rows of some tenants. Knows nothing of the product: compares
 * the text of all rows of every table of the source outside of {@code heliosdb}, partitions and
 * all, column by column name. Both sides must be at rest.
 */
public final class RowComparison {

    private static final String TABLES =
            """
            SELECT n.nspname, c.relname, c.relkind = 'p',
                   (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname)
                    FROM pg_attribute a
                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
                   EXISTS (SELECT FROM pg_attribute a
                           WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
              AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'heliosdb')
            ORDER BY 1, 2
            """;

    private static final int SHOWN = 5;

    private final PostgresServer sourceServer;
    private final String source;
    private final PostgresServer targetServer;
    private final String target;

    public RowComparison(
            PostgresServer sourceServer,
            String source,
            PostgresServer targetServer,
            String target) {
        this.sourceServer = sourceServer;
        this.source = source;
        this.targetServer = targetServer;
        this.target = target;
    }

    /**
     * What differs, a line per table; empty if nothing does.
     *
     * @param tenants that the target shall hold, {@code _reference} for the reference tables
     */
    public String difference(List<String> tenants) throws SQLException {
        List<String> lines = new ArrayList<>();
        try (Connection left = sourceServer.connect(source);
                Connection right = targetServer.connect(target)) {
            for (Map.Entry<String, String> table : selects(left, tenants).entrySet()) {
                String line = difference(left, right, table.getValue());
                if (!line.isEmpty()) {
                    lines.add(table.getKey() + ": " + line);
                }
            }
        }
        return String.join("\n", lines);
    }

    /** Rows of all tables that are compared, at the source. */
    public long rows(List<String> tenants) throws SQLException {
        long rows = 0;
        try (Connection left = sourceServer.connect(source)) {
            for (String select : selects(left, tenants).values()) {
                rows += counted(left, select).values().stream().mapToLong(Long::longValue).sum();
            }
        }
        return rows;
    }

    /** The query of each table's rows of these tenants. */
    private static Map<String, String> selects(Connection connection, List<String> tenants)
            throws SQLException {
        String names =
                tenants.stream()
                        .map(tenant -> "'" + tenant + "'")
                        .collect(Collectors.joining(", "));
        Map<String, String> selects = new LinkedHashMap<>();
        try (PreparedStatement query = connection.prepareStatement(TABLES);
                ResultSet row = query.executeQuery()) {
            while (row.next()) {
                String table = row.getString(1) + "." + row.getString(2);
                String key = RandomTables.COLUMN_BY_TABLE.get(table);
                String where = "";
                Matcher own =
                        Pattern.compile(RandomTables.SCHEMA_PATTERN).matcher(row.getString(1));
                if (key != null || row.getBoolean(5)) {
                    where = " WHERE " + (key == null ? "tenant_id" : key) + " IN (" + names + ")";
                } else if (RandomTables.REFERENCE_TABLES.contains(table)
                        ? !tenants.contains("_reference")
                        : !own.matches() || !tenants.contains(own.group(1))) {
                    continue;
                }
                selects.put(
                        table,
                        "SELECT ROW(%s)::text FROM %s%s%s"
                                .formatted(
                                        row.getString(4),
                                        row.getBoolean(3) ? "" : "ONLY ",
                                        table,
                                        where));
            }
        }
        return selects;
    }

    private static String difference(Connection left, Connection right, String select)
            throws SQLException {
        Map<String, Long> missing = counted(left, select);
        Map<String, Long> extra = counted(right, select);
        for (Map.Entry<String, Long> row : List.copyOf(missing.entrySet())) {
            long both = Math.min(row.getValue(), extra.getOrDefault(row.getKey(), 0L));
            take(missing, row.getKey(), both);
            take(extra, row.getKey(), both);
        }
        return missing.isEmpty() && extra.isEmpty()
                ? ""
                : "missing %d: %s, extra %d: %s"
                        .formatted(missing.size(), some(missing), extra.size(), some(extra));
    }

    private static void take(Map<String, Long> rows, String row, long count) {
        rows.computeIfPresent(
                row, (key, there) -> there > count ? Long.valueOf(there - count) : null);
    }

    private static Map<String, Long> counted(Connection connection, String select)
            throws SQLException {
        Map<String, Long> rows = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(select)) {
            while (row.next()) {
                rows.merge(row.getString(1), 1L, Long::sum);
            }
        }
        return rows;
    }

    private static List<String> some(Map<String, Long> rows) {
        return rows.keySet().stream()
                .limit(SHOWN)
                .map(row -> row.length() > 120 ? row.substring(0, 120) + "…" : row)
                .toList();
    }
}
