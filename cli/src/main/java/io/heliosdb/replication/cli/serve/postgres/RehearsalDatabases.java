package io.heliosdb.replication.cli.serve.postgres;

import io.heliosdb.replication.model.config.DatabaseConfig;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Two databases beside the embedded store, for a rehearsal: {@link #SOURCE} with a table, and a
 * place for a store, and {@link #TARGET}. Nothing of them is left by {@link #drop}.
 */
public final class RehearsalDatabases {

    public static final String SOURCE = "heliosdb_rehearsal";
    public static final String TARGET = "heliosdb_rehearsal_target";
    public static final String PUBLICATION = SOURCE;

    private static final String STORE = "postgres";

    /** Whether no job is started anyway, which would be as good as a rehearsal. */
    private static final String IS_IDLE =
            """
            SELECT NOT EXISTS (SELECT FROM heliosdb_control.replication_configs
                               WHERE deleted_at IS NULL AND desired_state <> 'Stopped')
            """;

    private static final String ARE_LEFT =
            "SELECT count(*) > 0 FROM pg_catalog.pg_database WHERE datname IN ('%s', '%s')"
                    .formatted(SOURCE, TARGET);

    /** A slot that is in use keeps its database; one that is not goes with it. */
    private static final String END_STREAMS =
            """
            SELECT count(pg_catalog.pg_terminate_backend(active_pid, 5000))
            FROM pg_catalog.pg_replication_slots WHERE database = '%s' AND active
            """
                    .formatted(SOURCE);

    /** Origins belong to no database. Nothing else in this server has any. */
    private static final String DROP_ORIGINS =
            """
            SELECT count(pg_catalog.pg_replication_origin_drop(roname))
            FROM pg_catalog.pg_replication_origin
            """;

    private RehearsalDatabases() {}

    /**
     * @param store of the embedded server
     */
    public static boolean isIdle(DatabaseConfig store) {
        return is(store, IS_IDLE);
    }

    public static void create(DatabaseConfig store) {
        run(store, "CREATE DATABASE " + SOURCE, "CREATE DATABASE " + TARGET);
        run(
                in(store, SOURCE),
                "CREATE TABLE public.rehearsal (tenant_id text, id int, note text, PRIMARY KEY (tenant_id, id))",
                "INSERT INTO public.rehearsal SELECT 'rehearsal', g, 'note ' || g FROM generate_series(1, 500) g",
                "CREATE PUBLICATION " + PUBLICATION + " FOR TABLE public.rehearsal");
    }

    /** Idempotent; also what a killed process has left. */
    public static void drop(DatabaseConfig store) {
        if (!is(store, ARE_LEFT)) {
            return;
        }
        run(
                store,
                END_STREAMS,
                "DROP DATABASE IF EXISTS " + SOURCE + " WITH (FORCE)",
                "DROP DATABASE IF EXISTS " + TARGET + " WITH (FORCE)",
                DROP_ORIGINS);
    }

    /** One of the databases, as the store's user sees it. */
    public static DatabaseConfig in(DatabaseConfig store, String database) {
        String url = store.url();
        if (!url.endsWith("/" + STORE)) {
            throw new IllegalArgumentException("not an embedded store: " + url);
        }
        return new DatabaseConfig(
                url.substring(0, url.length() - STORE.length()) + database,
                store.user(),
                store.password());
    }

    private static boolean is(DatabaseConfig database, String question) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(question)) {
            return row.next() && row.getBoolean(1);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private static void run(DatabaseConfig database, String... statements) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            // Nothing here must survive a crash of the machine.
            statement.execute("SET synchronous_commit = off");
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private static IllegalStateException failed(SQLException e) {
        return new IllegalStateException("the embedded store: " + e.getMessage(), e);
    }

    private static Connection connect(DatabaseConfig database) throws SQLException {
        return DriverManager.getConnection(
                database.url(), database.user(), database.password().value());
    }
}
