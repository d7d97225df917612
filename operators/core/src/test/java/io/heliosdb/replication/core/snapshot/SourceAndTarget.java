package io.heliosdb.replication.core.snapshot;

import io.heliosdb.replication.testkit.PostgresServer;
import io.heliosdb.replication.testkit.PostgresVersion;
import org.jspecify.annotations.Nullable;

/**
 * Two servers per JVM, as source and target of the tests of this module; started when needed, of
 * the versions that {@link PostgresVersion} says.
 */
public final class SourceAndTarget {

    private static @Nullable PostgresServer source;
    private static @Nullable PostgresServer target;

    private SourceAndTarget() {}

    public static synchronized PostgresServer source() {
        if (source == null) {
            source = start(PostgresVersion.source());
        }
        return source;
    }

    public static synchronized PostgresServer target() {
        if (target == null) {
            target = start(PostgresVersion.target());
        }
        return target;
    }

    /** The older major version of the two: what it does not have cannot be replicated. */
    public static int oldestVersion() {
        return Math.min(PostgresVersion.source().major(), PostgresVersion.target().major());
    }

    private static PostgresServer start(PostgresVersion version) {
        PostgresServer server = PostgresServer.start(version);
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        return server;
    }
}
