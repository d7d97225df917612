package io.heliosdb.replication.control.connection;

import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a database is reached, and in which roles it may serve.
 *
 * @param sslMode as libpq knows it
 * @param region for grouping and for migrations
 * @param source null: it is not read from
 * @param target null: it is not written to
 */
public record ConnectionSpec(
        String name,
        String host,
        int port,
        String database,
        String username,
        String sslMode,
        @Nullable String region,
        @Nullable SourceRole source,
        @Nullable TargetRole target) {

    public static final int DEFAULT_PORT = 5432;
    public static final String DEFAULT_SSL_MODE = "prefer";

    private static final Set<String> SSL_MODES =
            Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,63}");
    private static final Pattern HOST =
            Pattern.compile("[A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}]");

    /** Nothing of this may end the part of the URL that it stands in. */
    private static final Pattern DATABASE = Pattern.compile("[^/?&%#\\p{Cntrl}]{1,63}");

    private static final Pattern PLAIN = Pattern.compile("[^\\p{Cntrl}]{1,100}");

    public ConnectionSpec {
        check("name", name, NAME, "letters, digits, '_', '.', '-', at most 63");
        check("host", host, HOST, "a host name or an address, IPv6 in brackets");
        check("database", database, DATABASE, "at most 63 characters, none of / ? & % #");
        check("username", username, PLAIN, "at most 100 characters");
        if (port < 1 || port > 65535) {
            throw ControlException.invalid("port", "must be between 1 and 65535, got " + port);
        }
        if (!SSL_MODES.contains(sslMode)) {
            throw ControlException.invalid(
                    "ssl_mode",
                    "must be one of disable, allow, prefer, require, verify-ca, verify-full");
        }
        if (region != null) {
            check("region", region, PLAIN, "at most 100 characters");
        }
    }

    private static void check(String field, String value, Pattern pattern, String rule) {
        if (!pattern.matcher(value).matches() || value.isBlank()) {
            throw ControlException.invalid(field, "must be " + rule);
        }
    }

    /** What the data plane opens. */
    public DatabaseConfig open(Secret password) {
        return new DatabaseConfig(
                "jdbc:postgresql://" + host + ":" + port + "/" + database + "?sslmode=" + sslMode,
                username,
                password);
    }
}
