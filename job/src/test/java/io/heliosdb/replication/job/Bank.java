package io.heliosdb.replication.job;

import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * pgbench's tables and its transaction, kept to one branch: the same delta goes to an account, a
 * teller, the branch and the history. So in every state that a reader may see, the four sums of a
 * branch agree.
 */
final class Bank implements AutoCloseable {

    static final String[] SCHEMA = {
        "CREATE TABLE branches (bid int PRIMARY KEY, bbalance int NOT NULL)",
        "CREATE TABLE tellers (tid int PRIMARY KEY, bid int NOT NULL, tbalance int NOT NULL)",
        "CREATE TABLE accounts (aid int PRIMARY KEY, bid int NOT NULL, abalance int NOT NULL)",
        "CREATE TABLE history (tid int, bid int, aid int, delta int, mtime timestamp)",
        "CREATE UNIQUE INDEX tellers_identity ON tellers (tid, bid)",
        "ALTER TABLE tellers REPLICA IDENTITY USING INDEX tellers_identity",
        "CREATE UNIQUE INDEX accounts_identity ON accounts (aid, bid)",
        "ALTER TABLE accounts REPLICA IDENTITY USING INDEX accounts_identity",
        "CREATE PUBLICATION helios FOR ALL TABLES"
    };

    private static final String SUMS =
            """
            SELECT b.bid, b.bbalance,
                (SELECT coalesce(sum(tbalance), 0) FROM public.tellers t WHERE t.bid = b.bid),
                (SELECT coalesce(sum(abalance), 0) FROM public.accounts a WHERE a.bid = b.bid),
                (SELECT coalesce(sum(delta), 0) FROM public.history h WHERE h.bid = b.bid)
            FROM public.branches b
            """;

    private static final int ACCOUNTS_PER_BRANCH = 200;

    private final PostgresServer server;
    private final String database;
    private final int branches;
    private final AtomicBoolean done = new AtomicBoolean();
    private final AtomicLong transactions = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<Exception> failure = new AtomicReference<>();

    Bank(PostgresServer server, String database, int branches) {
        this.server = server;
        this.database = database;
        this.branches = branches;
        server.execute(database, SCHEMA);
        server.execute(
                database,
                "INSERT INTO branches SELECT b, 0 FROM generate_series(1, " + branches + ") b",
                "INSERT INTO tellers SELECT t, 1 + t % "
                        + branches
                        + ", 0 FROM generate_series(1, "
                        + branches * 10
                        + ") t",
                "INSERT INTO accounts SELECT a, 1 + a % "
                        + branches
                        + ", 0 FROM generate_series(1, "
                        + branches * ACCOUNTS_PER_BRANCH
                        + ") a");
    }

    void open(int clients) {
        for (int i = 0; i < clients; i++) {
            int seed = i;
            Thread thread = new Thread(() -> work(new Random(seed)), "bank-" + i);
            threads.add(thread);
            thread.start();
        }
    }

    private void work(Random random) {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            while (!done.get()) {
                int bid = 1 + random.nextInt(branches);
                int aid = bid - 1 + branches * (1 + random.nextInt(ACCOUNTS_PER_BRANCH - 1));
                int tid = bid - 1 + branches * (1 + random.nextInt(9));
                int delta = random.nextInt(2001) - 1000;
                statement.execute(
                        "UPDATE accounts SET abalance = abalance + %d WHERE aid = %d AND bid = %d"
                                .formatted(delta, aid, bid));
                statement.execute(
                        "UPDATE tellers SET tbalance = tbalance + %d WHERE tid = %d AND bid = %d"
                                .formatted(delta, tid, bid));
                statement.execute(
                        "UPDATE branches SET bbalance = bbalance + %d WHERE bid = %d"
                                .formatted(delta, bid));
                statement.execute(
                        "INSERT INTO history VALUES (%d, %d, %d, %d, now())"
                                .formatted(tid, bid, aid, delta));
                connection.commit();
                transactions.incrementAndGet();
            }
        } catch (SQLException e) {
            failure.compareAndSet(null, e);
        }
    }

    long transactions() {
        return transactions.get();
    }

    /** Looks at all branches in one snapshot; returns the first whose sums differ, or null. */
    static String disagreement(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(SUMS)) {
            while (row.next()) {
                long sum = row.getLong(2);
                if (row.getLong(3) != sum || row.getLong(4) != sum || row.getLong(5) != sum) {
                    return "branch %d: branch %d, tellers %d, accounts %d, history %d"
                            .formatted(
                                    row.getInt(1),
                                    sum,
                                    row.getLong(3),
                                    row.getLong(4),
                                    row.getLong(5));
                }
            }
            return null;
        }
    }

    /** Ends all work and tells if some of it failed. */
    void stop() {
        done.set(true);
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        threads.clear();
        if (failure.get() != null) {
            throw new AssertionError("the bank's work failed", failure.get());
        }
    }

    @Override
    public void close() {
        stop();
    }
}
