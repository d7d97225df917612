package io.heliosdb.replication.benchmark;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** Writes the work of one round to a source database, and the marks that end it. */
final class Work {

    private static final int INSERT_BATCH = 1000;
    private static final int UPDATE_BATCH = 10_000;

    private final BenchmarkOptions options;

    Work(BenchmarkOptions options) {
        this.options = options;
    }

    /** Rows or transactions of a round. */
    int units(Measurement measurement) {
        return switch (measurement) {
            case INSERT, UPDATE -> options.rows();
            case OLTP -> options.transactions();
            case COPY -> options.copiedRows();
            case LATENCY -> 0;
        };
    }

    /** Changed rows of a round, marks not counted. */
    int rows(Measurement measurement) {
        return measurement == Measurement.OLTP ? 4 * units(measurement) : units(measurement);
    }

    /**
     * Writes a round.
     *
     * @param round from 0; ids of rows follow from it
     */
    void write(Connection source, Measurement measurement, int round) throws SQLException {
        try (Statement statement = source.createStatement()) {
            // How fast it is written is not measured, and the WAL is the same.
            statement.execute("SET synchronous_commit = off");
            // Plans are made once, for tables that are still empty.
            statement.execute("SET enable_seqscan = off");
            switch (measurement) {
                case INSERT -> insert(statement, round);
                case UPDATE -> update(statement, round);
                case OLTP -> smallTransactions(statement, round);
                case LATENCY, COPY -> throw new IllegalArgumentException("no such work");
            }
        }
    }

    private void insert(Statement statement, int round) throws SQLException {
        long base = (long) round * options.rows();
        for (int done = 0; done < options.rows(); done += INSERT_BATCH) {
            statement.execute(
                    insertItems(
                            base + done, base + Math.min(done + INSERT_BATCH, options.rows()) - 1));
        }
    }

    /** Rows with these ids, spread over all tenants. */
    static String insertItems(long first, long last) {
        return "INSERT INTO item SELECT i, 't' || i % "
                + Databases.TENANTS
                + ", 'customer number ' || i, 'user' || i || '@example.com',"
                + " (i % 100000) * 0.37, CASE i % 3 WHEN 0 THEN 'new' WHEN 1 THEN 'active'"
                + " ELSE 'closed' END, '2026-01-01Z'::timestamptz + i * interval '1 second'"
                + " FROM generate_series("
                + first
                + "::bigint, "
                + last
                + ") i";
    }

    private void update(Statement statement, int round) throws SQLException {
        long base = (long) round * options.rows();
        for (int done = 0; done < options.rows(); done += UPDATE_BATCH) {
            statement.execute(
                    "UPDATE item SET amount = amount + 1, status = 'updated', updated_at = now()"
                            + " WHERE id >= "
                            + (base + done)
                            + " AND id < "
                            + (base + Math.min(done + UPDATE_BATCH, options.rows())));
        }
    }

    private void smallTransactions(Statement statement, int round) throws SQLException {
        long base = (long) round * options.transactions();
        statement.execute(
                """
                DO $$
                DECLARE t text;
                BEGIN
                  FOR i IN %d..%d LOOP
                    t := 't' || (i::bigint * 7919) %% %d;
                    INSERT INTO orders VALUES (i, t, 'order ' || i, 0);
                    INSERT INTO order_line VALUES (2 * i, t, i, 9.99), (2 * i + 1, t, i, 20.01);
                    UPDATE orders SET total = 30 WHERE tenant_id = t AND id = i;
                    COMMIT;
                  END LOOP;
                END $$
                """
                        .formatted(base, base + options.transactions() - 1, Databases.TENANTS));
    }

    /** The end of a round: one transaction that touches every tenant. */
    static void mark(Connection source, int mark) throws SQLException {
        try (Statement statement = source.createStatement()) {
            statement.execute("UPDATE marker SET round = " + mark);
        }
    }
}
