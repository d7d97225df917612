package io.heliosdb.replication.core.ingest.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Reads in large pieces while much arrives. A WAL sender writes each change by itself, and a reader
 * that is faster than it is woken for each: that costs both sides more than the change itself. So
 * while more than {@link #BUSY_BYTES_PER_SECOND} arrive, a read that has caught up pauses, and what
 * arrives meanwhile comes in one piece. While less arrives, nothing is delayed.
 *
 * <p>Not for several threads at once.
 */
final class PacedInputStream extends InputStream {

    /** Some 25,000 rows: below it being woken for each is affordable. */
    static final long BUSY_BYTES_PER_SECOND = 3 << 20;

    static final long WINDOW_NANOS = 2_000_000;

    private static final long PAUSE_NANOS = 3_000_000;
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
            pause.accept(PAUSE_NANOS);
        }
        int count = in.read(buffer, 0, buffer.length);
        if (count <= 0) {
            return false;
        }
        windowBytes += count;
        position = 0;
        limit = count;
        return true;
    }

    @Override
    public int available() throws IOException {
        return limit - position + in.available();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
