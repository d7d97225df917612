package io.heliosdb.replication.job;

import io.heliosdb.replication.testkit.PostgresServer;
import io.heliosdb.replication.testkit.PostgresVersion;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests of the job between two servers: a fresh {@link Stand} each, nothing left open after it. */
abstract class JobStand {

    static PostgresServer sourceServer;
    static PostgresServer targetServer;

    @TempDir Path directory;

    Stand stand;

    /** The database of target {@code main}. */
    String target;

    @BeforeAll
    static void startServers() {
        sourceServer = PostgresServer.start(PostgresVersion.source());
        targetServer = PostgresServer.start(PostgresVersion.target());
    }

    @AfterAll
    static void stopServers() {
        sourceServer.close();
        targetServer.close();
    }

    @BeforeEach
    void createDatabases() {
        stand = new Stand(sourceServer, directory);
        target = stand.target("main", targetServer);
    }

    @AfterEach
    void nothingIsLeftOpen() {
        stand.close();
    }
}
