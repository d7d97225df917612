package io.heliosdb.replication.testkit;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL server of our own on a free port of the loopback interface, ready for logical
 * replication. User and superuser is {@code postgres}, trusted without password. Closing it removes
 * its data.
 *
 * <p>Durable enough to measure honestly ({@code synchronous_commit=on}), fast enough for tests
 * ({@code fsync=off}).
 */
public final class PostgresServer implements AutoCloseable {

    public static final String USER = "postgres";

    private static final AtomicInteger DATABASES = new AtomicInteger();

    private final EmbeddedPostgres postgres;

    private PostgresServer(EmbeddedPostgres postgres) {
        this.postgres = postgres;
    }

    public static PostgresServer start() {
        return start(Map.of());
    }

    /** Starts a server of this version. */
    public static PostgresServer start(PostgresVersion version) {
        return start(version, Map.of(), 0, null);
    }

    /** Starts a server of this version with these settings over the defaults. */
    public static PostgresServer start(PostgresVersion version, Map<String, String> settings) {
        return start(version, settings, 0, null);
    }

    /** Starts a server with these settings over the defaults. */
    public static PostgresServer start(Map<String, String> settings) {
        return start(settings, 0, null);
    }

    /** Starts a server on a fixed port (0: any) and data directory (null: temporary). */
    public static PostgresServer start(
            Map<String, String> settings, int port, @Nullable Path data) {
        return start(PostgresVersion.BUILT_IN, settings, port, data);
    }

    /**
     * Starts a server that lets nobody in without this password, on a data directory that stays.
     * One that was made without gets it.
     */
    public static PostgresServer startProtected(
            Map<String, String> settings, Path data, String password) {
        PostgresServer server =
                start(PostgresVersion.BUILT_IN, settings, 0, data, Map.of("password", password));
        try {
            Protection.ensure(server.url("postgres"), password, data);
            return server;
        } catch (SQLException | IOException e) {
            server.close();
            throw new IllegalStateException("the server cannot be protected: " + e.getMessage(), e);
        }
    }

    /** As above, of this version. */
    public static PostgresServer start(
            PostgresVersion version, Map<String, String> settings, int port, @Nullable Path data) {
        return start(version, settings, port, data, Map.of());
    }

    private static PostgresServer start(
            PostgresVersion version,
            Map<String, String> settings,
            int port,
            @Nullable Path data,
            Map<String, String> connect) {
        EmbeddedPostgres.Builder builder =
                EmbeddedPostgres.builder()
                        .setServerConfig("wal_level", "logical")
                        .setServerConfig("max_replication_slots", "50")
                        .setServerConfig("max_wal_senders", "50")
                        .setServerConfig("max_connections", "300")
                        .setServerConfig("synchronous_commit", "on")
                        .setServerConfig("track_commit_timestamp", "on")
                        .setServerConfig("shared_buffers", "128MB")
                        .setServerConfig("max_wal_size", "4GB")
                        .setServerConfig("timezone", "UTC")
                        .setPGStartupWait(Duration.ofSeconds(60))
                        .setPort(port == 0 ? ServerPorts.free() : port);
        if (version.release() != null) {
            builder.setPgBinaryResolver((system, hardware) -> version.archive());
        }
        settings.forEach(builder::setServerConfig);
        connect.forEach(builder::setConnectConfig);
        if (data != null) {
            builder.setDataDirectory(data).setCleanDataDirectory(false);
        }
        try {
            return new PostgresServer(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException("embedded PostgreSQL did not start", e);
        }
    }

    public int port() {
        return postgres.getPort();
    }

    public String url(String database) {
        return "jdbc:postgresql://localhost:" + port() + "/" + database;
    }

    /** A connection as superuser, with autocommit. */
    public Connection connect(String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", USER);
        return DriverManager.getConnection(url(database), properties);
    }

    /** Creates an empty database and returns its name. */
    public String createDatabase(String prefix) {
        String name = prefix + "_" + DATABASES.incrementAndGet();
        execute("postgres", "CREATE DATABASE " + name);
        return name;
    }

    /** Runs statements one by one, each in its own transaction. */
    public void execute(String database, String... statements) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("database " + database + ": " + e.getMessage(), e);
        }
    }

    /**
     * Drops the replication origins of these names, which are few on a server, and first ends the
     * sessions of the product in this database that may still hold them.
     *
     * @param like pattern of LIKE
     */
    public void dropOrigins(String database, String like) {
        execute(
                database,
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                        + " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                        + " AND application_name LIKE 'heliosdb%'",
                "SELECT pg_replication_origin_drop(roname) FROM pg_replication_origin"
                        + " WHERE roname LIKE '"
                        + like
                        + "'");
    }

    /** The rows of a query as text: columns joined by {@code |}, NULL as {@code null}. */
    public List<String> rows(String database, String query) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> found = new ArrayList<>();
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                StringBuilder row = new StringBuilder();
                for (int i = 1; i <= columns; i++) {
                    row.append(i == 1 ? "" : "|").append(rows.getString(i));
                }
                found.add(row.toString());
            }
            return found;
        } catch (SQLException e) {
            throw new IllegalStateException(query + ": " + e.getMessage(), e);
        }
    }

    /**
     * Ends it as {@code kill -9} of all its processes does. Its data stays if it has a directory of
     * its own, where another can be started then.
     */
    public void kill() {
        ProcessHandle postmaster;
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            postmaster = ProcessHandle.of(row.getLong(1)).orElseThrow().parent().orElseThrow();
        } catch (SQLException e) {
            throw new IllegalStateException("no server to kill: " + e.getMessage(), e);
        }
        List<ProcessHandle> all = new ArrayList<>(postmaster.descendants().toList());
        all.add(0, postmaster);
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(process -> process.onExit().join());
        close();
    }

    @Override
    public void close() {
        try {
            postgres.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
