package io.heliosdb.replication.cli.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.testkit.PostgresServer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A store, its feed and a job, on a server of the class; no secret may be in the log. */
abstract class FeedCase {

    static PostgresServer server;

    @TempDir Path directory;
    CapturedLog log;
    StoreStand stand;

    @BeforeAll
    static void startServer() {
        server = PostgresServer.start();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void open() {
        log = CapturedLog.begin();
        stand = new StoreStand(server, directory);
    }

    @AfterEach
    void noSecretIsInTheLog() {
        stand.close();
        log.close();
        assertThat(log.lines()).isNotEmpty();
        for (String secret : stand.secrets) {
            assertThat(log.lines()).noneMatch(line -> line.contains(secret));
        }
    }

    static long millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }
}
