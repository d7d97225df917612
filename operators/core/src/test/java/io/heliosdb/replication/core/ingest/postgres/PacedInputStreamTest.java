package io.heliosdb.replication.core.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PacedInputStreamTest {

    private static final int SLOW = 1 << 20;
    private static final int FAST = 32 << 20;
    private static final long WAKE_UP_NANOS = 10_000;

    private long now;
    private int reads;
    private int pauses;
    private double bytesPerSecond;

    /** A sender that never stops, at {@link #bytesPerSecond}; a read gives what has come. */
    private PacedInputStream stream(double rate) {
        bytesPerSecond = rate;
        InputStream endless =
                new InputStream() {
                    private long given = now;

                    @Override
                    public int read() {
                        throw new AssertionError("byte by byte");
                    }

                    @Override
                    public int read(byte[] target, int offset, int length) {
                        now += WAKE_UP_NANOS;
                        int count = (int) Math.min(length, (now - given) / 1e9 * bytesPerSecond);
                        given += (long) (count * 1e9 / bytesPerSecond);
                        reads++;
                        return count;
                    }
                };
        return new PacedInputStream(
                endless,
                () -> now,
                nanos -> {
                    now += nanos;
                    pauses++;
                });
    }

    private static void take(InputStream in, long bytes) throws IOException {
        byte[] sink = new byte[8192];
        for (long left = bytes; left > 0; ) {
            left -= in.read(sink, 0, (int) Math.min(left, sink.length));
        }
    }

    @Test
    void givesEveryByteOnceAndInOrder() throws IOException {
        Random random = new Random(7);
        byte[] sent = new byte[1 << 20];
        random.nextBytes(sent);
        PacedInputStream in = new PacedInputStream(new ByteArrayInputStream(sent));
        ByteArrayOutputStream received = new ByteArrayOutputStream();

        byte[] part = new byte[3000];
        while (true) {
            if (random.nextInt(10) == 0) {
                int one = in.read();
                if (one < 0) {
                    break;
                }
                received.write(one);
            } else {
                int count = in.read(part, 5, random.nextInt(part.length - 5));
                if (count < 0) {
                    break;
                }
                received.write(part, 5, count);
            }
        }

        assertThat(received.toByteArray()).isEqualTo(sent);
        assertThat(in.read(part, 0, 10)).isEqualTo(-1);
    }

    @Test
    void delaysNothingWhileLittleArrives() throws IOException {
        take(stream(SLOW), SLOW);

        assertThat(pauses).isZero();
    }

    @Test
    void readsLargePiecesWhileMuchArrives() throws IOException {
        take(stream(FAST), FAST);

        assertThat(pauses).isGreaterThan(150);
        assertThat(reads).isLessThan(2 * pauses);
    }

    /** Who is behind shall not rest. */
    @Test
    void doesNotPauseWhileMoreIsWaiting() throws IOException {
        PacedInputStream in = stream(1e12);
        take(in, 64L << 20);

        assertThat(pauses).isLessThan(3);
    }

    @Test
    void stopsPausingOnceLittleArrives() throws IOException {
        PacedInputStream in = stream(FAST);
        take(in, FAST);
        assertThat(pauses).isPositive();

        bytesPerSecond = SLOW;
        take(in, SLOW);
        pauses = 0;
        take(in, SLOW);

        assertThat(pauses).isZero();
    }

    /** What is sent while the receive buffer is full is put together by the sender's kernel. */
    @ParameterizedTest
    @ValueSource(ints = {16, 32, 64, 128})
    void keepsTheReceiveBufferFullButTheSenderGoing(int megabytesPerSecond) throws IOException {
        Connection connection = new Connection(megabytesPerSecond << 20);
        PacedInputStream in =
                new PacedInputStream(
                        connection,
                        () -> now,
                        nanos -> {
                            now += nanos;
                            pauses++;
                        });
        take(in, 64L << 20);
        connection.forget();

        take(in, 256L << 20);

        assertThat(connection.keptBytes).isGreaterThan(connection.sentBytes / 3);
        assertThat(connection.stoppedBytes).isLessThan(connection.sentBytes / 50);
    }

    /** A sender of a rate, its kernel's buffer and the receiver's. */
    private final class Connection extends InputStream {

        private static final int RECEIVE_BUFFER = 64 << 10;
        private static final int SEND_BUFFER = 128 << 10;

        private final double bytesPerSecond;
        private long seen = now;
        private int received;
        private int queued;
        private long sentBytes;
        private long keptBytes;
        private long stoppedBytes;

        Connection(double bytesPerSecond) {
            this.bytesPerSecond = bytesPerSecond;
        }

        void forget() {
            sentBytes = 0;
            keptBytes = 0;
            stoppedBytes = 0;
        }

        private void send() {
            int written = (int) ((now - seen) / 1e9 * bytesPerSecond);
            seen = now;
            int direct = Math.min(written, RECEIVE_BUFFER - received);
            received += direct;
            int kept = Math.min(written - direct, SEND_BUFFER - queued);
            queued += kept;
            keptBytes += kept;
            stoppedBytes += written - direct - kept;
            sentBytes += direct + kept;
        }

        @Override
        public int read() {
            throw new AssertionError("byte by byte");
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            now += WAKE_UP_NANOS;
            send();
            int count = Math.min(length, received);
            int moved = Math.min(queued, RECEIVE_BUFFER - received + count);
            received += moved - count;
            queued -= moved;
            return count;
        }

        @Override
        public int available() {
            return received;
        }
    }

    @Test
    void countsWhatItHoldsAsAvailable() throws IOException {
        PacedInputStream in = new PacedInputStream(new ByteArrayInputStream(new byte[100]));

        assertThat(in.available()).isEqualTo(100);
        assertThat(in.read()).isZero();
        assertThat(in.available()).isEqualTo(99);
    }
}
