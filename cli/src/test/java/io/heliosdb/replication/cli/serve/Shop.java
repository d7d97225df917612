package io.heliosdb.replication.cli.serve;

import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;

/** A source with orders of tenants, and an empty target. */
final class Shop {

    final String source;
    final String target;
    private final PostgresServer server;
    private int orders;

    Shop(PostgresServer server) {
        this.server = server;
        this.source = server.createDatabase("shop");
        this.target = server.createDatabase("copy");
        server.execute(
                source,
                "CREATE TABLE orders (tenant_id text, id int, note text, PRIMARY KEY (tenant_id, id))",
                "CREATE PUBLICATION helios FOR ALL TABLES");
    }

    /** Orders of one tenant, which are there when this returns. */
    void order(String tenant, int count) {
        server.execute(
                source,
                "INSERT INTO orders SELECT '%s', g, 'note ' || g FROM generate_series(%d, %d) g"
                        .formatted(tenant, orders + 1, orders + count));
        orders += count;
    }

    /** One of the things that happen to orders of a tenant. */
    void change(String tenant, Random random) {
        String where = " WHERE tenant_id = '" + tenant + "' AND id % 17 = " + random.nextInt(17);
        switch (random.nextInt(4)) {
            case 0 -> order(tenant, 1 + random.nextInt(20));
            case 1 -> server.execute(source, "DELETE FROM orders" + where);
            default -> server.execute(source, "UPDATE orders SET note = md5(note)" + where);
        }
    }

    /** What of a tenant differs between source and target; empty if nothing does. */
    String difference(String tenant) {
        String sql =
                "SELECT count(*) || ' ' || coalesce(sum(hashtext(o::text)::bigint), 0) FROM orders o"
                        + " WHERE tenant_id = '"
                        + tenant
                        + "'";
        String there = value(source, sql);
        String here = value(target, sql);
        return there.equals(here) ? "" : there + " and " + here;
    }

    String value(String database, String sql) {
        return value(server, database, sql);
    }

    static String value(PostgresServer server, String database, String sql) {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1));
        } catch (SQLException e) {
            return e.getMessage();
        }
    }
}
