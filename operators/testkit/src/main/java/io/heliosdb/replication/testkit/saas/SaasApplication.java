package io.heliosdb.replication.testkit.saas;

import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A database of a multi-tenant SaaS application with existing rows: ten tables, foreign keys, an
 * enum, arrays, jsonb, TOASTed text, NULLs, two reference tables, and a table that nobody
 * replicates.
 *
 * <p>The tenant key is {@code tenant_id}, except in {@code tenants}, where it is {@code id}. The
 * rows depend on nothing but the parameters (event ids aside).
 *
 * @param tenants how many: {@code tenant-0001}, …; the first is the largest
 * @param scale orders of the largest tenant; it has about four times as many rows
 */
public record SaasApplication(PostgresServer server, String database, int tenants, int scale) {

    public static final String PUBLICATION = "heliosdb";
    public static final List<String> REFERENCE_TABLES = List.of("public.countries", "public.plans");

    /** Creates schema, rows and publication in an empty database. */
    public static SaasApplication create(
            PostgresServer server, String database, int tenants, int scale) {
        SaasApplication application = new SaasApplication(server, database, tenants, scale);
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(SaasSql.SCHEMA);
            statement.execute(SaasSql.REFERENCE_ROWS);
            fill(connection, SaasSql.TENANTS, tenants);
            for (String sql : SaasSql.TENANT_ROWS) {
                fill(connection, sql, scale);
            }
            statement.execute(
                    "UPDATE orders o SET total = (SELECT sum(quantity * price) FROM order_items i"
                            + " WHERE i.tenant_id = o.tenant_id AND i.order_id = o.id)");
            statement.execute(SaasSql.PUBLICATION.formatted(PUBLICATION));
            connection.commit();
            connection.setAutoCommit(true);
            statement.execute("VACUUM ANALYZE");
        } catch (SQLException e) {
            throw new IllegalStateException("database " + database + ": " + e.getMessage(), e);
        }
        return application;
    }

    private static void fill(Connection connection, String sql, int parameter) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setInt(1, parameter);
            insert.executeUpdate();
        }
    }

    public List<String> tenantIds() {
        return IntStream.rangeClosed(1, tenants).mapToObj(SaasApplication::tenantId).toList();
    }

    static String tenantId(int number) {
        return "tenant-%04d".formatted(number);
    }
}
