package io.heliosdb.replication.core.synchronous;

import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.Tier;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks on while transactions are routed, and keeps {@link StandbyPosition} right. Owned by the
 * router's thread.
 */
public final class CommitWatch implements SynchronousCommits.Listener {

    private static final Logger LOG = LoggerFactory.getLogger(CommitWatch.class);

    private final Duration timeout;
    private final LongSupplier nanoClock;
    private final StandbyPosition position;
    private final Consumer<LaneInput> output;
    private final SynchronousCommits commits;
    private long departures;

    /** Whether it is known which replications there are: from the first commit on. */
    private boolean begun;

    /**
     * @param timeout how long a commit waits at most for one replication
     * @param output takes what lanes are told; it comes back through {@link #emitted}
     */
    public CommitWatch(
            Duration timeout,
            LongSupplier nanoClock,
            StandbyPosition position,
            Consumer<LaneInput> output) {
        this.timeout = timeout;
        this.nanoClock = nanoClock;
        this.position = position;
        this.output = output;
        this.commits = new SynchronousCommits(timeout, nanoClock, this);
    }

    /** These are routed as before a restart. */
    public void restored(List<ReplicationSpec> specs) {
        specs.forEach(this::specified);
        begun = true;
    }

    /** The router has handed this on. */
    public void emitted(LaneInput record) {
        if (record instanceof LaneInput.Transaction transaction) {
            if (transaction.transaction().last()) {
                commits.routed(
                        transaction.transaction().replication(),
                        transaction.transaction().commitLsn());
            }
        } else if (record instanceof LaneInput.Start start) {
            specified(start.spec());
            tell();
        } else if (record instanceof LaneInput.Update update) {
            specified(update.spec());
            tell();
        } else if (record instanceof LaneInput.Fail fail) {
            commits.fail(fail.replication());
        } else if (record instanceof LaneInput.Resync resync) {
            commits.mayReturn(resync.replication());
        } else if (record instanceof LaneInput.Stop stop) {
            commits.end(stop.replication());
        } else if (record instanceof LaneInput.Ended ended) {
            commits.end(ended.spec().id());
        }
    }

    private void specified(ReplicationSpec spec) {
        if (spec.tier() == Tier.SYNCHRONOUS) {
            commits.begin(spec.id());
        } else {
            commits.end(spec.id());
        }
    }

    /** The router is through with this chunk. */
    public void routed(WalChunk chunk) {
        if (chunk.last()) {
            begun = true;
            commits.committed(chunk.commitEndLsn());
            if (!commits.isEmpty()) {
                tell();
            }
        }
    }

    /** What lanes tell. */
    public void replied(List<ApplyReply> replies) {
        replies.forEach(commits::replied);
        tell();
    }

    /** Looks who takes too long; several times within the timeout. */
    public void look() {
        long due = position.seenBy(nanoClock.getAsLong() - timeout.toNanos());
        commits.look(Long.compareUnsigned(due, commits.routedEndLsn()) > 0);
        tell();
    }

    private void tell() {
        if (!begun) {
            return;
        }
        position.set(commits.standing());
    }

    @Override
    public void left(ReplicationId replication, String reason) {
        departures++;
        LOG.warn(
                "synchronous replication degraded: commits do not wait for it replication={}"
                        + " reason={}",
                replication,
                reason);
        output.accept(
                new LaneInput.Synchronism(
                        replication, "commits of the source do not wait for it: " + reason));
    }

    @Override
    public void joined(ReplicationId replication) {
        LOG.info(
                "synchronous replication keeps up again: commits wait for it replication={} lsn={}",
                replication,
                Lsn.format(commits.routedEndLsn()));
        output.accept(new LaneInput.Synchronism(replication, null));
    }

    /** How many replications commits wait for. */
    public int present() {
        return commits.present();
    }

    /** How many Synchronous replications commits do not wait for. */
    public int degraded() {
        return commits.absent();
    }

    /** How often commits have ceased to wait for one. */
    public long departures() {
        return departures;
    }
}
