package io.heliosdb.replication.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;

/** Makes a server ask everybody for a password, also on its socket and for replication. */
final class Protection {

    private static final List<String> RULES =
            List.of(
                    "local all all scram-sha-256",
                    "host all all 127.0.0.1/32 scram-sha-256",
                    "host all all ::1/128 scram-sha-256",
                    "local replication all scram-sha-256",
                    "host replication all 127.0.0.1/32 scram-sha-256",
                    "host replication all ::1/128 scram-sha-256");

    private Protection() {}

    /** Idempotent; whoever is interrupted in it begins again with the next start. */
    static void ensure(String url, String password, Path data) throws SQLException, IOException {
        Path rules = data.resolve("pg_hba.conf");
        if (Files.readAllLines(rules).equals(RULES)) {
            return;
        }
        Properties properties = new Properties();
        properties.setProperty("user", PostgresServer.USER);
        properties.setProperty("password", password);
        try (Connection connection = DriverManager.getConnection(url, properties);
                Statement statement = connection.createStatement()) {
            statement.execute("SET log_statement = 'none'");
            statement.execute("SET password_encryption = 'scram-sha-256'");
            statement.execute(
                    "ALTER ROLE "
                            + PostgresServer.USER
                            + " PASSWORD '"
                            + password.replace("'", "''")
                            + "'");
            Path next = Files.write(data.resolve("pg_hba.conf.next"), RULES);
            Files.move(
                    next,
                    rules,
                    java.nio.file.StandardCopyOption.ATOMIC_MOVE,
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            statement.execute("SELECT pg_reload_conf()");
        }
    }
}
