package io.heliosdb.replication.cli.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heliosdb.replication.cli.api.ApiClient;
import io.heliosdb.replication.job.local.TemporaryDirectory;
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
 * Two PostgreSQL servers, the application with its rows in the one, nothing in the other. Closing
 * it removes everything.
 */
final class DemoStand implements AutoCloseable {

    static final String DATABASE = "app";

    private final TemporaryDirectory directory;
    private final PostgresServer source;
    private final PostgresServer target;
    private final SaasApplication application;

    private DemoStand(
            TemporaryDirectory directory,
            PostgresServer source,
            PostgresServer target,
            SaasApplication application) {
        this.directory = directory;
        this.source = source;
        this.target = target;
        this.application = application;
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
            return new DemoStand(directory, source, target, application);
        } catch (RuntimeException e) {
            closeAll(opened);
            throw e;
        }
    }

    Path directory() {
        return directory.path();
    }

    /** Tells the control plane what to replicate. */
    void order(DemoControl control) {
        ObjectNode from = connection("saas", source);
        ObjectNode role =
                from.putObject("source")
                        .put("slot", "heliosdb_demo")
                        .put("publication", SaasApplication.PUBLICATION);
        ObjectNode tenancy = role.putObject("tenancy").put("column", "tenant_id");
        tenancy.putObject("tables").put("public.tenants", "id");
        SaasApplication.REFERENCE_TABLES.forEach(tenancy.putArray("reference_tables")::add);
        ObjectNode to = connection("replica", target);
        to.putObject("target");
        control.replicate(from, to, tenants());
    }

    private static ObjectNode connection(String name, PostgresServer server) {
        return ApiClient.MAPPER
                .createObjectNode()
                .put("name", name)
                .put("host", "localhost")
                .put("port", server.port())
                .put("database", DATABASE)
                .put("username", PostgresServer.USER);
    }

    /**
     * The same as a file, for commands that look at both databases.
     *
     * @param replications tenants by id
     */
    Path writeConfig(Map<String, String> replications) {
        StringBuilder rules = new StringBuilder();
        replications.forEach(
                (id, tenant) ->
                        rules.append("  - {name: ")
                                .append(id)
                                .append(", tenant: ")
                                .append(tenant)
                                .append(", target: replica}\n"));
        Path file = directory.path().resolve("demo.yaml");
        try {
            return Files.writeString(file, configuration() + rules);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String configuration() {
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
        job:
          name: heliosdb-demo
          checkpoint-directory: checkpoints
        replications:
        """
                .formatted(
                        source.url(DATABASE),
                        PostgresServer.USER,
                        SaasApplication.PUBLICATION,
                        String.join(", ", SaasApplication.REFERENCE_TABLES),
                        target.url(DATABASE),
                        PostgresServer.USER);
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
        return TenantComparison.compare(application, target, DATABASE, tenants());
    }

    private List<String> tenants() {
        List<String> tenants = new ArrayList<>(application.tenantIds());
        tenants.add(TenantComparison.REFERENCE);
        return tenants;
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
                        + "?user=postgres");
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
