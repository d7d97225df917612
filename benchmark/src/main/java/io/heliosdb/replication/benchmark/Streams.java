package io.heliosdb.replication.benchmark;

import io.heliosdb.replication.testkit.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;

/** Both contenders, replicating from their source databases; ours in a JVM of its own. */
final class Streams implements AutoCloseable {

    private static final Duration BOUND = Duration.ofMinutes(2);

    private final Databases databases;
    private final JobUnderTest job;
    private final Path config;

    private Streams(Databases databases, JobUnderTest job, Path config) {
        this.databases = databases;
        this.job = job;
        this.config = config;
    }

    static Streams start(Databases databases, BenchmarkOptions options, Path directory) {
        PostgresServer source = databases.source();
        PostgresServer target = databases.target();
        String name = Contender.NATIVE.database();
        target.execute(
                name,
                "CREATE SUBSCRIPTION "
                        + Contender.NATIVE.slot()
                        + " CONNECTION 'host=localhost port="
                        + source.port()
                        + " dbname="
                        + name
                        + " user="
                        + PostgresServer.USER
                        + "' PUBLICATION "
                        + Databases.PUBLICATION
                        + " WITH (copy_data = false, synchronous_commit = "
                        + (options.nativeSynchronous() ? "on" : "off")
                        + ")");
        // Without the copy its target begins with nothing; the marks are updates.
        target.execute(name, "INSERT INTO marker SELECT 't' || i, 0 FROM generate_series(0, 99) i");
        String ours = Contender.OURS.database();
        Path config = directory.resolve("stream.yaml");
        try {
            Files.writeString(
                    config,
                    """
                    source: {url: '%s', user: %s, slot: %s, publication: %s}
                    tenancy: {column: tenant_id}
                    targets: [{name: target, url: '%s', user: %s}]
                    replications: [{name: all, tenant: "*", target: target}]
                    job: {name: benchmark, checkpoint-directory: stream-state}
                    """
                            .formatted(
                                    source.url(ours),
                                    PostgresServer.USER,
                                    Contender.OURS.slot(),
                                    Databases.PUBLICATION,
                                    target.url(ours),
                                    PostgresServer.USER));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        JobUnderTest job =
                JobUnderTest.start(config, options.heap(), directory.resolve("stream.log"));
        Streams streams = new Streams(databases, job, config);
        try {
            databases.awaitStreaming(ours, Databases.TENANTS, job, BOUND);
            return streams;
        } catch (RuntimeException e) {
            streams.close();
            throw e;
        }
    }

    JobUnderTest job() {
        return job;
    }

    /** The configuration of the job. */
    Path config() {
        return config;
    }

    @Override
    public void close() {
        job.close();
        databases
                .target()
                .execute(
                        Contender.NATIVE.database(),
                        "DROP SUBSCRIPTION IF EXISTS " + Contender.NATIVE.slot());
    }

    /** Both must hold what was written, or the figures mean nothing. */
    void check(Drain drain) throws SQLException {
        for (Contender contender : Contender.values()) {
            drain.awaitMark(contender, drain.mark(contender));
            for (String table : new String[] {"item", "orders", "order_line", "ping"}) {
                String sql =
                        "SELECT count(*) || ' rows, sum ' || coalesce(sum(hashtextextended("
                                + table
                                + "::text, 0)), 0) FROM "
                                + table;
                String wanted = Databases.value(databases.source(), contender.database(), sql);
                String found = Databases.value(databases.target(), contender.database(), sql);
                if (!wanted.equals(found)) {
                    throw new IllegalStateException(
                            contender
                                    + " has lost or changed rows of "
                                    + table
                                    + ": source "
                                    + wanted
                                    + ", target "
                                    + found);
                }
            }
        }
    }
}
