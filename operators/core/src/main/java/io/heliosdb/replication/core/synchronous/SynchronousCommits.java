package io.heliosdb.replication.core.synchronous;

import io.heliosdb.replication.model.ReplicationId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which commits of Synchronous replications their targets still lack, and so, up to where the
 * source may be told that everything is applied.
 *
 * <p>A replication is in the set unless its lane says otherwise or it has kept a commit waiting for
 * longer than the timeout; then it leaves, loudly, and commits do not wait for it any more. It
 * comes back by itself once it keeps up. What the source was told is never taken back: who is in
 * the set counts for commits from there on.
 *
 * <p>After a start nothing is told until each replication has answered: what was routed to it
 * before may not be applied yet.
 *
 * <p>Owned by one thread.
 */
public final class SynchronousCommits {

    /** Hears who comes and goes. */
    public interface Listener {

        void left(ReplicationId replication, String reason);

        void joined(ReplicationId replication);
    }

    /** One source transaction that somebody in the set takes part in. */
    private static final class Commit {
        final long lsn;
        final long endOfThoseBefore;
        final long routedNanos;
        int waiting;

        Commit(long lsn, long endOfThoseBefore, long routedNanos) {
            this.lsn = lsn;
            this.endOfThoseBefore = endOfThoseBefore;
            this.routedNanos = routedNanos;
        }
    }

    private static final class Member {
        final ReplicationId id;
        final long sinceNanos;
        final ArrayDeque<Commit> lacking = new ArrayDeque<>();
        boolean answered;
        @Nullable String absent;
        long lastRoutedLsn;

        /** What its target has. */
        long throughLsn;

        /** Rows of it were left out. */
        boolean failed;

        /** Counts again, but lacks commits up to the mark that were let go meanwhile. */
        boolean returning;

        /** While absent: once this is applied it is known how far behind it is. */
        long markLsn;

        long markNanos;

        Member(ReplicationId id, long sinceNanos) {
            this.id = id;
            this.sinceNanos = sinceNanos;
        }
    }

    private final long timeoutNanos;
    private final LongSupplier nanoClock;
    private final Listener listener;
    private final Map<ReplicationId, Member> members = new HashMap<>();

    /** In the order of commits; the first is lacked by somebody. */
    private final ArrayDeque<Commit> commits = new ArrayDeque<>();

    private @Nullable Commit open;
    private long routedEndLsn;
    private long appliedLsn;
    private int unanswered;
    private int absent;
    private boolean streamBehind;

    /**
     * @param timeout how long a commit waits at most for one replication
     */
    public SynchronousCommits(Duration timeout, LongSupplier nanoClock, Listener listener) {
        this.timeoutNanos = timeout.toNanos();
        this.nanoClock = nanoClock;
        this.listener = listener;
    }

    /** The replication is Synchronous from here on; if it was already, nothing changes. */
    public void begin(ReplicationId replication) {
        if (!members.containsKey(replication)) {
            members.put(replication, new Member(replication, nanoClock.getAsLong()));
            unanswered++;
        }
    }

    /** The replication is not Synchronous any more, or no more at all. */
    public void end(ReplicationId replication) {
        Member member = members.remove(replication);
        if (member == null) {
            return;
        }
        unanswered -= member.answered ? 0 : 1;
        absent -= member.absent == null ? 0 : 1;
        release(member);
    }

    /** The transaction that is being routed brings the last of its changes for this replication. */
    public void routed(ReplicationId replication, long commitLsn) {
        Member member = members.get(replication);
        if (member == null) {
            return;
        }
        member.lastRoutedLsn = commitLsn;
        if (member.absent == null && Long.compareUnsigned(commitLsn, member.throughLsn) > 0) {
            if (open == null) {
                open = new Commit(commitLsn, routedEndLsn, nanoClock.getAsLong());
            }
            open.waiting++;
            member.lacking.add(open);
        }
    }

    /** A source transaction is routed whole. */
    public void committed(long endLsn) {
        if (open != null) {
            commits.add(open);
            open = null;
            settle();
        }
        routedEndLsn = endLsn;
    }

    /** What a lane tells; of others it is ignored. */
    public void replied(ApplyReply reply) {
        Member member = members.get(reply.replication());
        if (member == null) {
            return;
        }
        if (reply.absent() != null) {
            leave(member, reply.absent());
            return;
        }
        if (member.failed) {
            return;
        }
        answered(member);
        if (Long.compareUnsigned(reply.throughLsn(), member.throughLsn) > 0) {
            member.throughLsn = reply.throughLsn();
        }
        while (!member.lacking.isEmpty()
                && Long.compareUnsigned(member.lacking.peek().lsn, reply.throughLsn()) <= 0) {
            member.lacking.poll().waiting--;
        }
        settle();
        if (member.absent != null) {
            returnIfItKeepsUp(member, reply.throughLsn());
        }
        if (member.returning && Long.compareUnsigned(reply.throughLsn(), member.markLsn) >= 0) {
            member.returning = false;
            listener.joined(member.id);
        }
    }

    /** Its rows are not routed any more: whatever its lane tells, it lacks some. */
    public void fail(ReplicationId replication) {
        Member member = members.get(replication);
        if (member != null) {
            leave(member, "its rows cannot be routed");
            member.failed = true;
        }
    }

    /** It is copied again. */
    public void mayReturn(ReplicationId replication) {
        Member member = members.get(replication);
        if (member != null) {
            member.failed = false;
        }
    }

    /**
     * Looks who has kept commits waiting for too long; several times within the timeout.
     *
     * @param behind whether the stream itself is behind the source by more than the timeout
     */
    public void look(boolean behind) {
        streamBehind = behind;
        long now = nanoClock.getAsLong();
        for (Member member : List.copyOf(members.values())) {
            if (member.absent != null) {
                continue;
            }
            if (behind) {
                leave(member, "the stream is behind the source");
            } else if (!member.answered && now - member.sinceNanos > timeoutNanos) {
                leave(member, "it has not been claimed in time");
            } else if (!member.lacking.isEmpty()
                    && now - member.lacking.peek().routedNanos > timeoutNanos) {
                leave(member, "a commit was not applied in time");
            }
        }
    }

    private void answered(Member member) {
        if (!member.answered) {
            member.answered = true;
            unanswered--;
        }
    }

    private void leave(Member member, String reason) {
        answered(member);
        if (reason.equals(member.absent)) {
            return;
        }
        if (member.absent == null) {
            absent++;
            release(member);
            mark(member);
            member.returning = false;
        }
        member.absent = reason;
        listener.left(member.id, reason);
    }

    private void release(Member member) {
        member.lacking.forEach(commit -> commit.waiting--);
        member.lacking.clear();
        settle();
    }

    private void mark(Member member) {
        member.markLsn = member.lastRoutedLsn;
        member.markNanos = nanoClock.getAsLong();
    }

    private void returnIfItKeepsUp(Member member, long throughLsn) {
        if (streamBehind || Long.compareUnsigned(throughLsn, member.markLsn) < 0) {
            return;
        }
        boolean hasAll = Long.compareUnsigned(throughLsn, member.lastRoutedLsn) >= 0;
        boolean soon = nanoClock.getAsLong() - member.markNanos <= timeoutNanos / 2;
        mark(member);
        if (hasAll || soon) {
            member.absent = null;
            absent--;
            member.returning = true;
        }
    }

    private void settle() {
        while (!commits.isEmpty() && commits.peek().waiting == 0) {
            commits.poll();
        }
    }

    /** As the source may be told now. */
    public StandbyPosition.Standing standing() {
        if (unanswered == 0) {
            Commit first = commits.isEmpty() ? open : commits.peek();
            long applied = first == null ? routedEndLsn : first.endOfThoseBefore;
            if (Long.compareUnsigned(applied, appliedLsn) > 0) {
                appliedLsn = applied;
            }
        }
        return new StandbyPosition.Standing(
                !members.isEmpty(),
                absent == members.size(),
                unanswered == 0 && open == null && commits.isEmpty(),
                routedEndLsn,
                appliedLsn);
    }

    /** Whether there is no Synchronous replication at all. */
    public boolean isEmpty() {
        return members.isEmpty();
    }

    /** How many replications commits wait for. */
    public int present() {
        return members.size() - absent;
    }

    /** How many Synchronous replications commits do not wait for. */
    public int absent() {
        return absent;
    }

    /** End of the last commit record that was routed. */
    public long routedEndLsn() {
        return routedEndLsn;
    }
}
