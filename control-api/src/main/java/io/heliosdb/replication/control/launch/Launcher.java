package io.heliosdb.replication.control.launch;

import io.heliosdb.replication.control.launch.postgres.SourceJobRepository;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Launches jobs as long as it lives and holds the lease. Of several instances on one store one
 * does, and another goes on when it is gone: at once if it ended, after the lease's time if it was
 * killed.
 */
public final class Launcher implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Launcher.class);
    private static final int RENEWALS = 3;

    private final SourceJobRepository store;
    private final JobCluster cluster;
    private final Duration leaseTime;
    private final Reconciler reconciler;
    private final String holder;
    private final ScheduledExecutorService renewing = executor("launcher-lease");
    private final ScheduledExecutorService looking = executor("launcher");
    private volatile Lease lease = new Lease(0, 0);

    /** Whether a look was asked for that has not begun. */
    private final AtomicBoolean asked = new AtomicBoolean();

    /** The last trouble that was told, so that it is told once. Of the looking thread. */
    private String trouble = "";

    /**
     * @param epoch 0: not held
     * @param until by {@link System#nanoTime}
     */
    private record Lease(long epoch, long until) {
        boolean isHeld() {
            return epoch > 0 && System.nanoTime() - until < 0;
        }
    }

    private Launcher(
            SourceJobRepository store, JobCluster cluster, LaunchOptions options, String holder) {
        this.store = store;
        this.cluster = cluster;
        this.leaseTime = options.lease();
        this.holder = holder;
        this.reconciler = new Reconciler(store, cluster, options, System::nanoTime);
    }

    public static Launcher start(
            SourceJobRepository store, JobCluster cluster, LaunchOptions options) {
        Launcher launcher =
                new Launcher(
                        store,
                        cluster,
                        options,
                        options.holder() == null
                                ? ProcessHandle.current().pid() + "-" + UUID.randomUUID()
                                : options.holder());
        launcher.renewing.scheduleWithFixedDelay(
                launcher::renew, 0, options.lease().toMillis() / RENEWALS, TimeUnit.MILLISECONDS);
        long interval = options.interval().toMillis();
        launcher.looking.scheduleWithFixedDelay(
                launcher::look, interval / 5, interval, TimeUnit.MILLISECONDS);
        return launcher;
    }

    private static ScheduledExecutorService executor(String name) {
        return Executors.newSingleThreadScheduledExecutor(
                task -> {
                    Thread thread = new Thread(task, name);
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /** Looks now, and not when it is time: something was ordered here. Does not wait for it. */
    public void lookSoon() {
        if (asked.compareAndSet(false, true)) {
            try {
                looking.execute(
                        () -> {
                            asked.set(false);
                            look();
                        });
            } catch (RejectedExecutionException e) {
                // This instance ends.
            }
        }
    }

    /** Whether this instance launches. */
    public boolean isLeader() {
        return lease.isHeld();
    }

    private void renew() {
        long asked = System.nanoTime();
        try {
            OptionalLong epoch = store.lease(holder, leaseTime);
            boolean held = lease.epoch() > 0;
            if (epoch.isPresent()) {
                if (lease.epoch() != epoch.getAsLong()) {
                    LOG.info("lease taken holder={} epoch={}", holder, epoch.getAsLong());
                }
                if (held && lease.epoch() != epoch.getAsLong()) {
                    // Another one had it in between.
                    cluster.leaseLost();
                }
                lease = new Lease(epoch.getAsLong(), asked + leaseTime.toNanos());
            } else if (held) {
                LOG.warn("lease lost holder={} epoch={}", holder, lease.epoch());
                lease = new Lease(0, 0);
                cluster.leaseLost();
            }
        } catch (RuntimeException e) {
            // While the store is away nobody else can take the lease; jobs go on, nothing is done.
            LOG.warn("lease not renewed cause={}", e.getMessage());
        }
    }

    private void look() {
        Lease held = lease;
        if (!held.isHeld()) {
            return;
        }
        try {
            reconciler.round(held.epoch());
            trouble = "";
        } catch (RuntimeException e) {
            String text = String.valueOf(e.getMessage());
            if (!text.equals(trouble)) {
                trouble = text;
                if (e instanceof ClusterException) {
                    LOG.warn("cluster not looked at cause={}", text);
                } else {
                    LOG.warn("round not finished", e);
                }
            }
        }
    }

    /** Ends what cannot outlive this process, and lets another instance go on at once. */
    @Override
    public void close() {
        looking.shutdown();
        try {
            if (!looking.awaitTermination(1, TimeUnit.MINUTES)) {
                looking.shutdownNow();
            }
        } catch (InterruptedException e) {
            looking.shutdownNow();
            Thread.currentThread().interrupt();
        }
        Lease held = lease;
        try {
            reconciler.suspend(held.epoch());
            renewing.shutdownNow();
            store.release(holder);
        } catch (RuntimeException e) {
            LOG.warn("lease not given back cause={}", e.getMessage());
        } finally {
            renewing.shutdownNow();
        }
    }
}
