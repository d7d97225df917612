package io.heliosdb.replication.testkit.random;

import io.heliosdb.replication.testkit.Pace;
import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
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

    /** What a refusal names if it is not the application's fault. */
    private static final String CAPTURE = "heliosdb";

    private static final Set<String> OF_CONCURRENCY = Set.of("40P01", "40001", "55P03");

    private final PostgresServer server;
    private final String database;
    private final List<String> tenants;
    private volatile List<RandomStatements> within = List.of();
    private volatile List<RandomStatements> choice = List.of();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicLong transactions = new AtomicLong();
    private final AtomicLong statements = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong ddl = new AtomicLong();
    private final AtomicLong refusedDdl = new AtomicLong();
    private volatile @Nullable Throwable failure;

    private RandomWorkload(
            PostgresServer server,
            String database,
            List<String> tenants,
            List<RandomStatements> sources) {
        this.server = server;
        this.database = database;
        this.tenants = List.copyOf(tenants);
        choose(sources, 1);
    }

    /**
     * From now on these.
     *
     * @param rarity so many times rarer than its weight says is whatever alters tables
     */
    public void choose(List<RandomStatements> sources, int rarity) {
        List<RandomStatements> all = new ArrayList<>();
        for (RandomStatements source : sources) {
            int weight = source.weight() * (source.ddl() ? 1 : rarity);
            for (int i = 0; i < weight; i++) {
                all.add(source);
            }
        }
        within = all.stream().filter(source -> !source.alone()).toList();
        choice = List.copyOf(all);
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
        List<RandomStatements> all = choice;
        RandomStatements first = all.get(random.nextInt(all.size()));
        if (first.alone()) {
            alone(connection, statement, first, random);
            return;
        }
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

    private void alone(
            Connection connection, Statement statement, RandomStatements source, Random random)
            throws SQLException {
        connection.setAutoCommit(true);
        String sql = "";
        try {
            sql = source.next(random, tenants, catalog(statement));
            statement.execute(sql);
            done(source);
            transactions.incrementAndGet();
        } catch (SQLException e) {
            refused(source, sql, e);
        } finally {
            connection.setAutoCommit(false);
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
        List<RandomStatements> all = within;
        RandomStatements source = all.get(random.nextInt(all.size()));
        String sql = "";
        statement.execute("SAVEPOINT attempt");
        try {
            sql = source.next(random, tenants, catalog(statement));
            statement.execute(sql);
            statement.execute("RELEASE attempt");
            done(source);
        } catch (SQLException e) {
            refused(source, sql, e);
            statement.execute("ROLLBACK TO attempt");
        }
    }

    private void done(RandomStatements source) {
        (source.ddl() ? ddl : statements).incrementAndGet();
    }

    private void refused(RandomStatements source, String sql, SQLException e) throws SQLException {
        rethrowIfLost(e);
        if (!source.ddl()) {
            failed.incrementAndGet();
            return;
        }
        refusedDdl.incrementAndGet();
        if (String.valueOf(e.getMessage()).contains(CAPTURE)
                && !OF_CONCURRENCY.contains(e.getSQLState())) {
            throw new SQLException("the capture refuses " + sql + ": " + e.getMessage(), e);
        }
    }

    private static RandomStatements.Catalog catalog(Statement statement) {
        return query -> {
            List<List<String>> rows = new ArrayList<>();
            try (ResultSet row = statement.executeQuery(query)) {
                int columns = row.getMetaData().getColumnCount();
                while (row.next()) {
                    List<String> values = new ArrayList<>();
                    for (int i = 1; i <= columns; i++) {
                        values.add(row.getString(i));
                    }
                    rows.add(values);
                }
            }
            return rows;
        };
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

    /** DDL that was carried out, undone or not. */
    public long ddl() {
        return ddl.get();
    }

    /** Statements that the source has refused, of a hundred; DDL apart. */
    public double refusedPercent() {
        return 100.0 * failed.get() / Math.max(1, statements.get() + failed.get());
    }

    /** What was done, for a log. */
    public String report() {
        return "%d transactions, %d statements, %d refused by the source, %d DDL, %d refused"
                .formatted(
                        transactions.get(),
                        statements.get(),
                        failed.get(),
                        ddl.get(),
                        refusedDdl.get());
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
