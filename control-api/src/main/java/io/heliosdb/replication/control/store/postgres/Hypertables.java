package io.heliosdb.replication.control.store.postgres;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes hypertables of series tables that are partitioned still, where TimescaleDB is installed in
 * the database. Each table in a transaction of its own: one that cannot be, stays partitioned and
 * is tried again when a store is next opened. Idempotent; of several processes one does it.
 */
final class Hypertables {

    private static final Logger LOG = LoggerFactory.getLogger(Hypertables.class);

    /** Nobody can write to a table while it is moved. */
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private static final String PARTITIONED =
            """
            SELECT d.table_name
            FROM data_retention_policies d JOIN pg_class c ON c.oid = d.table_name::regclass
            WHERE c.relkind = 'p' AND timescale_schema() IS NOT NULL
            ORDER BY d.table_name
            """;

    private Hypertables() {}

    static void adopt(Jdbi jdbi) {
        List<String> tables =
                jdbi.withHandle(
                        handle -> handle.createQuery(PARTITIONED).mapTo(String.class).list());
        for (String table : tables) {
            try {
                if (jdbi.inTransaction(handle -> make(handle, table))) {
                    LOG.info("hypertable made table={}", table);
                }
            } catch (JdbiException | SQLException e) {
                LOG.warn(
                        "table stays partitioned, hypertable not made table={} sqlstate={}",
                        table,
                        MetadataStore.sqlState(e),
                        e);
            }
        }
    }

    private static boolean make(Handle handle, String table) throws SQLException {
        // The pool sets its own back when it gets the connection.
        handle.getConnection()
                .setNetworkTimeout(Runnable::run, (int) LONGEST.plusSeconds(10).toMillis());
        handle.execute("SET LOCAL lock_timeout = '5s'");
        handle.execute("SET LOCAL statement_timeout = '" + LONGEST.toSeconds() + "s'");
        return handle.select("SELECT make_hypertable(?)", table).mapTo(Boolean.class).one();
    }
}
