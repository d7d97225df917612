package io.heliosdb.replication.benchmark;

import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** How long a contender takes to apply what was written while it was stopped. */
final class Drain {

    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final long POLL_NANOS = 2_000_000;

    private final Databases databases;
    private final Work work;
    private final List<Contender> contenders;
    private int marks;

    Drain(Databases databases, Work work) {
        this(databases, work, List.of(Contender.values()));
    }

    private Drain(Databases databases, Work work, List<Contender> contenders) {
        this.databases = databases;
        this.work = work;
        this.contenders = contenders;
    }

    /** Where nobody but us replicates. */
    static Drain alone(Databases databases, Work work) {
        return new Drain(databases, work, List.of(Contender.OURS));
    }

    /** Writes with the sender stopped; then the seconds from its start to the last row visible. */
    double seconds(Contender contender, Measurement measurement, int round, Runnable started)
            throws SQLException {
        PostgresServer source = databases.source();
        awaitMark(contender, mark(contender));
        databases.settle(contender.database());
        Walsender sender = new Walsender(source, contender.slot());
        long pid = sender.freeze();
        String sent = sender.sent();
        try (Connection connection = source.connect(contender.database())) {
            work.write(connection, measurement, round);
            Work.mark(connection, ++marks);
            source.execute(contender.database(), "CHECKPOINT");
            for (Contender other : contenders) {
                if (other != contender) {
                    new Walsender(source, other.slot()).awaitIdle();
                }
            }
        } catch (SQLException | RuntimeException e) {
            sender.thaw(pid);
            throw e;
        }
        if (!sender.sent().equals(sent)) {
            throw new IllegalStateException("the sender of " + contender + " was not stopped");
        }
        started.run();
        long begin = System.nanoTime();
        sender.thaw(pid);
        awaitMark(contender, marks);
        return (System.nanoTime() - begin) / 1e9;
    }

    /** Marks all tenants; returns the mark. */
    int mark(Contender contender) throws SQLException {
        try (Connection connection = databases.source().connect(contender.database())) {
            Work.mark(connection, ++marks);
            return marks;
        }
    }

    /** Waits until the mark of every tenant is visible. */
    void awaitMark(Contender contender, int mark) throws SQLException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        try (Connection target = databases.target().connect(contender.database());
                PreparedStatement query =
                        target.prepareStatement("SELECT count(*) FROM marker WHERE round = ?")) {
            query.setInt(1, mark);
            while (true) {
                try (ResultSet row = query.executeQuery()) {
                    row.next();
                    if (row.getInt(1) == Databases.TENANTS) {
                        return;
                    }
                }
                if (System.nanoTime() - deadline > 0) {
                    throw new IllegalStateException(contender + " did not reach mark " + mark);
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
    }
}
