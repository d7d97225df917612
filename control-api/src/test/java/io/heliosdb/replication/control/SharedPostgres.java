package io.heliosdb.replication.control;

import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.testkit.PostgresServer;

/** One server for all tests of this JVM; each has databases of its own. */
public final class SharedPostgres {

    private static final PostgresServer SERVER = PostgresServer.start();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(SERVER::close));
    }

    private SharedPostgres() {}

    public static PostgresServer server() {
        return SERVER;
    }

    public static DatabaseConfig database(String name) {
        return new DatabaseConfig(SERVER.url(name), PostgresServer.USER, Secret.EMPTY);
    }

    /** A new, empty database. */
    public static DatabaseConfig newDatabase(String prefix) {
        return database(SERVER.createDatabase(prefix));
    }
}
