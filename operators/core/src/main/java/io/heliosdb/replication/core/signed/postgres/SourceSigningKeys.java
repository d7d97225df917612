package io.heliosdb.replication.core.signed.postgres;

import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.core.signed.SigningKey;
import io.heliosdb.replication.core.signed.SigningKeys;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.DatabaseConfig;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys in {@code heliosdb.signing_key} of a source. They are read again for an id that is not
 * known, over a connection of that moment, unless they were read after the message.
 */
public final class SourceSigningKeys implements SigningKeys {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final DatabaseConfig source;
    private final Map<String, SigningKey> known = new HashMap<>();

    /** Keys that were there by this LSN are known. */
    private long knownUpTo;

    public SourceSigningKeys(DatabaseConfig source) {
        this.source = source;
    }

    @Override
    public @Nullable SigningKey key(String id, long lsn) {
        if (!known.containsKey(id) && Long.compareUnsigned(lsn, knownUpTo) > 0) {
            read();
        }
        return known.get(id);
    }

    private void read() {
        try (Connection connection =
                        Connections.open(
                                source, "heliosdb-keys", Connections.Endpoint.SOURCE, PATIENCE);
                Statement statement = connection.createStatement()) {
            known.clear();
            knownUpTo = here(statement);
            if (!installed(statement)) {
                return;
            }
            try (ResultSet row = statement.executeQuery(SigningSql.KEYS)) {
                while (row.next()) {
                    known.put(row.getString(1), new SigningKey(row.getString(1), row.getBytes(2)));
                }
            }
        } catch (SQLException e) {
            throw new ReplicationException(
                    ErrorCode.SOURCE_UNREACHABLE,
                    "signing keys of " + source.url() + ": " + e.getMessage(),
                    e);
        }
    }

    private static long here(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery(SigningSql.HERE)) {
            row.next();
            return Lsn.parse(row.getString(1)).value();
        }
    }

    private static boolean installed(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery(SigningSql.INSTALLED)) {
            return row.next() && row.getBoolean(1);
        }
    }
}
