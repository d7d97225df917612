package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.ApplyException.Kind;
import io.heliosdb.replication.core.polling.Polling;
import io.heliosdb.replication.core.schema.postgres.PendingDdl;
import io.heliosdb.replication.model.TableId;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Carries out tasks of a group, one after the other, with a session at each end. One thread.
 *
 * <p>A task is one transaction of the target. Its last statement before COMMIT holds the epochs, so
 * a claim either comes before (and the task fails as fenced) or waits for the commit.
 */
final class CopyWorker implements AutoCloseable {

    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final int ATTEMPTS = 6;
    private static final Duration FIRST_RETRY = Duration.ofMillis(10);
    private static final Duration LATEST_RETRY = Duration.ofMillis(160);

    /**
     * How long a unique value may be taken: by a row of another tenant, whose lane may be about to
     * remove it.
     */
    private static final Duration PATIENCE_WITH_TAKEN = Duration.ofSeconds(2);

    private final SyncConnections connections;
    private final GroupCopy group;
    private final CopyPipe pipe = new CopyPipe();
    private volatile @Nullable Connection source;
    private volatile @Nullable Connection target;

    /** For whom rows are on their way that may still be given up; guarded by this. */
    private List<Member> moving = List.of();

    /** Whether they were given up; guarded by this. */
    private boolean givenUp;

    CopyWorker(SyncConnections connections, GroupCopy group) {
        this.connections = connections;
        this.group = group;
    }

    /**
     * Carries out one task for those of its members that are still active, and finishes the table
     * if it was the last one.
     *
     * @throws ApplyException if the whole group must stop
     */
    void run(CopyTask task) throws InterruptedException {
        Polling retries = retries();
        Polling places = null;
        for (int attempt = 1; ; attempt++) {
            List<Member> members = task.members().stream().filter(Member::isActive).toList();
            if (members.isEmpty()) {
                break;
            }
            try {
                copy(task, members);
                break;
            } catch (ApplyException e) {
                if (wasGivenUp()) {
                    // The sessions were cut to be rid of a member; the others try again.
                    close();
                    source = null;
                    target = null;
                    attempt--;
                    continue;
                }
                resetAfter(e);
                if (e.kind() == Kind.RETRY_TARGET || isSourceFailure(e)) {
                    throw e;
                }
                if (places == null && Failures.isTaken(e)) {
                    places = retries().within(PATIENCE_WITH_TAKEN);
                    makePlace(task, members);
                }
                if (e.kind() == Kind.RETRY_LANE && attempt < ATTEMPTS) {
                    retries.again();
                } else if (Failures.isTaken(e) && places.again()) {
                    attempt--;
                } else if (e.kind() == Kind.FENCED) {
                    // The members that lost their epoch or were cancelled are out; the others try
                    // again.
                    attempt--;
                } else if (members.size() > 1) {
                    halve(task, members);
                    return;
                } else {
                    members.get(0).fail(Failures.isTaken(e) ? Failures.placeTaken(e) : e);
                }
            }
        }
        if (task.table().openTasks.decrementAndGet() == 0) {
            close(task.table());
        }
    }

    /** Finds out whose row it is: both halves are tried on their own. */
    private void halve(CopyTask task, List<Member> members) {
        int half = members.size() / 2;
        task.table().openTasks.incrementAndGet();
        group.tasks().addFirst(task.with(members.subList(0, half)));
        group.tasks().addFirst(task.with(members.subList(half, members.size())));
    }

    /**
     * Somebody else's row stands where one is to go, and may be waiting itself for a row that the
     * copy is about to take away: that one goes first, for all to see.
     */
    private void makePlace(CopyTask task, List<Member> members) {
        TablePlan table = task.table();
        List<Member> possible = table.possible(members);
        if (!table.alone || possible.isEmpty()) {
            return;
        }
        try {
            Connection in = target();
            SyncStore store = new SyncStore(in);
            if (table.mend) {
                Connection out = source();
                lock(out, table.table());
                TenantCounter counter = table.counter(possible);
                LiveCount live = new LiveCount(possible, counter);
                try {
                    receive(table, possible, out, in, counter, live).deleteExtra();
                } finally {
                    live.takeBack();
                }
            } else {
                store.wipe(table, members.stream().filter(table.wipe::contains).toList());
            }
            store.mark(table.table(), members);
            hold(store, members);
            in.commit();
        } catch (SQLException e) {
            resetAfter(Failures.target(e));
        } catch (ApplyException e) {
            resetAfter(e);
            if (e.kind() == Kind.RETRY_TARGET || isSourceFailure(e)) {
                throw e;
            }
        }
    }

    private void copy(CopyTask task, List<Member> members) {
        TablePlan table = task.table();
        Connection out = source();
        Connection in = target();
        List<Member> possible = table.possible(members);
        TenantCounter counter = table.counter(possible);
        beginMoving(members);
        try {
            SyncStore store = new SyncStore(in);
            if (table.alone && !table.mend) {
                store.wipe(table, members.stream().filter(table.wipe::contains).toList());
            }
            if (possible.isEmpty() || task.part() == null && !table.mend) {
                commit(task, members, possible, counter, store, in);
            } else {
                lock(out, table.table());
                LiveCount live = new LiveCount(possible, counter);
                try {
                    if (table.mend) {
                        mend(table, possible, out, in, counter, live);
                    } else {
                        move(table, task.part(), task.range(), possible, out, in, counter, live);
                    }
                    commit(task, members, possible, counter, store, in);
                } catch (SQLException | RuntimeException e) {
                    live.takeBack();
                    throw e;
                }
            }
        } catch (SQLException e) {
            throw Failures.target(e);
        }
        table.add(possible, counter.rows(), counter.bytes());
    }

    /**
     * DDL that waits for the coordinator's lock stands before this session: they would wait for
     * each other for ever, and everybody else behind them. So DDL goes first.
     */
    private static void lock(Connection out, TableId table) {
        try (Statement statement = out.createStatement()) {
            statement.execute("LOCK TABLE " + table.quoted() + " IN ACCESS SHARE MODE NOWAIT");
        } catch (SQLException e) {
            throw LOCK_NOT_AVAILABLE.equals(e.getSQLState())
                    ? Failures.sourceAltered(table, e)
                    : Failures.source(e);
        }
    }

    private void move(
            TablePlan table,
            TablePlan.Part part,
            TablePlan.@Nullable Range range,
            List<Member> possible,
            Connection out,
            Connection in,
            TenantCounter counter,
            LiveCount live) {
        String copyOut = table.copyOut(part, range, possible);
        pipe.run(table.format(), out, copyOut, in, table.copyIn(), counter, live);
        live.moved();
    }

    private void mend(
            TablePlan table,
            List<Member> possible,
            Connection out,
            Connection in,
            TenantCounter counter,
            LiveCount live)
            throws SQLException {
        Mending mending = receive(table, possible, out, in, counter, live);
        mending.mend();
        new SyncStore(in).mended(table, possible, counter.rows(), mending);
    }

    /** Brings the source's rows to where they are compared. */
    private Mending receive(
            TablePlan table,
            List<Member> possible,
            Connection out,
            Connection in,
            TenantCounter counter,
            LiveCount live)
            throws SQLException {
        Mending mending = Mending.open(in, table, possible);
        String copyIn = mending.copyIn(table.format());
        for (TablePlan.Part part : table.parts) {
            String copyOut = table.copyOut(part, null, possible);
            pipe.run(table.format(), out, copyOut, in, copyIn, counter, live);
            live.moved();
        }
        return mending;
    }

    private synchronized void beginMoving(List<Member> members) {
        moving = members;
        checkActive(members);
    }

    /** From here on the task is not given up any more. */
    private synchronized void endMoving(List<Member> members) {
        moving = List.of();
        checkActive(members);
    }

    private static void checkActive(List<Member> members) {
        if (!members.stream().allMatch(Member::isActive)) {
            throw Failures.fenced("some members were cancelled");
        }
    }

    private synchronized boolean wasGivenUp() {
        boolean was = givenUp;
        givenUp = false;
        moving = List.of();
        return was;
    }

    /**
     * This member has failed: if rows of it are on their way they are given up, whatever they wait
     * for. Not during a commit, of which nobody would know whether it took place. From any thread.
     */
    synchronized void without(Member member) {
        if (moving.contains(member)) {
            givenUp = true;
            moving = List.of();
            close();
        }
    }

    private void commit(
            CopyTask task,
            List<Member> members,
            List<Member> possible,
            TenantCounter counter,
            SyncStore store,
            Connection in)
            throws SQLException {
        endMoving(members);
        hold(store, members);
        if (task.table().alone) {
            List<TablePlan.Counts> counts = new ArrayList<>();
            int index = 0;
            for (Member member : members) {
                TablePlan.Counts count = new TablePlan.Counts();
                // Those possible are a part of the members in the same order.
                if (index < possible.size() && possible.get(index) == member) {
                    count.rows = counter.rows()[index];
                    count.bytes = counter.bytes()[index];
                    index++;
                }
                counts.add(count);
            }
            store.finish(task.table().table(), group.snapshot(), members, counts);
        }
        in.commit();
    }

    /** Takes those out of the group that lost their epoch. */
    static void fail(List<Member> lost) {
        for (Member member : lost) {
            member.fail(
                    Failures.fenced(
                            "replication "
                                    + member.id()
                                    + " is claimed with another epoch than "
                                    + member.epoch()));
        }
    }

    private static void hold(SyncStore store, List<Member> members) throws SQLException {
        List<Member> lost = store.lost(members, SyncSql.HOLD_EPOCHS);
        if (!lost.isEmpty()) {
            fail(lost);
            throw Failures.fenced("some members lost their epoch");
        }
    }

    /** The last task of a table is done: records it, and builds what the tree still lacks. */
    private void close(TablePlan table) throws InterruptedException {
        if (!table.alone) {
            Polling retries = retries();
            int attempt = 1;
            while (!record(table, attempt, retries)) {
                attempt++;
            }
        }
        group.tableCopied(table);
        for (TableId root : group.tasks().treesCompletedBy(table)) {
            buildIndexes(root);
            group.treeReady(root);
        }
    }

    /** False if it has to be tried again. */
    private boolean record(TablePlan table, int attempt, Polling retries)
            throws InterruptedException {
        List<Member> members = new ArrayList<>();
        List<TablePlan.Counts> counts = new ArrayList<>();
        table.counts()
                .forEach(
                        (member, count) -> {
                            if (member.isActive()) {
                                members.add(member);
                                counts.add(count);
                            }
                        });
        try {
            Connection in = target();
            SyncStore store = new SyncStore(in);
            hold(store, members);
            store.finish(table.table(), group.snapshot(), members, counts);
            in.commit();
            return true;
        } catch (SQLException e) {
            ApplyException failure = Failures.target(e);
            resetAfter(failure);
            if (failure.kind() != Kind.RETRY_LANE || attempt >= ATTEMPTS) {
                throw failure;
            }
            retries.again();
            return false;
        } catch (ApplyException e) {
            resetAfter(e);
            if (e.kind() != Kind.FENCED) {
                throw e;
            }
            return false;
        }
    }

    /** After deadlocks and lost races: workers that met once shall not meet again. */
    private static Polling retries() {
        return Polling.growing(FIRST_RETRY, LATEST_RETRY).jittered(ThreadLocalRandom.current());
    }

    private void buildIndexes(TableId root) {
        try {
            new PendingDdl(target()).buildIndexes(root);
        } catch (SQLException e) {
            ApplyException failure = Failures.target(e);
            if (failure.kind() == Kind.RETRY_TARGET) {
                throw failure;
            }
            group.failTree(root, failure);
        }
    }

    private Connection source() {
        Connection open = source;
        if (open == null) {
            open = connections.source(group.sourceDatabase());
            source = open;
            try {
                group.snapshot().adopt(open);
            } catch (SQLException e) {
                throw Failures.snapshotLost(e);
            }
        }
        return open;
    }

    private Connection target() {
        Connection open = target;
        if (open == null) {
            open = connections.targetForRows(group.targetDatabase());
            target = open;
        }
        return open;
    }

    /** After a failure the source may be in the midst of a COPY: a fresh session is cheapest. */
    private void resetAfter(ApplyException failure) {
        Connection from = source;
        if (failure.kind() != Kind.FENCED && from != null) {
            source = null;
            connections.release(from);
        }
        Connection to = target;
        if (to != null) {
            try {
                to.rollback();
            } catch (SQLException e) {
                failure.addSuppressed(e);
                target = null;
                connections.release(to);
                if (failure.kind() != Kind.RETRY_TARGET) {
                    // Without an answer to ROLLBACK nobody knows what is still in flight.
                    throw Failures.target(e);
                }
            }
        }
    }

    private static boolean isSourceFailure(ApplyException e) {
        return switch (e.code()) {
            case SOURCE_UNREACHABLE, SOURCE_NOT_READY -> true;
            default -> false;
        };
    }

    /** Ends the sessions, also under a task on its way; may be called from any thread. */
    @Override
    public void close() {
        Connection from = source;
        if (from != null) {
            connections.release(from);
        }
        Connection to = target;
        if (to != null) {
            connections.release(to);
        }
    }
}
