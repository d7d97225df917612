package io.heliosdb.replication.core.verify.postgres;

import io.heliosdb.replication.core.progress.ProgressRow;
import io.heliosdb.replication.core.verify.VerifyListener;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.config.ReplicationRule;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Waits until a target has applied what the source's snapshot holds. */
final class Targets {

    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** A restarting job is away for a moment only. */
    private static final Duration PATIENCE_WITHOUT_JOB = Duration.ofSeconds(3);

    private final SourceEnd source;
    private final List<ReplicationRule> rules;
    private final VerifyListener listener;

    Targets(SourceEnd source, List<ReplicationRule> rules, VerifyListener listener) {
        this.source = source;
        this.rules = rules;
        this.listener = listener;
    }

    /**
     * Returns when nothing is to be waited for any more: every replication of ours that makes
     * progress is at the source's point, or the time is up, or no job runs.
     */
    void await(TargetEnd target, long deadlineNanos) throws SQLException {
        long pause = FIRST_PAUSE_NANOS;
        long jobSeen = System.nanoTime();
        while (true) {
            int behind = behind(target);
            if (behind == 0) {
                return;
            }
            long now = System.nanoTime();
            if (source.jobIsReading()) {
                jobSeen = now;
            }
            if (now - deadlineNanos >= 0 || now - jobSeen > PATIENCE_WITHOUT_JOB.toNanos()) {
                return;
            }
            listener.waiting(target.name(), behind);
            LockSupport.parkNanos(pause);
            pause = Math.min(LONGEST_PAUSE_NANOS, pause * 2);
        }
    }

    private int behind(TargetEnd target) throws SQLException {
        Map<ReplicationId, ProgressRow> progress = target.progress();
        Set<ReplicationId> waitedFor = new TreeSet<>();
        for (ReplicationRule rule : rules) {
            if (!rule.target().equals(target.name())) {
                continue;
            }
            if (!rule.isPattern() && !rule.paused()) {
                waitedFor.add(rule.specFor(new TenantId(rule.tenant())).id());
            }
            for (ProgressRow row : progress.values()) {
                if (rule.covers(row.tenant())) {
                    waitedFor.add(rule.specFor(row.tenant()).id());
                }
            }
        }
        Lsn point = source.point();
        waitedFor.removeIf(id -> isSettled(progress.get(id), point));
        return waitedFor.size();
    }

    private static boolean isSettled(@Nullable ProgressRow row, Lsn point) {
        if (row == null) {
            return false;
        }
        return switch (row.state()) {
            case PAUSED, STOPPED, ERROR, FAILING_OVER -> true;
            case INITIALIZING, SYNCING -> false;
            case STREAMING -> row.position().commitLsn().compareTo(point) >= 0;
        };
    }

    /**
     * Why the rows of this replication are not at one position, or null if they are.
     *
     * @param tables number of tables that it carries
     * @param synced its tables whose first copy is finished
     */
    static @Nullable String obstacle(
            @Nullable ProgressRow row, String sourceIdentity, int tables, Map<?, Lsn> synced) {
        if (row == null) {
            return "not started: the target has no progress of it";
        }
        if (!row.sourceId().equals(sourceIdentity)) {
            return "the target's progress is of another source, "
                    + row.sourceId()
                    + "; this one is "
                    + sourceIdentity;
        }
        if (row.state() == ReplicationState.INITIALIZING
                || row.state() == ReplicationState.SYNCING
                || row.position().equals(Position.START)
                || row.state() != ReplicationState.STREAMING && synced.size() < tables) {
            return "the first copy is not finished" + remark(row);
        }
        for (Lsn upper : synced.values()) {
            if (upper.isAfter(row.position().commitLsn())) {
                return "the first copy has brought rows up to "
                        + upper
                        + ", the stream is applied up to "
                        + row.position()
                        + remark(row);
            }
        }
        return null;
    }

    /** State and its reason where they are worth a word. */
    static String remark(ProgressRow row) {
        if (row.state() == ReplicationState.STREAMING) {
            return "";
        }
        return " (state "
                + row.state()
                + (row.code() == null ? "" : ", " + row.code())
                + (row.reason() == null ? "" : ": " + row.reason())
                + ")";
    }
}
