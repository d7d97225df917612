package io.heliosdb.replication.core.preflight.postgres;

import io.heliosdb.replication.core.postgres.Connections.Endpoint;
import io.heliosdb.replication.core.postgres.SqlState;
import io.heliosdb.replication.core.preflight.Finding;
import io.heliosdb.replication.core.preflight.Severity;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DatabaseConfig;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/** Says why there is no connection, naming all that it was tried with but the password. */
final class ConnectionFinding {

    private ConnectionFinding() {}

    static Finding of(
            String subject, DatabaseConfig database, Endpoint endpoint, ReplicationException e) {
        SQLException cause = e.getCause() instanceof SQLException sql ? sql : null;
        String state = cause == null ? "" : String.valueOf(cause.getSQLState());
        Properties address = Driver.parseURL(database.url(), new Properties());
        if (address == null) {
            address = new Properties();
        }
        String name = PGProperty.PG_DBNAME.getOrDefault(address);
        boolean creatable =
                state.equals(SqlState.UNKNOWN_DATABASE)
                        && endpoint == Endpoint.TARGET
                        && name != null;
        return new Finding(
                Severity.ERROR,
                endpoint == Endpoint.SOURCE
                        ? ErrorCode.SOURCE_UNREACHABLE
                        : ErrorCode.TARGET_UNREACHABLE,
                subject,
                "no connection to host "
                        + PGProperty.PG_HOST.getOrDefault(address)
                        + ", port "
                        + PGProperty.PG_PORT.getOrDefault(address)
                        + ", database "
                        + name
                        + " as user "
                        + database.user()
                        + ": "
                        + (cause == null ? e.getMessage() : cause.getMessage())
                        + hint(state),
                creatable ? List.of("CREATE DATABASE " + TableId.quote(name) + ";") : List.of());
    }

    private static String hint(String state) {
        return switch (state) {
            case SqlState.INVALID_PASSWORD -> ". Check user and password in the configuration file";
            case SqlState.INVALID_AUTHORIZATION ->
                    ". Check the user, and that pg_hba.conf admits this host";
            default -> "";
        };
    }
}
