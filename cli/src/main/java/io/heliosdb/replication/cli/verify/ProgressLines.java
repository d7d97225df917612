package io.heliosdb.replication.cli.verify;

import io.heliosdb.replication.core.verify.VerifyListener;
import io.heliosdb.replication.model.TableId;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Tells how far a long verification is, a line every few seconds; a short one says nothing. */
final class ProgressLines implements VerifyListener {

    private static final long INTERVAL_NANOS = Duration.ofSeconds(3).toNanos();

    private final PrintWriter out;
    private final LongSupplier nanoTime;
    private long lastNanos;

    ProgressLines(PrintWriter out, LongSupplier nanoTime) {
        this.out = out;
        this.nanoTime = nanoTime;
        this.lastNanos = nanoTime.getAsLong();
    }

    @Override
    public void waiting(String target, int replicationsBehind) {
        say("waiting for target %s: %,d replications behind", target, replicationsBehind);
    }

    @Override
    public void compared(
            TableId table, int tablesDone, int tables, long rows, double rowsPerSecond) {
        say(
                "%d of %d tables compared, %,d rows, %,.0f rows/s",
                tablesDone, tables, rows, rowsPerSecond);
    }

    private void say(String format, Object... arguments) {
        long now = nanoTime.getAsLong();
        if (now - lastNanos >= INTERVAL_NANOS) {
            lastNanos = now;
            out.println(String.format(Locale.ROOT, format, arguments));
            out.flush();
        }
    }
}
