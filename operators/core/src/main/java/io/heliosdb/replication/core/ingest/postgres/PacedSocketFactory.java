package io.heliosdb.replication.core.ingest.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Sockets that read a busy stream in large pieces, see {@link PacedInputStream}.
 *
 * <p>The driver makes it by its name and connects by itself, see {@code socketFactory} of pgjdbc.
 */
public final class PacedSocketFactory extends SocketFactory {

    /** What the driver makes is found again by its argument. */
    private static final Map<String, PacedSocketFactory> MADE = new ConcurrentHashMap<>();

    private volatile @Nullable PacedSocket socket;

    /** Made by the driver with its {@code socketFactoryArg}. */
    public PacedSocketFactory(String name) {
        MADE.put(name, this);
    }

    /** The last socket of the factory that was made by this name; only once. Null for none. */
    static @Nullable PacedSocket socketOf(String name) {
        PacedSocketFactory factory = MADE.remove(name);
        return factory == null ? null : factory.socket;
    }

    @Override
    public Socket createSocket() {
        PacedSocket made = new PacedSocket();
        socket = made;
        return made;
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

    static final class PacedSocket extends Socket {

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

        private volatile @Nullable PacedInputStream input;

        private final PacedInputStream.ReadTimeout shortly =
                new PacedInputStream.ReadTimeout() {
                    private int before;

                    @Override
                    public void begin() throws IOException {
                        before = getSoTimeout();
                        setSoTimeout(1);
                    }

                    @Override
                    public void end() throws IOException {
                        setSoTimeout(before);
                    }
                };

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
            PacedInputStream made = new PacedInputStream(super.getInputStream());
            input = made;
            return made;
        }

        /** Whether something was taken from the socket that nobody has read. */
        boolean holdsSomething() {
            PacedInputStream current = input;
            return current != null && current.holdsSomething();
        }

        /**
         * Waits for a millisecond until something can be read, below TLS and whatever else is on
         * top; by the thread that reads. Whether something can.
         */
        boolean awaitReadable() throws IOException {
            PacedInputStream current = input;
            return current == null || current.await(shortly);
        }
    }
}
