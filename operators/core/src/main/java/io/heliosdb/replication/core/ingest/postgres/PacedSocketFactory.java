package io.heliosdb.replication.core.ingest.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import javax.net.SocketFactory;

/**
 * Sockets that read a busy stream in large pieces, see {@link PacedInputStream}.
 *
 * <p>The driver makes it by its name and connects by itself, see {@code socketFactory} of pgjdbc.
 */
public final class PacedSocketFactory extends SocketFactory {

    @Override
    public Socket createSocket() {
        return new PacedSocket();
    }

    @Override
    public Socket createSocket(String host, int port) {
        throw new UnsupportedOperationException("the driver connects by itself");
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
        throw new UnsupportedOperationException("the driver connects by itself");
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
        throw new UnsupportedOperationException("the driver connects by itself");
    }

    @Override
    public Socket createSocket(
            InetAddress address, int port, InetAddress localAddress, int localPort) {
        throw new UnsupportedOperationException("the driver connects by itself");
    }

    private static final class PacedSocket extends Socket {

        /**
         * What the kernel keeps for us while we pause (it doubles the number). Small enough to be
         * full after a pause, see {@link PacedInputStream}; large enough for 100 MB/s.
         */
        private static final int NEAR_BUFFER_BYTES = 48 << 10;

        /**
         * A peer that answers within this time is near: so small a window does not slow it down.
         * For others the kernel finds the size, since much is on the way.
         */
        private static final long NEAR_NANOS = 3_000_000;

        @Override
        public void connect(SocketAddress endpoint, int timeout) throws IOException {
            long begin = System.nanoTime();
            super.connect(endpoint, timeout);
            if (System.nanoTime() - begin < NEAR_NANOS) {
                setReceiveBufferSize(NEAR_BUFFER_BYTES);
            }
        }

        @Override
        public InputStream getInputStream() throws IOException {
            return new PacedInputStream(super.getInputStream());
        }
    }
}
