package io.heliosdb.replication.testkit.bank;

import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a copy of a {@link Bank} without pause and without end, all branches in one snapshot,
 * and remembers the first that did not balance. A server that goes away is looked for until it is
 * back.
 */
public final class Auditor implements AutoCloseable {

    private static final String SUMS =
            """
            SELECT b.bid, b.bbalance, coalesce(t.sum, 0), coalesce(a.sum, 0), coalesce(h.sum, 0)
            FROM public.branches b
            LEFT JOIN (SELECT bid, sum(tbalance) FROM public.tellers GROUP BY bid) t USING (bid)
            LEFT JOIN (SELECT bid, sum(abalance) FROM public.accounts GROUP BY bid) a USING (bid)
            LEFT JOIN (SELECT bid, sum(delta) FROM public.history GROUP BY bid) h USING (bid)
            """;

    private final PostgresServer server;
    private final String database;
    private final Thread thread;
    private volatile boolean over;
    private volatile long looks;
    private volatile long lookingNanos;
    private volatile long absences;
    private volatile @Nullable String disagreement;

    private Auditor(PostgresServer server, String database) {
        this.server = server;
        this.database = database;
        this.thread = new Thread(this::audit, "auditor");
    }

    public static Auditor start(PostgresServer server, String database) {
        Auditor auditor = new Auditor(server, database);
        auditor.thread.start();
        return auditor;
    }

    private void audit() {
        while (!over) {
            try (Connection connection = server.connect(database);
                    PreparedStatement sums = connection.prepareStatement(SUMS)) {
                while (!over && disagreement == null) {
                    long begin = System.nanoTime();
                    look(sums);
                    lookingNanos += System.nanoTime() - begin;
                    looks++;
                }
            } catch (SQLException e) {
                absences++;
                // It restarts; the next connection tells when it is back.
            }
            if (disagreement != null) {
                return;
            }
        }
    }

    private void look(PreparedStatement sums) throws SQLException {
        try (ResultSet row = sums.executeQuery()) {
            while (row.next()) {
                long sum = row.getLong(2);
                if (row.getLong(3) != sum || row.getLong(4) != sum || row.getLong(5) != sum) {
                    disagreement =
                            "branch %d: branch %d, tellers %d, accounts %d, history %d"
                                    .formatted(
                                            row.getInt(1),
                                            sum,
                                            row.getLong(3),
                                            row.getLong(4),
                                            row.getLong(5));
                }
            }
        }
    }

    /** The first state that did not balance, or null if all did. */
    public @Nullable String disagreement() {
        return disagreement;
    }

    /** How often all branches were looked at. */
    public long looks() {
        return looks;
    }

    /** How often the server was away. */
    public long absences() {
        return absences;
    }

    /** For people: how much was looked at. */
    public String report() {
        return String.format(
                Locale.ROOT,
                "%,d looks, %.0f a second while the server was there; connection lost or refused"
                        + " %,d times",
                looks,
                looks / Math.max(1e-9, lookingNanos / 1e9),
                absences);
    }

    /** Ends it. */
    public void stop() {
        over = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop();
    }
}
