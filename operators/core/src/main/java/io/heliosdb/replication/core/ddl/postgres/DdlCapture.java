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

    /** Read only: the tables of these names and all partitions of them, what is above first. */
    public static final String DEFINITIONS =
            """
            WITH named AS (
                SELECT c.oid FROM unnest(?::text[], ?::text[]) AS t (schema_name, table_name)
                JOIN pg_catalog.pg_namespace n ON n.nspname = t.schema_name
                JOIN pg_catalog.pg_class c
                  ON c.relnamespace = n.oid AND c.relname = t.table_name),
            trees AS (
                SELECT oid FROM named
                UNION SELECT p.relid::oid FROM named, pg_catalog.pg_partition_tree(named.oid) AS p)
            SELECT d.definition::text
            FROM trees CROSS JOIN LATERAL heliosdb.ddl_table_definition(trees.oid) AS d (definition)
            WHERE d.definition IS NOT NULL
            ORDER BY (SELECT count(*) FROM pg_catalog.pg_partition_ancestors(trees.oid)), trees.oid
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
