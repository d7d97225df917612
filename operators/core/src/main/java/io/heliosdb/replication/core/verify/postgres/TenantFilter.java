package io.heliosdb.replication.core.verify.postgres;

import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.core.verify.VerifiedTable;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantId;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A condition that lets an index on the tenant key help. It may let more rows pass than wanted
 * (values that are equal and yet written differently), never fewer.
 */
final class TenantFilter {

    private static final int MOST_TENANTS = 200;
    private static final String INVALID_TEXT = "22";

    private TenantFilter() {}

    /** A condition on the key column, or empty if all tenants are wanted or have no column. */
    static String sql(
            Connection connection,
            VerifiedTable table,
            TableColumns columns,
            Collection<TenantId> tenants)
            throws SQLException {
        if (tenants.isEmpty()
                || tenants.size() > MOST_TENANTS
                || !(table.tenantKey() instanceof TenantKey.Column column)) {
            return "";
        }
        String type = columns.type(column.name());
        List<String> literals = new ArrayList<>();
        for (TenantId tenant : tenants) {
            String literal = "CAST(" + VerifySql.literal(tenant.value()) + " AS " + type + ")";
            if (isValid(connection, literal)) {
                literals.add(literal);
            }
        }
        return literals.isEmpty()
                ? "false"
                : TableId.quote(column.name()) + " IN (" + String.join(", ", literals) + ")";
    }

    /** A tenant id may be no value of the column's type: then no row is the tenant's. */
    private static boolean isValid(Connection connection, String literal) throws SQLException {
        Savepoint savepoint = connection.setSavepoint();
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT " + literal);
            connection.releaseSavepoint(savepoint);
            return true;
        } catch (SQLException e) {
            connection.rollback(savepoint);
            if (e.getSQLState() != null && e.getSQLState().startsWith(INVALID_TEXT)) {
                return false;
            }
            throw e;
        }
    }
}
