package io.heliosdb.replication.benchmark;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.PGConnection;

/**
 * Writers of {@link Limits}. Each transaction of a tenant also writes how many there were to its
 * row of {@code account}, so that a reader of the target can tell which are visible.
 */
final class TierWriters implements AutoCloseable {

    private static final int TENANTS_PER_SESSION = 5;

    private final Databases databases;
    private final String database;
    private final TierLags lags;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Future<?>> running = new ArrayList<>();
    private final AtomicLong rows = new AtomicLong();
    private volatile boolean stopped;

    TierWriters(Databases databases, String database, TierLags lags) {
        this.databases = databases;
        this.database = database;
        this.lags = lags;
    }

    /** Rows written to tables other than {@code account}, and rows of that. */
    long rows() {
        return rows.get();
    }

    /** Each of these tenants writes so many small transactions per second until the end. */
    void trickle(List<String> tenants, int perSecond, int sessions) {
        for (int i = 0; i < sessions; i++) {
            List<String> its = new ArrayList<>();
            for (int t = i; t < tenants.size(); t += sessions) {
                its.add(tenants.get(t));
            }
            if (!its.isEmpty()) {
                running.add(
                        threads.submit(
                                () -> {
                                    write(its, (long) perSecond * its.size());
                                    return null;
                                }));
            }
        }
    }

    static int sessionsFor(int tenants) {
        return Math.max(1, tenants / TENANTS_PER_SESSION);
    }

    private void write(List<String> tenants, long perSecond) throws SQLException {
        try (Connection connection = databases.source().connect(database);
                PreparedStatement account = account(connection);
                PreparedStatement order =
                        connection.prepareStatement(
                                "INSERT INTO orders VALUES (?, ?, 'an order of ' || ?, 12.50)")) {
            connection.setAutoCommit(false);
            long begin = System.nanoTime();
            for (long i = 0; !stopped; i++) {
                long wait = begin + i * 1_000_000_000L / perSecond - System.nanoTime();
                if (wait > 0) {
                    LockSupport.parkNanos(wait);
                }
                String tenant = tenants.get((int) (i % tenants.size()));
                long number = lags.next(tenant);
                order.setLong(1, number);
                order.setString(2, tenant);
                order.setString(3, tenant);
                order.executeUpdate();
                commit(connection, account, tenant, number);
                rows.addAndGet(2);
            }
        }
    }

    private static PreparedStatement account(Connection connection) throws SQLException {
        return connection.prepareStatement("UPDATE account SET version = ? WHERE tenant_id = ?");
    }

    private void commit(
            Connection connection, PreparedStatement account, String tenant, long number)
            throws SQLException {
        account.setLong(1, number);
        account.setString(2, tenant);
        account.executeUpdate();
        connection.commit();
        lags.committed(tenant, number);
    }

    /** A tenant copies rows in, in transactions of a batch; returns when all are committed. */
    void load(String tenant, int count, int batch, int perSecond) {
        try (Connection connection = databases.source().connect(database);
                PreparedStatement account = account(connection)) {
            connection.setAutoCommit(false);
            long first = rows.get() + (1L << 40);
            long begin = System.nanoTime();
            for (int done = 0; done < count; done += batch) {
                if (perSecond > 0) {
                    long wait = begin + done * 1_000_000_000L / perSecond - System.nanoTime();
                    if (wait > 0) {
                        LockSupport.parkNanos(wait);
                    }
                }
                int size = Math.min(batch, count - done);
                connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn(
                                "COPY event FROM STDIN",
                                new ByteArrayInputStream(lines(tenant, first + done, size)));
                commit(connection, account, tenant, lags.next(tenant));
                rows.addAndGet(size + 1);
            }
        } catch (SQLException | IOException e) {
            throw new IllegalStateException("the load failed", e);
        }
    }

    private static byte[] lines(String tenant, long first, int count) {
        StringBuilder text = new StringBuilder(count * 110);
        for (long id = first; id < first + count; id++) {
            text.append(id)
                    .append('\t')
                    .append(tenant)
                    .append("\tkind-")
                    .append(id * 7919 % 50)
                    .append('\t')
                    .append(id * 31 % 100_000)
                    .append(".25\tsomething happened to number ")
                    .append(id * 104_729 % 1_000_003)
                    .append("\t2026-01-01 10:")
                    .append(10 + id / 60 % 50)
                    .append(':')
                    .append(10 + id % 50)
                    .append("+00\n");
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** Ends the small transactions; fails if a writer did. */
    void stop() {
        stopped = true;
        for (Future<?> each : running) {
            try {
                each.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("a writer failed", e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }
    }

    @Override
    public void close() {
        stopped = true;
        threads.shutdownNow();
    }
}
