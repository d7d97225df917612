package io.heliosdb.replication.core.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.core.ingest.WalPosition;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.SourceConfig;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a reader waits, breaks and ends. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WalReaderLifecycleTest extends SourceStand {

    private static ErrorCode code(Throwable failure) {
        return ((ReplicationException) failure).code();
    }

    private void endBackend(String where) {
        server.execute(
                "postgres",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"
                        + database
                        + "' AND "
                        + where);
    }

    @Test
    void endsAReaderThatWaits() throws Exception {
        PostgresWalReader reader = PostgresWalReader.open(config, source, begin());
        CountDownLatch started = new CountDownLatch(1);
        CompletableFuture<WalChunk> last =
                CompletableFuture.supplyAsync(
                        () -> {
                            WalChunk chunk = reader.read();
                            started.countDown();
                            while (chunk != null) {
                                chunk = reader.read();
                            }
                            return chunk;
                        });
        started.await();
        reader.close();
        assertThat(last.get(10, TimeUnit.SECONDS)).isNull();
        assertThat(reader.read()).as("stays closed").isNull();
        reader.close();
    }

    @Test
    void endsInTheMiddleOfALargeTransactionWithoutReadingItsRest() throws SQLException {
        WalPosition begin = begin();
        server.execute(
                database, "INSERT INTO t SELECT g, 'c', 'x' FROM generate_series(1, 300000) g");
        PostgresWalReader.Limits limits =
                new PostgresWalReader.Limits(
                        64 << 10, Duration.ofSeconds(60), Duration.ofMillis(200));
        PostgresWalReader reader = PostgresWalReader.open(config, source, begin, limits);
        WalPosition position = begin;
        while (position.partialOrdinal() == 0) {
            WalChunk chunk = reader.read();
            position = position.after(chunk);
            if (chunk.last()) {
                reader.confirm(chunk.commitEndLsn());
            }
        }
        long confirmed = position.restartLsn();
        long from = System.nanoTime();
        reader.close();
        assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(2));
        await(
                "SELECT NOT active FROM pg_replication_slots WHERE slot_name='"
                        + config.slot()
                        + "'");
        assertThat(confirmed())
                .as("what was read in part is not confirmed")
                .isLessThanOrEqualTo(confirmed);
    }

    @Test
    void staysAliveWhileNobodyReads() throws Exception {
        server.execute("postgres", "ALTER DATABASE " + database + " SET wal_sender_timeout = '1s'");
        WalPosition begin = begin();
        try (PostgresWalReader reader = PostgresWalReader.open(config, source, begin)) {
            reader.read();
            CountDownLatch never = new CountDownLatch(1);
            for (int i = 0; i < 15; i++) {
                assertThat(never.await(200, TimeUnit.MILLISECONDS)).isFalse();
                reader.keepAlive();
            }
            server.execute(database, "INSERT INTO t VALUES (1, 'a', 'x')");
            while (changes(reader.read()).isEmpty()) {
                // heartbeats of the meantime
            }
        }
    }

    @Test
    void beatsOnWhenTheHeartbeatsConnectionIsLost() {
        WalPosition begin = begin();
        try (PostgresWalReader reader = PostgresWalReader.open(config, source, begin)) {
            reader.read();
            endBackend("application_name = 'heliosdb-heartbeat'");
            for (int i = 0; i < 10; i++) {
                assertThat(reader.read()).isNotNull();
            }
        }
    }

    @Test
    void saysThatTheStreamBrokeAndCanBeOpenedAgain() {
        WalPosition position = begin();
        try (PostgresWalReader reader = PostgresWalReader.open(config, source, position)) {
            position = position.after(reader.read());
            endBackend("backend_type = 'walsender'");
            assertThatThrownBy(
                            () -> {
                                while (true) {
                                    reader.read();
                                }
                            })
                    .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.SOURCE_UNREACHABLE))
                    .hasMessageContaining(config.slot());
        }
        server.execute(database, "INSERT INTO t VALUES (1, 'a', 'x')");
        assertThat(read(position, 1, limits(256 << 10))).isNotEmpty();
    }

    @Test
    void noticesASourceThatIsOutOfReachWithoutHavingSaidSo() throws IOException {
        WalPosition begin = begin();
        PostgresWalReader.Limits limits =
                new PostgresWalReader.Limits(
                        64 << 10, Duration.ofSeconds(2), Duration.ofMillis(500));
        try (FreezableProxy network = new FreezableProxy(server.port())) {
            SourceConfig farAway =
                    config("jdbc:postgresql://localhost:" + network.port() + "/" + database);
            try (PostgresWalReader reader =
                    PostgresWalReader.open(farAway, source, begin, limits)) {
                reader.read();
                network.freeze();
                assertThatThrownBy(
                                () -> {
                                    while (true) {
                                        reader.read();
                                    }
                                })
                        .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.SOURCE_UNREACHABLE))
                        .hasMessageContaining("silent for 2 s");
            }
        }
    }

    @Test
    void endsWithinItsTimeWhenTheSourceIsOutOfReach() throws IOException {
        WalPosition begin = begin();
        PostgresWalReader.Limits limits =
                new PostgresWalReader.Limits(
                        64 << 10, Duration.ofSeconds(60), Duration.ofMillis(300));
        try (FreezableProxy network = new FreezableProxy(server.port())) {
            SourceConfig farAway =
                    config("jdbc:postgresql://localhost:" + network.port() + "/" + database);
            PostgresWalReader reader = PostgresWalReader.open(farAway, source, begin, limits);
            reader.read();
            network.freeze();
            long from = System.nanoTime();
            reader.close();
            assertThat(Duration.ofNanos(System.nanoTime() - from))
                    .isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void pointsToTheCheckWhenThePublicationIsMissing() {
        WalPosition begin = begin();
        server.execute(
                database, "DROP PUBLICATION p", "INSERT INTO t VALUES (1, 'a', 'unpublished')");
        try (PostgresWalReader reader = PostgresWalReader.open(config, source, begin)) {
            assertThatThrownBy(
                            () -> {
                                while (true) {
                                    reader.read();
                                }
                            })
                    .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.SOURCE_NOT_READY))
                    .hasMessageContaining("publication \"p\"")
                    .hasMessageContaining("heliosdb-cli check");
        }
    }
}
