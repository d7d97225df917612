package io.heliosdb.replication.core.verify.postgres;

import io.heliosdb.replication.testkit.PostgresServer;

/** One server for all tests of this JVM. */
final class Postgres {

    static final PostgresServer SERVER = PostgresServer.start();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(SERVER::close));
    }

    private Postgres() {}
}
