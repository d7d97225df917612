package io.heliosdb.replication.testkit.random;

import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whether a target's tables are what the source's are: columns in no order, with type, default, NOT
 * NULL; constraints; indexes; their place among partitions; identity. Knows nothing of the product.
 */
public final class ShapeComparison {

    private static final String SHAPES =
            """
            SELECT n.nspname || '.' || c.relname,
                concat_ws(E'\\n',
                    c.relkind, c.relreplident, pg_get_expr(c.relpartbound, c.oid),
                    (SELECT i.inhparent::regclass::text FROM pg_inherits i WHERE i.inhrelid = c.oid),
                    (SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod),
                                           pg_get_expr(d.adbin, d.adrelid),
                                           CASE WHEN a.attnotnull THEN 'NOT NULL' END,
                                           a.attidentity, a.attgenerated), E'\\n' ORDER BY a.attname)
                     FROM pg_attribute a
                     LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
                    (SELECT string_agg(concat_ws(' ', k.conname, pg_get_constraintdef(k.oid)), E'\\n'
                                       ORDER BY k.conname)
                     FROM pg_constraint k
                     WHERE k.conrelid = c.oid AND k.contype IN ('p', 'u', 'x', 'c', 'f')
                       AND (k.contype <> 'f' OR k.conparentid = 0)),
                    (SELECT string_agg(pg_get_indexdef(i.indexrelid), E'\\n'
                                       ORDER BY i.indexrelid::regclass::text)
                     FROM pg_index i WHERE i.indrelid = c.oid AND i.indisvalid))
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('public', 'aside')
            UNION ALL
            SELECT 'type ' || t.typname,
                   (SELECT string_agg(e.enumlabel, ' ' ORDER BY e.enumsortorder) FROM pg_enum e
                    WHERE e.enumtypid = t.oid)
            FROM pg_type t WHERE t.typtype = 'e'
              AND EXISTS (SELECT FROM pg_attribute a WHERE a.atttypid = t.oid)
            """;

    private ShapeComparison() {}

    /**
     * What differs, in words; empty if nothing does. Tables that only the target has count.
     *
     * @param absent tables that the target need not have
     */
    public static String difference(
            PostgresServer sourceServer,
            String source,
            PostgresServer targetServer,
            String target,
            Collection<String> absent)
            throws SQLException {
        Map<String, String> wanted = shapes(sourceServer, source);
        wanted.keySet().removeAll(absent);
        Map<String, String> found = shapes(targetServer, target);
        List<String> lines = new ArrayList<>();
        wanted.forEach(
                (name, shape) -> {
                    String other = found.remove(name);
                    if (other == null) {
                        lines.add(name + " is missing");
                    } else if (!other.equals(shape)) {
                        lines.add(
                                name
                                        + " is\n  "
                                        + other.replace("\n", "\n  ")
                                        + "\nshall be\n  "
                                        + shape.replace("\n", "\n  "));
                    }
                });
        found.keySet().forEach(name -> lines.add(name + " is there still"));
        return String.join("\n", lines);
    }

    private static Map<String, String> shapes(PostgresServer server, String database)
            throws SQLException {
        Map<String, String> shapes = new TreeMap<>();
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(SHAPES)) {
            while (row.next()) {
                shapes.put(row.getString(1), String.valueOf(row.getString(2)));
            }
        }
        return shapes;
    }
}
