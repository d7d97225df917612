package io.heliosdb.replication.testkit.random;

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
import org.jspecify.annotations.Nullable;

/**
 * Writers that do at random whatever their {@link RandomStatements} say: transactions of one or
 * many statements over several tenants, with savepoints, undone parts and rollbacks, now and then a
 * large one. What each writer tries follows from the seed; how they meet does not.
 */
public final class RandomWorkload implements AutoCloseable {

    /** A transaction in so many is large. */
    private static final int LARGE = 150;

    private static final String CONNECTION_LOST = "08";
    private static final String SHUTDOWN = "57P";

    private final PostgresServer server;
    private final String database;
    private final List<String> tenants;
    private final List<RandomStatements> choice = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicLong transactions = new AtomicLong();
    private final AtomicLong statements = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private volatile @Nullable Throwable failure;

    private RandomWorkload(
            PostgresServer server,
            String database,
            List<String> tenants,
            List<RandomStatements> sources) {
        this.server = server;
        this.database = database;
        this.tenants = List.copyOf(tenants);
        for (RandomStatements source : sources) {
            for (int i = 0; i < source.weight(); i++) {
                choice.add(source);
            }
        }
    }

    /**
     * Starts the writers.
     *
     * @param pauseMillis between the transactions of one writer, at most
     */
    public static RandomWorkload start(
            PostgresServer server,
            String database,
            List<String> tenants,
            List<RandomStatements> sources,
            int writers,
            long pauseMillis,
            long seed) {
        RandomWorkload workload = new RandomWorkload(server, database, tenants, sources);
        for (int i = 0; i < writers; i++) {
            Random random = new Random(seed * 1_000 + i);
            Thread thread =
                    new Thread(() -> workload.work(random, pauseMillis), "random-writer-" + i);
            thread.setDaemon(true);
            workload.threads.add(thread);
        }
        workload.threads.forEach(Thread::start);
        return workload;
    }

    private void work(Random random, long pauseMillis) {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SET lock_timeout = '2s'");
            connection.commit();
            while (!stopped.get()) {
                transaction(connection, statement, random);
                long pauseNanos = (long) (random.nextDouble() * pauseMillis * 1e6);
                new Pace(Duration.ofNanos(pauseNanos)).beat();
            }
        } catch (SQLException | RuntimeException e) {
            failure = e;
        }
    }

    private void transaction(Connection connection, Statement statement, Random random)
            throws SQLException {
        int count =
                random.nextInt(LARGE) == 0
                        ? 200
                        : random.nextInt(3) == 0 ? 1 : 1 + random.nextInt(8);
        for (int i = 0; i < count; i++) {
            attempt(statement, random);
            if (random.nextInt(10) == 0) {
                undonePart(statement, random);
            }
        }
        boolean undo = random.nextInt(12) == 0;
        try {
            if (undo) {
                connection.rollback();
            } else {
                connection.commit();
                transactions.incrementAndGet();
            }
        } catch (SQLException e) {
            // A constraint that was deferred, for example.
            rethrowIfLost(e);
            failed.incrementAndGet();
            connection.rollback();
        }
    }

    /** Changes of a savepoint that is rolled back, some of them in one that was released. */
    private void undonePart(Statement statement, Random random) throws SQLException {
        statement.execute("SAVEPOINT outside");
        for (int i = random.nextInt(3); i >= 0; i--) {
            attempt(statement, random);
        }
        statement.execute(random.nextInt(3) == 0 ? "RELEASE outside" : "ROLLBACK TO outside");
    }

    private void attempt(Statement statement, Random random) throws SQLException {
        String sql = choice.get(random.nextInt(choice.size())).next(random, tenants);
        statement.execute("SAVEPOINT attempt");
        try {
            statement.execute(sql);
            statements.incrementAndGet();
            statement.execute("RELEASE attempt");
        } catch (SQLException e) {
            rethrowIfLost(e);
            failed.incrementAndGet();
            statement.execute("ROLLBACK TO attempt");
        }
    }

    private static void rethrowIfLost(SQLException e) throws SQLException {
        String state = e.getSQLState();
        if (state == null || state.startsWith(CONNECTION_LOST) || state.startsWith(SHUTDOWN)) {
            throw e;
        }
    }

    /** Transactions that committed. */
    public long transactions() {
        return transactions.get();
    }

    /** Statements that the source has refused, of a hundred. */
    public double refusedPercent() {
        return 100.0 * failed.get() / Math.max(1, statements.get() + failed.get());
    }

    /** What was done, for a log. */
    public String report() {
        return "%d transactions, %d statements, %d refused by the source"
                .formatted(transactions.get(), statements.get(), failed.get());
    }

    /**
     * Stops the writers and waits until their last transaction is over.
     *
     * @throws IllegalStateException if a writer had failed
     */
    public void stop() {
        stopped.set(true);
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
        if (failure != null) {
            throw new IllegalStateException("workload failed: " + failure.getMessage(), failure);
        }
    }

    @Override
    public void close() {
        stop();
    }
}
