package io.heliosdb.replication.control.store.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.heliosdb.replication.control.problem.ControlError;
import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.model.config.DatabaseConfig;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * The metadata store: a pool of sessions on its schema {@value #SCHEMA}, migrated when it is
 * opened. Several processes may open the same store. Thread-safe.
 *
 * <p>What fails because the store is away is {@link ControlError#SERVICE_UNAVAILABLE}; other
 * failures of statements pass as {@link JdbiException}.
 */
public final class MetadataStore implements AutoCloseable {

    public static final String SCHEMA = "heliosdb_control";

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final HikariDataSource pool;
    private final Jdbi jdbi;

    private MetadataStore(HikariDataSource pool) {
        this.pool = pool;
        this.jdbi = Jdbi.create(pool);
    }

    /**
     * Opens the store and brings its schema up to date; with TimescaleDB in the database its series
     * become hypertables.
     */
    public static MetadataStore open(DatabaseConfig database, int sessions) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("store");
        config.setJdbcUrl(database.url());
        config.setUsername(database.user());
        config.setPassword(database.password().value());
        config.setMaximumPoolSize(sessions);
        config.setConnectionTimeout(PATIENCE.toMillis());
        config.setConnectionInitSql(
                "SET search_path = "
                        + SCHEMA
                        + ", pg_catalog; SET timezone = 'UTC'; SET statement_timeout = '30s'");
        config.addDataSourceProperty("ApplicationName", "heliosdb-control");
        config.addDataSourceProperty("tcpKeepAlive", "true");
        config.addDataSourceProperty("socketTimeout", "40");
        HikariDataSource pool;
        try {
            pool = new HikariDataSource(config);
        } catch (RuntimeException e) {
            throw new ControlException(
                    ControlError.SERVICE_UNAVAILABLE,
                    "the metadata store " + database.url() + " cannot be opened: " + rootMessage(e),
                    Map.of(),
                    e);
        }
        try {
            Flyway.configure(MetadataStore.class.getClassLoader())
                    .dataSource(pool)
                    .schemas(SCHEMA)
                    .defaultSchema(SCHEMA)
                    .createSchemas(true)
                    .locations(
                            "classpath:io/heliosdb/replication/control/store/postgres/migrations")
                    .load()
                    .migrate();
            MetadataStore store = new MetadataStore(pool);
            Hypertables.adopt(store.jdbi);
            return store;
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    /** Runs this in one transaction. */
    public <T> T inTransaction(HandleCallback<T, RuntimeException> work) {
        try {
            return jdbi.inTransaction(work);
        } catch (JdbiException e) {
            throw translated(e);
        }
    }

    /** Runs one statement, or reads, in autocommit mode. */
    public <T> T with(HandleCallback<T, RuntimeException> work) {
        try {
            return jdbi.withHandle(work);
        } catch (JdbiException e) {
            throw translated(e);
        }
    }

    private static RuntimeException translated(JdbiException e) {
        String state = sqlState(e);
        if (e instanceof ConnectionException
                || state.startsWith("08")
                || state.startsWith("57P")
                || state.startsWith("53")) {
            return new ControlException(
                    ControlError.SERVICE_UNAVAILABLE,
                    "the metadata store cannot be reached",
                    Map.of(),
                    e);
        }
        return e;
    }

    /** The SQLSTATE behind a failure, or empty. */
    public static String sqlState(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState();
            }
        }
        return "";
    }

    /** Whether the store answers. */
    public boolean isAlive() {
        try {
            return with(handle -> handle.select("SELECT 1").mapTo(Integer.class).one()) == 1;
        } catch (ControlException e) {
            return false;
        }
    }

    /** Makes partitions for the time to come and drops what is past its retention. Idempotent. */
    public int maintain() {
        return inTransaction(
                handle -> {
                    handle.execute("SET LOCAL lock_timeout = '5s'");
                    int made =
                            handle.select("SELECT maintain_partitions()")
                                    .mapTo(Integer.class)
                                    .one();
                    return made
                            + handle.select("SELECT cleanup_old_data()")
                                    .mapTo(String.class)
                                    .list()
                                    .size();
                });
    }

    /** Sessions in use, for the gauge. */
    public int busySessions() {
        return pool.getHikariPoolMXBean().getActiveConnections();
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    @Override
    public void close() {
        pool.close();
    }
}
