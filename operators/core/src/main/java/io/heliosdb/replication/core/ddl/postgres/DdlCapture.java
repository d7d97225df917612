package io.heliosdb.replication.core.ddl.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliosdb.replication.core.signed.postgres.SigningSql;
import io.heliosdb.replication.model.TableId;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** What captures DDL at a source. */
public final class DdlCapture {

    private static final String RESOURCE = "/io/heliosdb/replication/core/ddl/capture.sql";

    /** Read only: whether DDL is captured. */
    public static final String INSTALLED =
            """
            SELECT count(*) = 3 FROM pg_catalog.pg_event_trigger
            WHERE evtname IN ('heliosdb_ddl_drop', 'heliosdb_ddl_rewrite', 'heliosdb_ddl_command_end')
              AND evtenabled = 'A'
            """;

    /** Read only: whether DDL is captured, and tables can be asked for by {@link #DEFINITIONS}. */
    public static final String READABLE =
            """
            SELECT count(*) = 1 AND (SELECT count(*) = 3 FROM pg_catalog.pg_event_trigger
                                     WHERE evtname LIKE 'heliosdb\\_ddl\\_%' AND evtenabled = 'A')
            FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname = 'heliosdb' AND p.proname = 'ddl_table_definition'
              AND has_schema_privilege(n.oid, 'USAGE') AND has_function_privilege(p.oid, 'EXECUTE')
            """;

    /**
     * Read only: the tables of these names and numbers as far as they exist, and all that is above
     * and below them: partitions, and what inherits.
     */
    public static final String DEFINITIONS =
            """
            WITH RECURSIVE trees AS (
                (SELECT c.oid FROM unnest(?::text[], ?::text[]) AS t (schema_name, table_name)
                 JOIN pg_catalog.pg_namespace n ON n.nspname = t.schema_name
                 JOIN pg_catalog.pg_class c
                   ON c.relnamespace = n.oid AND c.relname = t.table_name
                 UNION
                 SELECT c.oid FROM unnest(?::bigint[]) AS t (number)
                 JOIN pg_catalog.pg_class c ON c.oid = t.number::oid)
                UNION
                SELECT other.oid FROM trees CROSS JOIN LATERAL (
                    SELECT i.inhparent FROM pg_catalog.pg_inherits i WHERE i.inhrelid = trees.oid
                    UNION ALL
                    SELECT i.inhrelid FROM pg_catalog.pg_inherits i
                    WHERE i.inhparent = trees.oid) AS other (oid))
            SELECT d.definition::text
            FROM trees CROSS JOIN LATERAL heliosdb.ddl_table_definition(trees.oid) AS d (definition)
            WHERE d.definition IS NOT NULL
            ORDER BY trees.oid
            """;

    /** Read only: by what numbers the source knows its tables. */
    public static final String NUMBERS =
            """
            SELECT c.oid::bigint FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema'
              AND n.nspname !~ '^pg_'
            """;

    /**
     * Read only: changes when any of these tables is altered. Of what a snapshot sees and of what
     * there is now it is the same iff nothing was altered meanwhile.
     */
    public static final String FINGERPRINT =
            """
            SELECT md5(string_agg(f, ',' ORDER BY f)) FROM (
                SELECT 'c' || c.oid || ' ' || c.xmin FROM pg_catalog.pg_class c
                WHERE c.oid = ANY (?::bigint[]::oid[])
                UNION ALL
                SELECT 'a' || a.attrelid || ' ' || a.attnum || ' ' || a.xmin
                FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = ANY (?::bigint[]::oid[]) AND a.attnum > 0
                UNION ALL
                SELECT 'd' || d.oid || ' ' || d.xmin FROM pg_catalog.pg_attrdef d
                WHERE d.adrelid = ANY (?::bigint[]::oid[])
                UNION ALL
                SELECT 'k' || k.oid || ' ' || k.xmin FROM pg_catalog.pg_constraint k
                WHERE k.conrelid = ANY (?::bigint[]::oid[])
                UNION ALL
                SELECT 'i' || i.indexrelid || ' ' || i.xmin || ' ' || x.xmin
                FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
                WHERE i.indrelid = ANY (?::bigint[]::oid[])
                UNION ALL
                SELECT 'h' || h.inhrelid || ' ' || h.inhparent FROM pg_catalog.pg_inherits h
                WHERE h.inhparent = ANY (?::bigint[]::oid[])
                   OR h.inhrelid = ANY (?::bigint[]::oid[])) AS t (f)
            """;

    private DdlCapture() {}

    /**
     * Statements for the source, each idempotent, to be run by a superuser in this order: signing,
     * and event triggers whose messages this role can verify. They remember what every table is
     * like now; DDL of before is not told of.
     */
    public static List<String> install(String role) {
        List<String> statements = new ArrayList<>(SigningSql.install(role));
        try (InputStream resource = DdlCapture.class.getResourceAsStream(RESOURCE)) {
            if (resource == null) {
                throw new IllegalStateException(RESOURCE + " is missing");
            }
            String text = new String(resource.readAllBytes(), UTF_8);
            for (String statement : text.split("(?m)^--$")) {
                statements.add(statement.strip());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        statements.add(
                "GRANT EXECUTE ON FUNCTION heliosdb.ddl_table_definition(oid),"
                        + " heliosdb.ddl_sequence_definition(oid) TO "
                        + TableId.quote(role));
        return statements;
    }
}
