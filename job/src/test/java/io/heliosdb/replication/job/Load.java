package io.heliosdb.replication.job;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Work beside the test, until it is closed. That it failed is told then. */
final class Load implements AutoCloseable {

    interface Work {
        /** Returns soon after it is over. */
        void run(BooleanSupplier over) throws Exception;
    }

    private final Thread thread;
    private volatile boolean over;
    private volatile @Nullable Throwable failure;

    private Load(String name, Work work) {
        thread =
                new Thread(
                        () -> {
                            try {
                                work.run(() -> over);
                            } catch (Throwable e) {
                                failure = e;
                            }
                        },
                        name);
    }

    static Load start(String name, Work work) {
        Load load = new Load(name, work);
        load.thread.start();
        return load;
    }

    /** Returns once the work is over; throws if it had failed. */
    void stop() {
        over = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        if (failure != null) {
            throw new AssertionError(thread.getName() + " failed", failure);
        }
    }

    @Override
    public void close() {
        stop();
    }
}
