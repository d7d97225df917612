package io.heliosdb.replication.core.ingest.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Reads in large pieces while much arrives. A WAL sender writes each change by itself. As long as
 * our receive buffer has room, each goes out at once: a packet, an acknowledgement and perhaps a
 * wake-up per change, which cost both sides more than the change itself. Once the buffer is full,
 * the sender's kernel puts together what is written, for a third of the processor time. So while
 * more than {@link #BUSY_BYTES_PER_SECOND} arrive, a read that has caught up pauses first, just
 * long enough that the buffer is full for the most part but the sender never has to stop: how much
 * comes after a read at once, from what the sender's kernel had kept, tells. While less arrives,
 * nothing is delayed.
 *
 * <p>Not for several threads at once.
 */
final class PacedInputStream extends InputStream {

    /** Some 25,000 rows: below it being woken for each is affordable. */
    static final long BUSY_BYTES_PER_SECOND = 3 << 20;

    static final long WINDOW_NANOS = 2_000_000;

    /** What a change may wait here at most. */
    static final long LONGEST_PAUSE_NANOS = 5_000_000;

    static final long SHORTEST_PAUSE_NANOS = 250_000;

    /**
     * Shares of a full receive buffer. More than {@code KEPT_MUCH} come at once after a read: the
     * sender may have to stop; less than {@code KEPT_LITTLE}: it sends one by one.
     */
    private static final double KEPT_MUCH = 0.9;

    private static final double KEPT_LITTLE = 0.6;

    /** The largest read forgets itself so fast: receive buffers shrink as well. */
    private static final double FORGET = 0.99;

    private static final int BUFFER_BYTES = 256 << 10;

    private final InputStream in;
    private final LongSupplier clock;
    private final LongConsumer pause;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int limit;
    private long windowStart;
    private long windowBytes;
    private boolean busy;
    private long pauseNanos = 1_000_000;
    private double fullBuffer;

    PacedInputStream(InputStream in) {
        this(in, System::nanoTime, LockSupport::parkNanos);
    }

    /** With a clock of nanoseconds and what pauses for some. */
    PacedInputStream(InputStream in, LongSupplier clock, LongConsumer pause) {
        this.in = in;
        this.clock = clock;
        this.pause = pause;
        this.windowStart = clock.getAsLong();
    }

    @Override
    public int read() throws IOException {
        return position == limit && !fill() ? -1 : buffer[position++] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (position == limit && !fill()) {
            return -1;
        }
        int taken = Math.min(length, limit - position);
        System.arraycopy(buffer, position, target, offset, taken);
        position += taken;
        return taken;
    }

    private boolean fill() throws IOException {
        boolean caughtUp = limit < buffer.length;
        long now = clock.getAsLong();
        long elapsed = now - windowStart;
        if (elapsed > WINDOW_NANOS) {
            busy = windowBytes > BUSY_BYTES_PER_SECOND * (elapsed / 1e9);
            windowStart = now;
            windowBytes = 0;
        }
        if (busy && caughtUp) {
            pause.accept(pauseNanos);
        }
        int count = in.read(buffer, 0, buffer.length);
        if (count <= 0) {
            return false;
        }
        windowBytes += count;
        if (busy) {
            fitPause(count);
        }
        position = 0;
        limit = count;
        return true;
    }

    private void fitPause(int count) throws IOException {
        fullBuffer = Math.max(count, fullBuffer * FORGET);
        int kept = in.available();
        if (kept > fullBuffer * KEPT_MUCH) {
            pauseNanos = Math.max(SHORTEST_PAUSE_NANOS, pauseNanos * 7 / 8);
        } else if (kept < fullBuffer * KEPT_LITTLE) {
            pauseNanos = Math.min(LONGEST_PAUSE_NANOS, pauseNanos * 9 / 8);
        }
    }

    @Override
    public int available() throws IOException {
        return position < limit ? limit - position : in.available();
    }

    /**
     * Waits until something can be read, without taking anything away from whoever reads next.
     *
     * @param timeout how reads of the socket below are given so long
     * @return whether something can be
     */
    boolean await(ReadTimeout timeout) throws IOException {
        if (available() > 0) {
            return true;
        }
        timeout.begin();
        try {
            // At the end of the stream too: the next read tells.
            fill();
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } finally {
            timeout.end();
        }
    }

    boolean holdsSomething() {
        return position < limit;
    }

    /** Limits how long reads below take, and lifts the limit again. */
    interface ReadTimeout {
        void begin() throws IOException;

        void end() throws IOException;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
