package io.heliosdb.replication.flink.feed.postgres;

import io.heliosdb.replication.core.feed.SpecUpserts;
import io.heliosdb.replication.core.feed.SpecView;
import io.heliosdb.replication.core.feed.postgres.ControlStore;
import io.heliosdb.replication.core.preflight.Finding;
import io.heliosdb.replication.core.preflight.PreflightReport;
import io.heliosdb.replication.flink.feed.StoreFollower;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.ControlStoreConfig;
import java.time.Duration;
import java.util.function.Consumer;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that follows a store: connect, read everything, then read again when something has
 * changed, and every half minute. Where nothing tells of changes, it looks every second, also until
 * the first of its own beats came back. A store that is away is tried again for ever.
 *
 * <p>The slot holds nothing that a read does not tell: it is made anew at each start, and dropped
 * at each end, so one that was lost or invalidated needs no care.
 */
final class FollowedStore implements StoreFollower.Following {

    private static final Logger LOG = LoggerFactory.getLogger(FollowedStore.class);

    private static final Duration READ_ANYWAY = Duration.ofSeconds(30);
    private static final Duration READ_WITHOUT_STREAM = Duration.ofSeconds(1);
    private static final Duration STREAM_AGAIN = Duration.ofSeconds(10);
    private static final Duration STREAM_BEGINS = Duration.ofSeconds(20);
    private static final Duration BEAT = Duration.ofSeconds(10);

    /** A server that is to stop waits for the reader of a slot: it must notice soon. */
    private static final Duration PING = Duration.ofSeconds(1);

    private static final Duration STEP = Duration.ofMillis(200);
    private static final Duration LONGEST_REST = Duration.ofSeconds(5);

    private final ControlStoreConfig config;
    private final SourceReaderContext context;
    private final Consumer<SpecUpserts> news;
    private final SpecView view = new SpecView();
    private final Thread thread;
    private volatile boolean closed;
    private volatile boolean streaming;
    private @Nullable String toldAway;
    private @Nullable PreflightReport toldFindings;

    FollowedStore(
            ControlStoreConfig config,
            SourceReaderContext context,
            SpecUpserts known,
            Consumer<SpecUpserts> news) {
        this.config = config;
        this.context = context;
        this.news = news;
        view.merge(known);
        this.thread = new Thread(this::run, "follow-store");
        thread.setDaemon(true);
        thread.setContextClassLoader(context.getUserCodeClassLoader().asClassLoader());
        thread.start();
    }

    @Override
    public boolean isStreaming() {
        return streaming;
    }

    private void run() {
        Duration rest = Duration.ofMillis(100);
        while (!closed) {
            try (ControlStore store = ControlStore.open(config)) {
                tell(store.check());
                read(store);
                rest = Duration.ofMillis(100);
                if (toldAway != null) {
                    LOG.info("store is back source={}", config.sourceConnection());
                    toldAway = null;
                }
                follow(store);
            } catch (ReplicationException e) {
                away(e);
                pause(rest);
                rest =
                        rest.multipliedBy(2).compareTo(LONGEST_REST) > 0
                                ? LONGEST_REST
                                : rest.multipliedBy(2);
            } catch (RuntimeException | LinkageError e) {
                if (!closed) {
                    LOG.error("store not followed, tried again", e);
                }
                pause(LONGEST_REST);
            }
        }
    }

    private void away(ReplicationException cause) {
        String code = cause.code().name();
        if (!closed && !code.equals(toldAway)) {
            toldAway = code;
            LOG.warn(
                    "store is away, what is known holds source={} cause={}",
                    config.sourceConnection(),
                    cause.getMessage());
        }
    }

    private void tell(PreflightReport findings) {
        if (!findings.equals(toldFindings)) {
            toldFindings = findings;
            for (Finding finding : findings.findings()) {
                LOG.warn(
                        "store not ready severity={} message={} fix={}",
                        finding.severity(),
                        finding.message(),
                        String.join(" ", finding.fixSql()));
            }
        }
    }

    private void read(ControlStore store) {
        SpecUpserts read = store.wanted(view.liveIds());
        SpecUpserts more = view.mergeWhole(read);
        if (!more.isEmpty() && !closed) {
            news.accept(more);
        }
    }

    /** Until the store fails, or this is closed. */
    private void follow(ControlStore store) {
        StoreChanges changes = null;
        long now = System.nanoTime();
        long streamAt = now;
        long readAt = now + READ_ANYWAY.toNanos();
        long deafAt = now;
        long beatAt = now;
        long pingAt = now;
        try {
            while (!closed) {
                boolean read = false;
                try {
                    if (changes == null && System.nanoTime() - streamAt >= 0) {
                        streamAt = System.nanoTime() + STREAM_AGAIN.toNanos();
                        changes = stream(store);
                        // What changed before it began is not in it.
                        read = changes != null;
                    }
                    if (changes == null) {
                        pause(READ_WITHOUT_STREAM);
                        read = true;
                    } else {
                        read = read || changes.await(STEP);
                    }
                } catch (InterruptedException e) {
                    return;
                } catch (Exception | LinkageError e) {
                    // The connector must not end what a read every second can do as well.
                    changes = broken(changes, e);
                    streamAt = System.nanoTime() + STREAM_AGAIN.toNanos();
                    read = true;
                }
                now = System.nanoTime();
                if (closed) {
                    return;
                }
                boolean deaf = changes != null && !changes.hasHeard();
                if (read || now - readAt >= 0 || deaf && now - deafAt >= 0) {
                    deafAt = now + READ_WITHOUT_STREAM.toNanos();
                    readAt = now + READ_ANYWAY.toNanos();
                    read(store);
                    paceReads(System.nanoTime() - now);
                }
                if (now - pingAt >= 0) {
                    pingAt = now + PING.toNanos();
                    store.ping();
                }
                if (changes != null && now - beatAt >= 0) {
                    beatAt = now + BEAT.toNanos();
                    store.beat();
                    confirm(changes);
                }
            }
        } finally {
            close(changes);
            if (changes != null) {
                dropSlot(store);
            }
        }
    }

    /** Reads of very many replications shall not be all that this thread and the store do. */
    private void paceReads(long tookNanos) {
        if (tookNanos > 5_000_000) {
            pause(Duration.ofNanos(Math.min(2 * tookNanos, 500_000_000)));
        }
    }

    private @Nullable StoreChanges stream(ControlStore store) throws Exception {
        PreflightReport findings = store.check();
        tell(findings);
        if (!findings.findings().isEmpty() || !store.dropSlot()) {
            return null;
        }
        StoreChanges changes = StoreChanges.open(config, context);
        try {
            long end = System.nanoTime() + STREAM_BEGINS.toNanos();
            while (!store.slotIsRead()) {
                if (System.nanoTime() > end || closed) {
                    throw new IllegalStateException("the slot is not read in time");
                }
                changes.await(Duration.ofMillis(20));
            }
        } catch (Exception | LinkageError e) {
            close(changes);
            throw e;
        }
        streaming = true;
        LOG.info("store followed source={}", config.sourceConnection());
        return changes;
    }

    private static void confirm(StoreChanges changes) {
        try {
            changes.confirm();
        } catch (Exception e) {
            LOG.debug("position in the store not confirmed cause={}", e.toString());
        }
    }

    private @Nullable StoreChanges broken(@Nullable StoreChanges changes, Throwable cause) {
        if (!closed) {
            LOG.warn(
                    "changes of the store not heard, it is looked at every second cause={}",
                    rootOf(cause));
        }
        close(changes);
        return null;
    }

    private static String rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.toString();
    }

    private void close(@Nullable StoreChanges changes) {
        streaming = false;
        if (changes != null) {
            try {
                changes.close();
            } catch (Exception e) {
                LOG.debug("changes of the store not closed cause={}", e.toString());
            }
        }
    }

    /** Its reader may need a moment to end. */
    private void dropSlot(ControlStore store) {
        try {
            for (int i = 0; i < 20 && !store.dropSlot(); i++) {
                pause(Duration.ofMillis(50));
            }
        } catch (ReplicationException e) {
            LOG.debug("slot in the store stays until the next start cause={}", e.getMessage());
        }
    }

    private void pause(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            if (!closed) {
                LOG.debug("rest cut short");
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            // It ends by itself within a step; only one that hangs is interrupted.
            thread.join(2_000);
            if (thread.isAlive()) {
                thread.interrupt();
                thread.join(3_000);
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
    }
}
