package io.heliosdb.replication.benchmark;

import io.heliosdb.replication.testkit.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * How long the first copy of a table with rows of all tenants takes. Both find the table made in
 * the target, with its primary key. The clock of ours starts at its first claim in the target,
 * because the configuration file is looked at once a second only.
 */
final class FirstCopy implements AutoCloseable {

    private static final Duration BOUND = Duration.ofMinutes(10);
    private static final String ITEM =
            """
            CREATE TABLE item (id bigint, tenant_id text, name text, email text,
                amount numeric(12,2), status text, updated_at timestamptz,
                PRIMARY KEY (tenant_id, id))
            """;

    private final Databases databases;
    private final BenchmarkOptions options;
    private final Path config;
    private final JobUnderTest job;

    private FirstCopy(
            Databases databases, BenchmarkOptions options, Path config, JobUnderTest job) {
        this.databases = databases;
        this.options = options;
        this.config = config;
        this.job = job;
    }

    static FirstCopy start(Databases databases, BenchmarkOptions options, Path directory) {
        String name = Databases.COPY_DATABASE;
        databases.create(name);
        databases
                .source()
                .execute(
                        name,
                        ITEM,
                        Work.insertItems(0, options.copiedRows() - 1),
                        "VACUUM ANALYZE item",
                        "CHECKPOINT",
                        "CREATE PUBLICATION " + Databases.PUBLICATION + " FOR ALL TABLES");
        for (int round = 0; round <= options.rounds(); round++) {
            for (Contender contender : Contender.values()) {
                databases.target().execute("postgres", "CREATE DATABASE " + to(contender, round));
                databases.target().execute(to(contender, round), ITEM);
            }
        }
        Path config = directory.resolve("copy.yaml");
        write(databases, options, config, "[]");
        JobUnderTest job =
                JobUnderTest.start(config, options.heap(), directory.resolve("copy.log"));
        return new FirstCopy(databases, options, config, job);
    }

    private static String to(Contender contender, int round) {
        return contender.database() + "_copy_" + round;
    }

    private static void write(
            Databases databases, BenchmarkOptions options, Path config, String replications) {
        PostgresServer target = databases.target();
        StringBuilder targets = new StringBuilder();
        for (int round = 0; round <= options.rounds(); round++) {
            targets.append(
                    "  - {name: round-%d, url: '%s', user: %s}\n"
                            .formatted(
                                    round,
                                    target.url(to(Contender.OURS, round)),
                                    PostgresServer.USER));
        }
        String text =
                """
                source: {url: '%s', user: %s, slot: bench_copy, publication: %s}
                tenancy: {column: tenant_id}
                targets:
                %sreplications: %s
                job: {name: benchmark-copy, checkpoint-directory: copy-state}
                """
                        .formatted(
                                databases.source().url(Databases.COPY_DATABASE),
                                PostgresServer.USER,
                                Databases.PUBLICATION,
                                targets,
                                replications);
        try {
            // In one step: the job must not read half of it.
            Path fresh = Files.writeString(config.resolveSibling("copy.new"), text);
            Files.move(fresh, config, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    JobUnderTest job() {
        return job;
    }

    double seconds(Contender contender, int round, Runnable started) {
        databases.source().execute(Databases.COPY_DATABASE, "CHECKPOINT");
        databases.target().execute(to(contender, round), "CHECKPOINT");
        double seconds =
                contender == Contender.NATIVE ? copyNative(round) : copyOurs(round, started);
        String count =
                Databases.value(
                        databases.target(), to(contender, round), "SELECT count(*) FROM item");
        if (!count.equals(Integer.toString(options.copiedRows()))) {
            throw new IllegalStateException(contender + " copied " + count + " rows");
        }
        return seconds;
    }

    private double copyNative(int round) {
        String database = to(Contender.NATIVE, round);
        PostgresServer target = databases.target();
        long begin = System.nanoTime();
        target.execute(
                database,
                "CREATE SUBSCRIPTION "
                        + database
                        + " CONNECTION 'host=localhost port="
                        + databases.source().port()
                        + " dbname="
                        + Databases.COPY_DATABASE
                        + " user="
                        + PostgresServer.USER
                        + "' PUBLICATION "
                        + Databases.PUBLICATION);
        await(database, "SELECT EXISTS (SELECT 1 FROM item)");
        double seconds = (System.nanoTime() - begin) / 1e9;
        target.execute(database, "DROP SUBSCRIPTION " + database);
        return seconds;
    }

    private double copyOurs(int round, Runnable started) {
        String database = to(Contender.OURS, round);
        write(
                databases,
                options,
                config,
                "[{name: copy-%d, tenant: \"*\", target: round-%d}]".formatted(round, round));
        await(database, "SELECT to_regclass('heliosdb.replication_progress') IS NOT NULL");
        started.run();
        await(database, "SELECT EXISTS (SELECT 1 FROM heliosdb.replication_progress)");
        long begin = System.nanoTime();
        // Recorded with the rows: like the other side, until they are visible.
        await(database, "SELECT count(*) = " + Databases.TENANTS + " FROM heliosdb.table_sync");
        double seconds = (System.nanoTime() - begin) / 1e9;
        databases.awaitStreaming(database, Databases.TENANTS, job, BOUND);
        write(databases, options, config, "[]");
        return seconds;
    }

    private void await(String database, String condition) {
        long deadline = System.nanoTime() + BOUND.toNanos();
        while (!Databases.value(databases.target(), database, condition).equals("t")) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("waited too long for " + condition);
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    @Override
    public void close() {
        job.close();
    }
}
