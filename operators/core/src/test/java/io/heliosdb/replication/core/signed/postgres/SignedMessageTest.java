package io.heliosdb.replication.core.signed.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.core.signed.SignedMessage;
import io.heliosdb.replication.core.snapshot.SourceAndTarget;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The function at the source signs what is accepted here, and nothing else is. */
class SignedMessageTest {

    private static final String PREFIX = "heliosdb.test";

    private static final long LATER = Long.MAX_VALUE;

    private final PostgresServer server = SourceAndTarget.source();
    private String database;
    private SourceSigningKeys keys;

    @BeforeEach
    void install() {
        database = server.createDatabase("signed");
        for (int twice = 0; twice < 2; twice++) {
            server.execute(
                    database, SigningSql.install(PostgresServer.USER).toArray(String[]::new));
        }
        keys =
                new SourceSigningKeys(
                        new DatabaseConfig(
                                server.url(database), PostgresServer.USER, Secret.EMPTY));
    }

    /** A message as the WAL has it. */
    private record Sent(long xid, byte[] content) {
        @Nullable String body(String prefix, long underXid, SourceSigningKeys keys) {
            return SignedMessage.body(prefix, underXid, LATER, content, 0, content.length, keys);
        }
    }

    private Sent emit(String body) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            String slot = "signed_" + database;
            statement.execute(
                    "SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
            try {
                statement.execute("CREATE PUBLICATION p");
                statement.execute(
                        "SELECT heliosdb.emit('"
                                + PREFIX
                                + "', '"
                                + body.replace("'", "''")
                                + "')");
                try (ResultSet row =
                        statement.executeQuery(
                                "SELECT xid::text::bigint, data FROM"
                                        + " pg_logical_slot_peek_binary_changes('"
                                        + slot
                                        + "', NULL, NULL, 'proto_version', '1',"
                                        + " 'publication_names', 'p', 'messages', 'true')"
                                        + " WHERE get_byte(data, 0) = 77")) {
                    assertThat(row.next()).isTrue();
                    byte[] data = row.getBytes(2);
                    int head = 1 + 1 + 8 + PREFIX.length() + 1 + 4;
                    return new Sent(
                            row.getLong(1), java.util.Arrays.copyOfRange(data, head, data.length));
                }
            } finally {
                statement.execute("SELECT pg_drop_replication_slot('" + slot + "')");
            }
        }
    }

    @Test
    void whatTheSourceSignsIsAccepted() throws SQLException {
        Sent sent = emit("{\"déjà\": 'vu'}");

        assertThat(sent.body(PREFIX, sent.xid, keys)).isEqualTo("{\"déjà\": 'vu'}");
    }

    @Test
    void acceptsNothingElse() throws SQLException {
        Sent sent = emit("body");
        byte[] other = sent.content.clone();
        other[other.length - 1]++;

        assertThat(sent.body("heliosdb.other", sent.xid, keys)).isNull();
        assertThat(sent.body(PREFIX, sent.xid + 1, keys)).as("replayed").isNull();
        assertThat(new Sent(sent.xid, other).body(PREFIX, sent.xid, keys)).isNull();
        assertThat(new Sent(sent.xid, "drop table".getBytes(UTF_8)).body(PREFIX, sent.xid, keys))
                .isNull();
        server.execute(database, "DELETE FROM heliosdb.signing_key");
        SourceSigningKeys none =
                new SourceSigningKeys(
                        new DatabaseConfig(
                                server.url(database), PostgresServer.USER, Secret.EMPTY));
        assertThat(sent.body(PREFIX, sent.xid, none)).as("of an unknown key").isNull();
    }

    @Test
    void aKeyMadeLaterIsFound() throws SQLException {
        emit("old");
        assertThat(keys.key("0123456789abcdef", LATER)).isNull();
        server.execute(database, "DELETE FROM heliosdb.signing_key", "DROP PUBLICATION p");
        server.execute(database, SigningSql.install(PostgresServer.USER).toArray(String[]::new));
        Sent sent = emit("new");

        assertThat(sent.body(PREFIX, sent.xid, keys)).isEqualTo("new");
    }

    /** Whoever may log in may write forgeries, of as many keys as he likes. */
    @Test
    void forgeriesOfBeforeTheLastLookAreNotAskedFor() throws SQLException {
        long before = lsn();
        assertThat(keys.key("0123456789abcdef", before)).isNull();
        server.execute(
                database,
                "INSERT INTO heliosdb.signing_key (id, secret, inner_pad, outer_pad)"
                        + " SELECT 'fedcba9876543210', secret, inner_pad, outer_pad"
                        + " FROM heliosdb.signing_key");

        assertThat(keys.key("fedcba9876543210", before)).isNull();
        assertThat(keys.key("fedcba9876543210", lsn())).isNotNull();
    }

    private long lsn() throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_wal_insert_lsn()")) {
            row.next();
            return Lsn.parse(row.getString(1)).value();
        }
    }

    @Test
    void anOrdinaryRoleCannotSign() throws SQLException {
        server.execute(
                database,
                "DROP ROLE IF EXISTS signed_app",
                "CREATE ROLE signed_app",
                "GRANT USAGE ON SCHEMA heliosdb TO signed_app",
                "GRANT EXECUTE ON FUNCTION heliosdb.emit(text, text) TO signed_app");
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute("SET ROLE signed_app");
            assertThatThrownBy(() -> statement.execute("SELECT heliosdb.emit('p', 'x')"))
                    .hasMessageContaining("permission denied for table signing_key");
        } finally {
            server.execute(database, "DROP OWNED BY signed_app", "DROP ROLE signed_app");
        }
    }
}
