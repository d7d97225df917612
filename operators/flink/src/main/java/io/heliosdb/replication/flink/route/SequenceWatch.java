package io.heliosdb.replication.flink.route;

import io.heliosdb.replication.core.sequence.SequenceGoal;
import io.heliosdb.replication.core.sequence.SequenceHeadroom;
import io.heliosdb.replication.core.sequence.SequenceReading;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the source's sequences again and again, from a thread of its own, and hands on where
 * those that have moved shall stand; now and then, and for whoever comes new, all of them.
 */
final class SequenceWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SequenceWatch.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final long ALL_NANOS = Duration.ofSeconds(30).toNanos();

    private final SequenceAccess.Reader reader;
    private final Consumer<List<SequenceGoal>> receiver;
    private final SequenceHeadroom headroom = new SequenceHeadroom();
    private final ScheduledExecutorService thread;
    private volatile boolean allWanted = true;
    private long lastAllNanos;
    private boolean failing;

    /**
     * @param receiver called on the watch's thread
     */
    SequenceWatch(SequenceAccess.Reader reader, Consumer<List<SequenceGoal>> receiver) {
        this.reader = reader;
        this.receiver = receiver;
        this.thread =
                Executors.newSingleThreadScheduledExecutor(
                        task -> {
                            Thread daemon = new Thread(task, "watch-sequences");
                            daemon.setDaemon(true);
                            return daemon;
                        });
    }

    void start() {
        thread.scheduleWithFixedDelay(this::look, 0, PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Somebody is new: all are handed on with the next look. */
    void wantAll() {
        allWanted = true;
    }

    private void look() {
        try {
            List<SequenceReading> readings = reader.read();
            boolean all = allWanted || System.nanoTime() - lastAllNanos > ALL_NANOS;
            if (all) {
                allWanted = false;
                lastAllNanos = System.nanoTime();
            }
            receiver.accept(all ? headroom.all(readings) : headroom.moved(readings));
            if (failing) {
                failing = false;
                LOG.info("sequences are read again");
            }
        } catch (RejectedExecutionException e) {
            LOG.debug("sequences were read after the task had ended");
        } catch (RuntimeException e) {
            // Whatever it is, the next look must come.
            if (!failing && !thread.isShutdown()) {
                LOG.warn("sequences not read, tried again cause={}", e.getMessage());
            }
            failing = true;
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        reader.close();
    }
}
