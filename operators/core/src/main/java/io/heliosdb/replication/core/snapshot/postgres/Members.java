package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.snapshot.SyncListener;
import io.heliosdb.replication.core.snapshot.SyncRequest;
import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The members of a group, and what the listener is told of each: progress, then exactly one of
 * finished and failed; nothing once the engine is closed. Used by the coordinator.
 */
final class Members {

    private static final Logger LOG = LoggerFactory.getLogger(Members.class);

    private final List<Member> all = new ArrayList<>();
    private final SyncListener listener;
    private final BooleanSupplier closed;

    Members(List<SyncRequest> requests, SyncListener listener, BooleanSupplier closed) {
        requests.forEach(request -> all.add(new Member(request)));
        this.listener = listener;
        this.closed = closed;
    }

    List<Member> all() {
        return all;
    }

    List<Member> active() {
        return all.stream().filter(Member::isActive).toList();
    }

    void tellWait(List<Member> waiting, String reason) {
        waiting.forEach(member -> listener.waits(member.id(), reason));
    }

    void tellPlanned(List<TablePlan> tables) {
        Map<Member, List<TableId>> planned = new LinkedHashMap<>();
        for (TablePlan table : tables) {
            for (Member member : table.members.keySet()) {
                planned.computeIfAbsent(member, it -> new ArrayList<>()).add(table.table());
            }
        }
        planned.forEach((member, its) -> listener.planned(member.id(), its));
    }

    void tellCopied(Member member, TableId table, TablePlan.Counts counts) {
        listener.copied(member.id(), table, counts.rows, counts.bytes);
    }

    /** Tells the figures of those that moved, and returns them. */
    List<Member> tellProgress() {
        List<Member> moved = new ArrayList<>();
        for (Member member : all) {
            long rows = member.rows.sum();
            if (!member.told && member.isActive() && rows != member.toldRows) {
                tellProgress(member, rows);
                moved.add(member);
            }
        }
        return moved;
    }

    private void tellProgress(Member member, long rows) {
        member.toldRows = rows;
        listener.progressed(member.id(), rows, member.bytes.sum(), member.expectedRows());
    }

    /** Those of these members that wait for no table any more, their figures made final. */
    List<Member> completeAmong(Collection<Member> some) {
        List<Member> complete =
                some.stream().filter(it -> it.isActive() && it.open.isEmpty() && !it.told).toList();
        complete.forEach(member -> member.estimatedRows = member.rows.sum());
        return complete;
    }

    void tellFinished(List<Member> complete) {
        for (Member member : complete) {
            if (!closed.getAsBoolean()) {
                member.told = true;
                tellProgress(member, member.rows.sum());
                LOG.info(
                        "first copy finished replication={} rows={} bytes={}",
                        member.id(),
                        member.rows.sum(),
                        member.bytes.sum());
                listener.finished(member.id(), member.synced);
            }
        }
    }

    void failAll(ApplyException cause) {
        all.stream().filter(member -> !member.told).forEach(member -> member.fail(cause));
    }

    void tellFailures() {
        for (Member member : all) {
            ApplyException failure = member.failure();
            if (failure != null && !member.told && !closed.getAsBoolean()) {
                member.told = true;
                LOG.warn(
                        "first copy failed replication={} code={} reason={}",
                        member.id(),
                        failure.code(),
                        failure.getMessage());
                listener.failed(member.id(), failure);
            }
        }
    }
}
