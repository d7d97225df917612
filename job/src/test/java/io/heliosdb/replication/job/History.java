package io.heliosdb.replication.job;

import io.heliosdb.replication.testkit.PostgresServer;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * What a source has done, in the words of PostgreSQL's {@code test_decoding}, beside the rows that
 * came of it on both sides: from these it can be found where a difference began.
 */
final class History {

    private static final String SLOT = "history";
    private static final int FETCH = 1000;

    private static final String TABLES =
            """
            SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema|heliosdb)' ORDER BY 1
            """;

    private static final String ROWS = "SELECT to_jsonb(t)::text FROM ONLY %s t ORDER BY 1";

    private static final String CHANGES =
            "SELECT lsn || ' ' || xid || ' ' || data FROM pg_logical_slot_peek_changes('"
                    + SLOT
                    + "', NULL, NULL, 'include-timestamp', 'on')";

    private History() {}

    /** Before anything happens. */
    static void begin(PostgresServer server, String database) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "SELECT pg_create_logical_replication_slot('" + SLOT + "', 'test_decoding')");
        }
    }

    /** Writes {@code history} and a file per table and side. */
    static void keep(
            Path directory,
            PostgresServer sourceServer,
            String source,
            PostgresServer targetServer,
            List<String> targets)
            throws IOException, SQLException {
        write(sourceServer, source, CHANGES, directory.resolve("history"));
        rows(sourceServer, source, directory);
        for (String target : targets) {
            rows(targetServer, target, directory);
        }
    }

    private static void rows(PostgresServer server, String database, Path directory)
            throws IOException, SQLException {
        Path files = Files.createDirectories(directory.resolve(database));
        for (String table : server.rows(database, TABLES)) {
            write(server, database, ROWS.formatted(table), files.resolve(table));
        }
    }

    private static void write(PostgresServer server, String database, String query, Path file)
            throws IOException, SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                BufferedWriter lines = Files.newBufferedWriter(file)) {
            connection.setAutoCommit(false);
            statement.setFetchSize(FETCH);
            try (ResultSet row = statement.executeQuery(query)) {
                while (row.next()) {
                    lines.write(row.getString(1));
                    lines.newLine();
                }
            }
        }
    }
}
