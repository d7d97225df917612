package io.heliosdb.replication.cli.demo;

import io.heliosdb.replication.core.config.ConfigFile;
import io.heliosdb.replication.job.local.TemporaryDirectory;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.testkit.PostgresServer;
import io.heliosdb.replication.testkit.saas.SaasApplication;
import io.heliosdb.replication.testkit.saas.TenantComparison;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Two PostgreSQL servers, the application with its rows in the one, nothing in the other, and a
 * configuration file that replicates all tenants. Closing it removes everything.
 */
final class DemoStand implements AutoCloseable {

    static final String DATABASE = "app";

    private final TemporaryDirectory directory;
    private final PostgresServer source;
    private final PostgresServer target;
    private final SaasApplication application;
    private final Path configFile;

    private DemoStand(
            TemporaryDirectory directory,
            PostgresServer source,
            PostgresServer target,
            SaasApplication application,
            Path configFile) {
        this.directory = directory;
        this.source = source;
        this.target = target;
        this.application = application;
        this.configFile = configFile;
    }

    /**
     * Starts it.
     *
     * @param port of the source, the target has the next one; 0 for any
     */
    static DemoStand start(int tenants, int scale, int port) {
        List<AutoCloseable> opened = new ArrayList<>();
        try {
            TemporaryDirectory directory = TemporaryDirectory.create("heliosdb-demo-");
            opened.add(directory);
            PostgresServer source = PostgresServer.start(Map.of(), port, null);
            opened.add(source);
            PostgresServer target = PostgresServer.start(Map.of(), port == 0 ? 0 : port + 1, null);
            opened.add(target);
            source.execute("postgres", "CREATE DATABASE " + DATABASE);
            target.execute("postgres", "CREATE DATABASE " + DATABASE);
            SaasApplication application = SaasApplication.create(source, DATABASE, tenants, scale);
            Path file = directory.path().resolve("demo.yaml");
            Files.writeString(file, configuration(source, target));
            return new DemoStand(directory, source, target, application, file);
        } catch (IOException e) {
            closeAll(opened);
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            closeAll(opened);
            throw e;
        }
    }

    private static String configuration(PostgresServer source, PostgresServer target) {
        return """
        source:
          url: %s
          user: %s
          slot: heliosdb_demo
          publication: %s
        tenancy:
          column: tenant_id
          tables: {public.tenants: id}
          reference-tables: [%s]
        targets:
          - {name: replica, url: "%s", user: %s}
        replications:
          - {name: saas, tenant: "tenant-*", target: replica}
          - {name: reference, tenant: _reference, target: replica}
        job:
          name: heliosdb-demo
          checkpoint-directory: checkpoints
          checkpoint-interval: 5s
        """
                .formatted(
                        source.url(DATABASE),
                        PostgresServer.USER,
                        SaasApplication.PUBLICATION,
                        String.join(", ", SaasApplication.REFERENCE_TABLES),
                        target.url(DATABASE),
                        PostgresServer.USER);
    }

    Path configFile() {
        return configFile;
    }

    PipelineConfig config() {
        return ConfigFile.read(configFile);
    }

    SaasApplication application() {
        return application;
    }

    /** Replications that there shall be: one per tenant, and the reference tables. */
    int replications() {
        return application.tenants() + 1;
    }

    /** Compares every table of every tenant; both sides must be at rest. */
    TenantComparison.Outcome compare() {
        List<String> tenants = new ArrayList<>(application.tenantIds());
        tenants.add(TenantComparison.REFERENCE);
        return TenantComparison.compare(application, target, DATABASE, tenants);
    }

    /** How to look at both sides. */
    List<String> addresses() {
        return List.of(
                "source  psql -h localhost -p "
                        + source.port()
                        + " -U postgres "
                        + DATABASE
                        + "    "
                        + source.url(DATABASE)
                        + "?user=postgres",
                "target  psql -h localhost -p "
                        + target.port()
                        + " -U postgres "
                        + DATABASE
                        + "    "
                        + target.url(DATABASE)
                        + "?user=postgres",
                "config  " + configFile + "    (also for: heliosdb-cli status --config)");
    }

    @Override
    public void close() {
        closeAll(List.of(directory, source, target));
    }

    /** In reverse order; one that fails does not keep the others. */
    private static void closeAll(List<AutoCloseable> opened) {
        RuntimeException failure = null;
        for (int i = opened.size() - 1; i >= 0; i--) {
            try {
                opened.get(i).close();
            } catch (Exception e) {
                failure =
                        new IllegalStateException(
                                "not everything of the demo was removed: " + e, e);
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
