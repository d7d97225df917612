package io.heliosdb.replication.testkit.saas;

import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Whether a target holds exactly the rows of the tenants that it shall hold, and no others.
 *
 * <p>Knows nothing of the product: counts and sums a hash of each row's text form, per tenant and
 * table, in one snapshot of each side. Source and target must be at rest.
 */
public final class TenantComparison {

    /** Tenant of the tables without tenant. */
    public static final String REFERENCE = "_reference";

    private static final String UNDEFINED_TABLE = "42P01";

    private static final String COLUMNS =
            """
            SELECT string_agg(quote_ident(attname), ', ' ORDER BY attname)
            FROM pg_attribute
            WHERE attrelid = ?::regclass AND attnum > 0 AND NOT attisdropped
            """;

    private static final String DIGEST =
            """
            SELECT %s, count(*), sum(hashtextextended(ROW(%s)::text, 0)::numeric)::text
            FROM %s GROUP BY 1
            """;

    /** The key column of each published table; empty for reference tables. */
    private static final Map<String, String> KEYS =
            Map.of(
                    "countries",
                    "",
                    "plans",
                    "",
                    "tenants",
                    "id",
                    "users",
                    "tenant_id",
                    "products",
                    "tenant_id",
                    "orders",
                    "tenant_id",
                    "order_items",
                    "tenant_id",
                    "events",
                    "tenant_id");

    private record Digest(long rows, String hash) {
        static final Digest NONE = new Digest(0, "");
    }

    /** A tenant whose rows in one table differ. */
    public record Difference(String table, String tenant, long sourceRows, long targetRows) {}

    /**
     * @param compared pairs of tenant and table
     * @param rows in the source, of what was compared
     */
    public record Outcome(long compared, long rows, List<Difference> differences) {
        public boolean equal() {
            return differences.isEmpty();
        }
    }

    private TenantComparison() {}

    /**
     * Compares all published tables.
     *
     * @param replicated tenants that the target shall hold; {@link #REFERENCE} among them for the
     *     reference tables
     */
    public static Outcome compare(
            SaasApplication source,
            PostgresServer targetServer,
            String targetDatabase,
            Collection<String> replicated) {
        long compared = 0;
        long rows = 0;
        List<Difference> differences = new ArrayList<>();
        try (Connection left = snapshot(source.server(), source.database());
                Connection right = snapshot(targetServer, targetDatabase)) {
            for (String table : new TreeSet<>(KEYS.keySet())) {
                String columns = columns(left, table);
                Map<String, Digest> expected = digests(left, table, columns);
                expected.keySet().retainAll(replicated);
                Map<String, Digest> found = digests(right, table, columns);
                Set<String> tenants = new TreeSet<>(expected.keySet());
                tenants.addAll(found.keySet());
                for (String tenant : tenants) {
                    Digest mine = expected.getOrDefault(tenant, Digest.NONE);
                    Digest other = found.getOrDefault(tenant, Digest.NONE);
                    compared++;
                    rows += mine.rows();
                    if (!mine.equals(other)) {
                        differences.add(new Difference(table, tenant, mine.rows(), other.rows()));
                    }
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException("comparison failed: " + e.getMessage(), e);
        }
        return new Outcome(compared, rows, List.copyOf(differences));
    }

    private static Connection snapshot(PostgresServer server, String database) throws SQLException {
        Connection connection = server.connect(database);
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL timezone = 'UTC'; SET LOCAL extra_float_digits = 3");
        }
        return connection;
    }

    private static String columns(Connection connection, String table) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(COLUMNS)) {
            select.setString(1, "public." + table);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    /** Empty if the table is missing: then all its rows are. */
    private static Map<String, Digest> digests(Connection connection, String table, String columns)
            throws SQLException {
        String key = KEYS.get(table).isEmpty() ? "'" + REFERENCE + "'" : KEYS.get(table);
        Map<String, Digest> digests = new TreeMap<>();
        try (Statement statement = connection.createStatement()) {
            statement.execute("SAVEPOINT before");
            try (ResultSet row =
                    statement.executeQuery(DIGEST.formatted(key, columns, "public." + table))) {
                while (row.next()) {
                    digests.put(row.getString(1), new Digest(row.getLong(2), row.getString(3)));
                }
            } catch (SQLException e) {
                if (!UNDEFINED_TABLE.equals(e.getSQLState())) {
                    throw e;
                }
                statement.execute("ROLLBACK TO before");
            }
        }
        return digests;
    }
}
