package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.model.TableId;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Statements that make the rows of some tenants in a target table the same as those in a temporary
 * table, by the text of whole rows. What is the same is not touched.
 *
 * <p>Rows belong together by a key of the target; without one they are a multiset. Whatever is
 * wrong and cannot be changed in place goes before what is missing comes, so unique values may
 * change places.
 */
final class MendSql {

    /** A usable key of a table of the target: not null, unique, the primary key first. */
    static final String KEYS =
            """
            SELECT array_agg(a.attname::text ORDER BY k.n)
            FROM pg_catalog.pg_index i
            CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(att, n)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.att
            WHERE i.indrelid = ?::regclass AND i.indisunique AND i.indisvalid
              AND i.indpred IS NULL AND i.indexprs IS NULL AND k.n <= i.indnkeyatts
            GROUP BY i.indexrelid, i.indisprimary
            HAVING bool_and(a.attnotnull)
            ORDER BY i.indisprimary DESC, i.indexrelid
            """;

    static final String ANALYZE = "ANALYZE pg_temp.heliosdb_mend";
    static final String ANALYZE_WRONG = "ANALYZE pg_temp.heliosdb_wrong";
    static final String DROP = "DROP TABLE pg_temp.heliosdb_wrong, pg_temp.heliosdb_mend";

    /** By tenant, and whether the source has no such row: how many are wrong. */
    static final String COUNT_WRONG =
            "SELECT heliosdb_t, heliosdb_x, count(*) FROM pg_temp.heliosdb_wrong GROUP BY 1, 2";

    private final String table;
    private final String columns;
    private final List<String> names;
    private final boolean keyed;
    private final String mine;
    private final String theirs;
    private final String tenant;

    /**
     * @param only {@code ONLY } or nothing
     * @param names of the columns
     * @param key columns of a key; empty for none
     * @param tenant expression for the tenant of a row
     * @param where condition for the tenants' rows in the target, or empty
     */
    MendSql(
            TableId id,
            String only,
            List<String> names,
            List<String> key,
            String tenant,
            String where) {
        this.table = only + id.quoted();
        this.names = names;
        this.columns = list(names);
        this.keyed = !key.isEmpty();
        this.tenant = tenant;
        String keyAndRow =
                ", ROW(%s)::text AS heliosdb_k, ROW(%s)::text AS heliosdb_r"
                        .formatted(keyed ? list(key) : columns, columns);
        this.mine =
                "(SELECT tableoid AS heliosdb_o, ctid AS heliosdb_c, "
                        + tenant
                        + " AS heliosdb_t"
                        + keyAndRow
                        + " FROM "
                        + table
                        + (where.isEmpty() ? "" : " WHERE " + where)
                        + ") AS m";
        this.theirs = "(SELECT *" + keyAndRow + " FROM pg_temp.heliosdb_mend) AS s";
    }

    private static String list(List<String> names) {
        return names.stream().map(TableId::quote).collect(Collectors.joining(", "));
    }

    /** Where the rows of the source go; gone with the transaction. */
    String create() {
        return "CREATE TEMP TABLE heliosdb_mend ON COMMIT DROP AS SELECT "
                + columns
                + " FROM "
                + table
                + " WITH NO DATA";
    }

    String copyIn(CopyFormat format) {
        return "COPY pg_temp.heliosdb_mend (" + columns + ") FROM STDIN" + format.options();
    }

    /** Which rows of the target are wrong, and which of those the source does not have at all. */
    String findWrong() {
        String wrong =
                keyed
                        ? """
                          SELECT heliosdb_o, heliosdb_c, heliosdb_t, m.heliosdb_k,
                                 s.heliosdb_k IS NULL AS heliosdb_x
                          FROM %s LEFT JOIN %s ON s.heliosdb_k = m.heliosdb_k
                          WHERE s.heliosdb_r IS DISTINCT FROM m.heliosdb_r
                          """
                                .formatted(mine, theirs)
                        : """
                          SELECT heliosdb_o, heliosdb_c, heliosdb_t, heliosdb_k, true AS heliosdb_x
                          FROM (SELECT *, row_number() OVER (PARTITION BY heliosdb_r) AS heliosdb_n
                                FROM %s) AS m
                          LEFT JOIN (SELECT heliosdb_r, count(*) AS n FROM %s GROUP BY 1) AS s
                               USING (heliosdb_r)
                          WHERE heliosdb_n > coalesce(s.n, 0)
                          """
                                .formatted(mine, theirs);
        return "CREATE TEMP TABLE heliosdb_wrong ON COMMIT DROP AS " + wrong;
    }

    /** Deletes what the source does not have. */
    String deleteExtra() {
        return delete() + " AND w.heliosdb_x";
    }

    /** Deletes all that is wrong. */
    String deleteWrong() {
        return delete() + " AND NOT w.heliosdb_x";
    }

    private String delete() {
        return "DELETE FROM "
                + table
                + " AS d USING pg_temp.heliosdb_wrong AS w"
                + " WHERE d.tableoid = w.heliosdb_o AND d.ctid = w.heliosdb_c";
    }

    /** Changes rows in place, so that columns that only the target has keep their values. */
    String update() {
        String sets =
                names.stream()
                        .map(TableId::quote)
                        .map(name -> name + " = s." + name)
                        .collect(Collectors.joining(", "));
        return "UPDATE "
                + table
                + " AS d SET "
                + sets
                + " FROM pg_temp.heliosdb_wrong AS w JOIN "
                + theirs
                + " ON s.heliosdb_k = w.heliosdb_k"
                + " WHERE d.tableoid = w.heliosdb_o AND d.ctid = w.heliosdb_c AND NOT w.heliosdb_x";
    }

    /** Inserts what the target does not have; returns tenants and numbers. */
    String insertMissing() {
        String missing =
                keyed
                        ? "%s WHERE NOT EXISTS (SELECT FROM %s WHERE m.heliosdb_k = s.heliosdb_k)"
                                .formatted(theirs, mine)
                        : """
                          (SELECT *, row_number() OVER (PARTITION BY heliosdb_r) AS heliosdb_n
                           FROM %s) AS s
                          LEFT JOIN (SELECT heliosdb_r, count(*) AS n FROM %s GROUP BY 1) AS m
                               USING (heliosdb_r)
                          WHERE heliosdb_n > coalesce(m.n, 0)
                          """
                                .formatted(theirs, mine);
        String own =
                names.stream()
                        .map(name -> "s." + TableId.quote(name))
                        .collect(Collectors.joining(", "));
        return "WITH added AS (INSERT INTO "
                + table.replaceFirst("^ONLY ", "")
                + " ("
                + columns
                + ") OVERRIDING SYSTEM VALUE SELECT "
                + own
                + " FROM "
                + missing
                + " RETURNING "
                + tenant
                + " AS heliosdb_t) SELECT heliosdb_t, count(*) FROM added GROUP BY 1";
    }
}
