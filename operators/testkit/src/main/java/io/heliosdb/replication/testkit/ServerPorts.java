package io.heliosdb.replication.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for servers that shall find theirs free again after a restart: from below those that the
 * system gives to whoever connects somewhere (32768 and up on Linux).
 */
final class ServerPorts {

    private static final int FIRST = 15_000;
    private static final int LAST = 32_000;
    private static final int ATTEMPTS = 100;

    private ServerPorts() {}

    /** One that nobody listens on; any, so that tests side by side seldom take the same. */
    static int free() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return port;
            } catch (IOException e) {
                continue;
            }
        }
        throw new UncheckedIOException(
                new IOException("no free port between " + FIRST + " and " + LAST));
    }
}
