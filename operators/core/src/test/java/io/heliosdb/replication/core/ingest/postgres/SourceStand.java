package io.heliosdb.replication.core.ingest.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.core.ingest.WalPosition;
import io.heliosdb.replication.core.wire.PgOutput;
import io.heliosdb.replication.core.wire.PgOutputMessage;
import io.heliosdb.replication.core.wire.Tuples;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.model.config.SourceConfig;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import io.heliosdb.replication.testkit.PostgresVersion;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/**
 * A source with a published table {@code t (id, tenant_id, v)}, an unpublished one and a slot of
 * its own per test; nothing may be left open at the end of one.
 */
abstract class SourceStand {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    static PostgresServer server;

    String database;
    SourceConfig config;
    SourceIdentity source;

    @BeforeAll
    static void startServer() {
        server = PostgresServer.start(PostgresVersion.source());
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void createSource() {
        database = server.createDatabase("wal");
        server.execute(
                database,
                "CREATE TABLE t (id int PRIMARY KEY, tenant_id text, v text)",
                "CREATE TABLE unpublished (id int)",
                "CREATE PUBLICATION p FOR TABLE t");
        config = config(server.url(database));
        source = SourceAdmin.identify(config.database());
    }

    SourceConfig config(String url) {
        return new SourceConfig(
                new DatabaseConfig(url, PostgresServer.USER, Secret.EMPTY),
                "slot_" + database,
                "p",
                Duration.ofMillis(100),
                Duration.ofMillis(500));
    }

    @AfterEach
    void nothingIsLeftOpen() throws SQLException {
        if (SourceAdmin.slot(config).isPresent()) {
            await(
                    "SELECT NOT active FROM pg_replication_slots WHERE slot_name = '"
                            + config.slot()
                            + "'");
            SourceAdmin.dropSlot(config);
        }
        await(
                "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = '"
                        + database
                        + "' AND application_name LIKE 'heliosdb%'");
    }

    /** Waits until the query says true. */
    void await(String condition) throws SQLException {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement()) {
            Await.until(condition, PATIENCE, () -> isTrue(statement, condition));
        }
    }

    private static boolean isTrue(Statement statement, String condition) throws SQLException {
        try (ResultSet row = statement.executeQuery(condition)) {
            return row.next() && row.getBoolean(1);
        }
    }

    WalPosition begin() {
        return WalPosition.at(SourceAdmin.begin(config).value());
    }

    /** Where the slot's reader has confirmed to. */
    long confirmed() {
        return SourceAdmin.slot(config).orElseThrow().confirmedFlushLsn().value();
    }

    /** The rows of table t in a chunk, as operation and id. */
    static List<String> changes(WalChunk chunk) {
        List<String> changes = new ArrayList<>();
        PgOutputMessage message = new PgOutputMessage();
        for (int at = 0; at < chunk.length(); at = message.end()) {
            message.wrapFramed(chunk.messages(), at, chunk.length());
            byte type = message.type();
            if (type == PgOutput.INSERT || type == PgOutput.UPDATE || type == PgOutput.DELETE) {
                long id = Tuples.slice(message.bytes(), message.oldTuple(), message.end(), 0);
                changes.add(
                        (char) type
                                + new String(
                                        message.bytes(),
                                        Tuples.offset(id),
                                        Tuples.length(id),
                                        UTF_8));
            }
        }
        return changes;
    }

    /** Reads from a position until so many rows have come. */
    List<WalChunk> read(WalPosition from, int rows, PostgresWalReader.Limits limits) {
        List<WalChunk> chunks = new ArrayList<>();
        int seen = 0;
        try (PostgresWalReader reader = PostgresWalReader.open(config, source, from, limits)) {
            while (seen < rows) {
                WalChunk chunk = reader.read();
                chunks.add(chunk);
                seen += changes(chunk).size();
            }
        }
        return chunks;
    }

    static PostgresWalReader.Limits limits(int partBytes) {
        return new PostgresWalReader.Limits(
                partBytes, Duration.ofSeconds(60), Duration.ofSeconds(2));
    }
}
