package io.heliosdb.replication.testkit.bank;

import io.heliosdb.replication.testkit.Pace;
import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * pgbench's tables and its transaction, kept to one branch: the same delta goes to an account, a
 * teller, the branch and the history. So in every state that a reader may see, the four sums of a
 * branch agree.
 */
public final class Bank implements AutoCloseable {

    private static final String[] SCHEMA = {
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

    /** Its tables, all keyed by {@code bid}. */
    public static final List<String> TABLES = List.of("branches", "tellers", "accounts", "history");

    private static final int ACCOUNTS_PER_BRANCH = 200;
    private static final Duration THINKING = Duration.ofMillis(2);

    private final PostgresServer server;
    private final String database;
    private final int branches;
    private final AtomicBoolean done = new AtomicBoolean();
    private final AtomicLong transactions = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

    /** Creates the tables, publication {@code helios} and the accounts in an empty database. */
    public Bank(PostgresServer server, String database, int branches) {
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

    /** Lets so many clients work, each some hundred transactions a second, until {@link #stop}. */
    public void open(int clients) {
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
            Pace pace = new Pace(THINKING);
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
                pace.beat();
            }
        } catch (SQLException e) {
            failure.compareAndSet(null, e);
        }
    }

    /** Committed so far. */
    public long transactions() {
        return transactions.get();
    }

    /** Ends all work and tells if some of it failed. */
    public void stop() {
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
