package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.model.ErrorCode;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread with one session of a target. Work is handed to it by the engine's thread, one piece
 * at a time; the outcome comes back there.
 */
final class TargetWorker implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TargetWorker.class);

    /**
     * A piece of work: {@link #run} on the worker's thread, then one of the others on the engine's.
     */
    interface Work {
        void run(TargetSession session);

        /** Returns what this worker shall do next without letting go of its session, or null. */
        @Nullable Work succeeded();

        void failed(ApplyException cause);

        /** So long it must wait before it is handed over, if it is what {@link #succeeded} said. */
        default long waitNanos() {
            return 0;
        }
    }

    private final Supplier<TargetSession> opener;
    private final Executor owner;
    private final Outcomes outcomes;
    private final BlockingQueue<Work> handoff = new LinkedBlockingQueue<>(1);
    private final Thread thread;
    private volatile @Nullable TargetSession session;
    private volatile boolean refused;
    private volatile boolean stale;
    private volatile boolean closed;

    /** For one lane alone, see {@link KeptSessions}; on the engine's thread. */
    boolean kept;

    /** Hears of finished work, on the engine's thread. */
    interface Outcomes {
        void finished(TargetWorker worker, Work work, @Nullable ApplyException failure);
    }

    TargetWorker(String name, Supplier<TargetSession> opener, Executor owner, Outcomes outcomes) {
        this.opener = opener;
        this.owner = owner;
        this.outcomes = outcomes;
        this.thread = new Thread(this::loop, name);
        thread.setDaemon(true);
        thread.start();
    }

    void submit(Work work) {
        if (!handoff.offer(work)) {
            throw new IllegalStateException("worker " + thread.getName() + " is busy");
        }
    }

    /** Whether the last work failed because no session could be opened. */
    boolean wasRefused() {
        return refused;
    }

    /** Whether it has a session that is not known to be doubtful. */
    boolean isConnected() {
        return session != null && !stale;
    }

    /** The session may be dead: the next work gets a new one. */
    void reconnect() {
        stale = true;
    }

    private void loop() {
        while (!closed) {
            Work work;
            try {
                work = handoff.take();
            } catch (InterruptedException e) {
                break;
            }
            ApplyException failure = attempt(work);
            if (!closed) {
                owner.execute(() -> outcomes.finished(this, work, failure));
            }
        }
        discardSession();
    }

    private @Nullable ApplyException attempt(Work work) {
        refused = false;
        if (stale) {
            stale = false;
            discardSession();
        }
        try {
            TargetSession current = session;
            if (current == null) {
                refused = true;
                current = opener.get();
                refused = false;
                session = current;
            }
            work.run(current);
            return null;
        } catch (ApplyException e) {
            if (e.kind() == ApplyException.Kind.RETRY_TARGET) {
                discardSession();
            }
            return e;
        } catch (RuntimeException | Error e) {
            // An Error too: a worker that ends without a word would hold its lane for ever.
            discardSession();
            if (!closed) {
                LOG.error("apply failed unexpectedly worker={}", thread.getName(), e);
            }
            return new ApplyException(
                    ApplyException.Kind.REJECTED, ErrorCode.INTERNAL, "", e.toString(), e);
        }
    }

    private void discardSession() {
        TargetSession current = session;
        session = null;
        if (current != null) {
            try {
                current.close();
            } catch (RuntimeException e) {
                LOG.debug("session did not close cleanly worker={}", thread.getName(), e);
            }
        }
    }

    /** Begins to stop: work in flight may finish, nothing new starts. */
    void stop() {
        closed = true;
        thread.interrupt();
    }

    /** Waits for the thread; past the bound its session is torn down under it. */
    @Override
    public void close() {
        stop();
        try {
            thread.join(3_000);
            TargetSession current = session;
            if (thread.isAlive() && current != null) {
                current.abort();
                thread.join(3_000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
