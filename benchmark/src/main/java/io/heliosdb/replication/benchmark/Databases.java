package io.heliosdb.replication.benchmark;

import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Source and target server with the tables of the benchmark. */
final class Databases implements AutoCloseable {

    static final int TENANTS = 100;
    static final String PUBLICATION = "bench";
    static final String COPY_DATABASE = "bench_copy";

    private static final String[] TABLES = {
        """
        CREATE TABLE item (id bigint, tenant_id text, name text, email text,
            amount numeric(12,2), status text, updated_at timestamptz,
            PRIMARY KEY (tenant_id, id))
        """,
        """
        CREATE TABLE orders (id bigint, tenant_id text, note text, total numeric(12,2),
            PRIMARY KEY (tenant_id, id))
        """,
        """
        CREATE TABLE order_line (id bigint, tenant_id text, order_id bigint, price numeric(12,2),
            PRIMARY KEY (tenant_id, id))
        """,
        "CREATE TABLE ping (seq bigint, tenant_id text, PRIMARY KEY (tenant_id, seq))",
        "CREATE TABLE marker (tenant_id text PRIMARY KEY, round int)"
    };

    /** Waiting for a frozen sender is no failure, and vacuum comes between the rounds. */
    private static final Map<String, String> SETTINGS =
            Map.of(
                    "wal_sender_timeout", "1h",
                    "wal_receiver_timeout", "1h",
                    "autovacuum", "off",
                    "checkpoint_timeout", "1h",
                    "max_worker_processes", "30");

    private final PostgresServer source;
    private final PostgresServer target;

    private Databases(PostgresServer source, PostgresServer target) {
        this.source = source;
        this.target = target;
    }

    static Databases start() {
        PostgresServer source = PostgresServer.start(SETTINGS);
        PostgresServer target = PostgresServer.start(SETTINGS);
        Databases databases = new Databases(source, target);
        for (Contender contender : Contender.values()) {
            String name = contender.database();
            databases.create(name);
            source.execute(name, TABLES);
            source.execute(
                    name,
                    "CREATE INDEX ON item (id)",
                    "INSERT INTO marker SELECT 't' || i, 0 FROM generate_series(0, 99) i",
                    "CREATE PUBLICATION " + PUBLICATION + " FOR ALL TABLES");
            target.execute(name, TABLES);
            target.execute(name, "CREATE INDEX ON ping (seq)");
        }
        return databases;
    }

    /** A database of that name at both ends. */
    void create(String name) {
        source.execute("postgres", "CREATE DATABASE " + name);
        target.execute("postgres", "CREATE DATABASE " + name);
    }

    PostgresServer source() {
        return source;
    }

    PostgresServer target() {
        return target;
    }

    /** Makes the servers as quiet and clean as they were before the last round. */
    void settle(String database) {
        for (PostgresServer server : new PostgresServer[] {source, target}) {
            server.execute(database, "VACUUM (ANALYZE)");
            server.execute(database, "CHECKPOINT");
        }
    }

    static String value(PostgresServer server, String database, String sql) {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getString(1)) : "";
        } catch (SQLException e) {
            throw new IllegalStateException(sql + ": " + e.getMessage(), e);
        }
    }

    /**
     * Waits until so many replications stream into a target database.
     *
     * @throws IllegalStateException if the job has ended, or it takes longer than that
     */
    void awaitStreaming(String database, int count, JobUnderTest job, Duration limit) {
        await(
                count + " replications to stream into " + database,
                limit,
                () -> {
                    job.requireRunning();
                    return value(
                                            target,
                                            database,
                                            "SELECT to_regclass('heliosdb.replication_progress')"
                                                    + " IS NOT NULL")
                                    .equals("t")
                            && value(
                                            target,
                                            database,
                                            "SELECT count(*) FROM heliosdb.replication_progress"
                                                    + " WHERE state = 'STREAMING'")
                                    .equals(Integer.toString(count));
                });
    }

    static void await(String what, Duration limit, BooleanSupplier condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("waited longer than " + limit + " for " + what);
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    @Override
    public void close() {
        target.close();
        source.close();
    }
}
