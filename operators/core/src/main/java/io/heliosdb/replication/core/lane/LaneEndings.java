package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.Removal;
import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.core.stream.LaneInput;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows the end of a replication: its rows leave the target, if that was wanted, and then it
 * is told as stopped. Both come again after a crash in between, as long as it was not told.
 */
final class LaneEndings {

    private static final Logger LOG = LoggerFactory.getLogger(LaneEndings.class);

    private final TargetPools pools;
    private final Timers timers;
    private final LaneReporter reporter;

    LaneEndings(TargetPools pools, Timers timers, LaneReporter reporter) {
        this.pools = pools;
        this.timers = timers;
        this.reporter = reporter;
    }

    /** The lane is no more, and has given its right back. */
    void ended(LaneInput.Ended end) {
        TargetPool pool = pools.named(end.spec().target());
        if (end.cleanup() && pool != null) {
            pool.chore(new RemoveRows(end, pool));
        } else {
            reporter.stopped(end.spec().id(), end.version());
        }
    }

    private final class RemoveRows implements TargetWorker.Work {

        private final LaneInput.Ended end;
        private final TargetPool pool;
        private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(10));
        private final Backoff waits = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));
        private volatile Removal removal = new Removal(0, Optional.empty());
        private long rows;
        private boolean toldOfWait;

        RemoveRows(LaneInput.Ended end, TargetPool pool) {
            this.end = end;
            this.pool = pool;
        }

        @Override
        public void run(TargetSession session) {
            removal = session.removeRows(end.spec());
        }

        @Override
        public TargetWorker.@Nullable Work succeeded() {
            rows += removal.rows();
            if (removal.waitingFor().isPresent()) {
                await(removal.waitingFor().get());
                return null;
            }
            LOG.info("rows removed replication={} rows={}", end.spec().id(), rows);
            reporter.note(
                    end.spec().id(),
                    "TargetCleaned",
                    "Info",
                    "the tenant's rows were removed from the target",
                    "{\"rows\": " + rows + "}");
            reporter.stopped(end.spec().id(), end.version());
            return null;
        }

        /** Until then the store names this end again to every job that begins. */
        private void await(String other) {
            if (!toldOfWait) {
                toldOfWait = true;
                LOG.info("rows not removed yet replication={} for={}", end.spec().id(), other);
                reporter.note(
                        end.spec().id(),
                        "TargetCleanupWaits",
                        "Info",
                        "replication "
                                + other
                                + " carries the tenant now: rows of tables that it has yet to copy"
                                + " stay until it has, or has ended",
                        "{}");
            }
            timers.after(waits.failed(), () -> pool.chore(this));
        }

        @Override
        public void failed(ApplyException cause) {
            switch (cause.kind()) {
                case RETRY_TARGET, RETRY_LANE, SPLIT_GROUP, PLACE_TAKEN ->
                        timers.after(backoff.failed(), () -> pool.chore(this));
                case FENCED, OUTDATED, REJECTED -> {
                    LOG.warn(
                            "rows not removed replication={} cause={}",
                            end.spec().id(),
                            cause.getMessage());
                    reporter.note(
                            end.spec().id(),
                            "TargetNotCleaned",
                            "Error",
                            "the tenant's rows stay in the target: " + cause.getMessage(),
                            "{}");
                    reporter.stopped(end.spec().id(), end.version());
                }
            }
        }
    }
}
