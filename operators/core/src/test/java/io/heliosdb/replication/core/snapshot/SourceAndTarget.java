package io.heliosdb.replication.core.snapshot;

import io.heliosdb.replication.testkit.PostgresServer;
import org.jspecify.annotations.Nullable;

/** Two servers per JVM, as source and target of the tests of this module; started when needed. */
public final class SourceAndTarget {

    private static @Nullable PostgresServer source;
    private static @Nullable PostgresServer target;

    private SourceAndTarget() {}

    public static synchronized PostgresServer source() {
        if (source == null) {
            source = start();
        }
        return source;
    }

    public static synchronized PostgresServer target() {
        if (target == null) {
            target = start();
        }
        return target;
    }

    private static PostgresServer start() {
        PostgresServer server = PostgresServer.start();
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        return server;
    }
}
