package io.heliosdb.replication.core.verify.postgres;

import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.core.verify.RowHash;
import io.heliosdb.replication.core.verify.VerifiedTable;
import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The statements of the verifier. All of them only read, and take no lock but ACCESS SHARE on what
 * they read.
 *
 * <p>Text of a value is {@code concat(value)}: that is the type's output function, as pgoutput
 * sends it, where a cast to text may differ (boolean, char(n)).
 */
final class VerifySql {

    /** The columns of tables (schema[], name[]) with what tells how to read them. */
    static final String COLUMNS =
            """
            SELECT n.nspname, c.relname, c.relkind, a.attname,
                   format_type(a.atttypid, a.atttypmod), a.attgenerated <> ''
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            JOIN unnest(?::text[], ?::text[]) AS wanted(schema, name)
              ON wanted.schema = n.nspname AND wanted.name = c.relname
            WHERE c.relkind IN ('r', 'p')
            ORDER BY 1, 2, a.attnum
            """;

    /**
     * The columns of the index that names rows, in index order: the replica identity index, else
     * the primary key, if it can be found in old images of the stream.
     */
    static final String KEYS =
            """
            SELECT n.nspname, c.relname, a.attname
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN unnest(?::text[], ?::text[]) AS wanted(schema, name)
              ON wanted.schema = n.nspname AND wanted.name = c.relname
            JOIN pg_index i ON i.indrelid = c.oid AND i.indisvalid AND i.indimmediate
             AND CASE WHEN c.relreplident = 'i' THEN i.indisreplident ELSE i.indisprimary END
            CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
            WHERE k.place <= i.indnkeyatts
            ORDER BY 1, 2, k.place
            """;

    static final String SYNCED_TABLES =
            """
            SELECT replication_id, schema_name, table_name, upper_lsn::text
            FROM heliosdb.table_sync
            """;

    /** What a slot of ours must wait for: transactions that write, oldest first. */
    static final String OPEN_WRITERS =
            """
            SELECT pid, application_name, (now() - xact_start)::text
            FROM pg_stat_activity
            WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
            ORDER BY xact_start
            LIMIT 3
            """;

    static final String SLOT =
            """
            SELECT active
            FROM pg_replication_slots
            WHERE slot_name = ? AND database = current_database() AND plugin = 'pgoutput'
            """;

    private VerifySql() {}

    /** Per tenant: tenant, rows, sum of row hashes. {@code where} is a condition or empty. */
    static String aggregates(VerifiedTable table, boolean partitioned, String where) {
        return "SELECT "
                + tenant(table)
                + ", count(*), sum("
                + RowHash.sql(quoted(table.compared()))
                + ")"
                + from(table, partitioned, where)
                + " GROUP BY 1";
    }

    /**
     * Rows by key: key columns, tenant, hash, then the compared columns' texts if asked for. One
     * text[] parameter per key column.
     */
    static String byKey(
            VerifiedTable table, boolean partitioned, List<String> keyTypes, boolean withValues) {
        List<String> selected = new ArrayList<>();
        table.key().forEach(column -> selected.add(text(column)));
        selected.add(tenant(table));
        selected.add(RowHash.sql(quoted(table.compared())));
        if (withValues) {
            table.compared().forEach(column -> selected.add(nullableText(column)));
        }
        List<String> names = new ArrayList<>();
        List<String> casts = new ArrayList<>();
        for (int i = 0; i < keyTypes.size(); i++) {
            names.add("k" + i);
            casts.add("CAST(wanted.k" + i + " AS " + keyTypes.get(i) + ")");
        }
        return "SELECT "
                + String.join(", ", selected)
                + from(
                        table,
                        partitioned,
                        "("
                                + String.join(", ", quoted(table.key()))
                                + ") IN (SELECT "
                                + String.join(", ", casts)
                                + " FROM unnest("
                                + names.stream()
                                        .map(name -> "?::text[]")
                                        .collect(Collectors.joining(", "))
                                + ") AS wanted("
                                + String.join(", ", names)
                                + "))");
    }

    /** Bucket, rows, sum of row hashes. One bigint parameter: the mask. */
    static String buckets(VerifiedTable table, boolean partitioned, String where) {
        return "SELECT "
                + bucketHash(table)
                + " & ?, count(*), sum("
                + RowHash.sql(quoted(table.compared()))
                + ")"
                + from(table, partitioned, where)
                + " GROUP BY 1";
    }

    /** Key columns (or ctid) and hash of rows in buckets. Parameters: mask, bigint[] of buckets. */
    static String inBuckets(VerifiedTable table, boolean partitioned, String where) {
        List<String> selected = new ArrayList<>();
        if (table.keyed()) {
            table.key().forEach(column -> selected.add(text(column)));
        } else {
            selected.add("ctid::text");
        }
        String condition = bucketHash(table) + " & ? = ANY (?)";
        return "SELECT "
                + String.join(", ", selected)
                + ", "
                + RowHash.sql(quoted(table.compared()))
                + from(
                        table,
                        partitioned,
                        where.isEmpty() ? condition : where + " AND " + condition);
    }

    private static String bucketHash(VerifiedTable table) {
        // A key column may be of a domain or bpchar: only its output text is the same everywhere.
        return RowHash.sql(quoted(table.keyed() ? table.key() : table.compared()));
    }

    private static String from(VerifiedTable table, boolean partitioned, String where) {
        List<String> conditions = new ArrayList<>();
        if (table.rowFilter() != null) {
            conditions.add("(" + table.rowFilter() + ")");
        }
        if (!where.isEmpty()) {
            conditions.add(where);
        }
        return " FROM "
                + (partitioned ? "" : "ONLY ")
                + table.id().quoted()
                + (conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions));
    }

    static String tenant(VerifiedTable table) {
        return table.tenantKey() instanceof TenantKey.Column column
                ? text(column.name())
                : literal(
                        table.tenantKey() instanceof TenantKey.Whole whole
                                ? whole.tenant().value()
                                : "");
    }

    static String text(String column) {
        return "concat(" + TableId.quote(column) + ")";
    }

    /** IS NOT DISTINCT FROM, because a composite of NULLs IS NULL and yet not NULL. */
    private static String nullableText(String column) {
        return "CASE WHEN "
                + TableId.quote(column)
                + " IS NOT DISTINCT FROM NULL THEN NULL ELSE "
                + text(column)
                + " END";
    }

    static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    private static List<String> quoted(List<String> columns) {
        return columns.stream().map(TableId::quote).toList();
    }
}
