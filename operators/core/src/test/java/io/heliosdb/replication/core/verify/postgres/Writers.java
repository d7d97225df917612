package io.heliosdb.replication.core.verify.postgres;

import io.heliosdb.replication.testkit.Pace;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Sessions that write to the source until closed: a hot row, inserts, updates that leave TOAST
 * values alone, deletes, changes of key and of tenant, duplicates in a table without key,
 * truncates.
 */
final class Writers implements AutoCloseable {

    static final String[] TABLES = {
        "CREATE TABLE item (id int, tenant_id text, n int, note text, big text,"
                + " doubled int GENERATED ALWAYS AS (n * 2) STORED,"
                + " PRIMARY KEY (tenant_id, id))",
        "ALTER TABLE item ALTER big SET STORAGE EXTERNAL",
        "CREATE TABLE moving (id int PRIMARY KEY, tenant_id text NOT NULL, big text)",
        "ALTER TABLE moving ALTER big SET STORAGE EXTERNAL",
        "ALTER TABLE moving REPLICA IDENTITY FULL",
        "CREATE TABLE log (tenant_id text, line text)",
        "ALTER TABLE log REPLICA IDENTITY FULL",
        "CREATE TABLE short (id int, tenant_id text, PRIMARY KEY (id, tenant_id))",
        "INSERT INTO item SELECT i, (i % 4)::text, i, 'note ' || i, repeat('x', 3000)"
                + " FROM generate_series(1, 2000) i",
        // Nobody writes to these.
        "INSERT INTO item VALUES (100001, '1', 0, 'note'), (100005, '1', 0, 'note')",
        "INSERT INTO moving SELECT i, (i % 4)::text, repeat('y', 3000)"
                + " FROM generate_series(1, 400) i",
        "INSERT INTO log SELECT (i % 4)::text, 'line ' || i % 7 FROM generate_series(1, 400) i"
    };

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;
    private volatile Throwable failure;

    Writers(Stand stand) {
        for (int i = 0; i < 2; i++) {
            int number = i;
            Thread thread = new Thread(() -> write(stand, new Random(number)), "writer-" + i);
            threads.add(thread);
        }
    }

    void start() {
        threads.forEach(Thread::start);
    }

    private void write(Stand stand, Random random) {
        try (Connection connection = stand.sourceServer.connect(stand.source);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            Pace pace = new Pace(Duration.ofMillis(5));
            while (!stopped) {
                for (int i = random.nextInt(4); i >= 0; i--) {
                    try {
                        statement.execute(next(random));
                    } catch (SQLException e) {
                        // Duplicate key or deadlock: these are no errors of the test.
                        connection.rollback();
                    }
                }
                if (random.nextInt(10) == 0) {
                    connection.rollback();
                } else {
                    connection.commit();
                }
                pace.beat();
            }
        } catch (SQLException e) {
            failure = e;
        }
    }

    private static String next(Random random) {
        String tenant = "'" + random.nextInt(4) + "'";
        int id = random.nextInt(500) * 4;
        return switch (random.nextInt(14)) {
            case 0, 1, 2 -> "UPDATE item SET n = n + 1 WHERE tenant_id = '1' AND id = 1";
            case 3 -> "UPDATE item SET note = NULL WHERE tenant_id = '0' AND id = " + id;
            case 4 ->
                    "UPDATE item SET note = 'n' || random(), big = repeat('z', 2500 + "
                            + random.nextInt(500)
                            + ") WHERE tenant_id = '2' AND id = "
                            + (id + 2);
            case 5 ->
                    "INSERT INTO item (id, tenant_id, n, note) VALUES ("
                            + random.nextInt(5000)
                            + ", "
                            + tenant
                            + ", 1, '')";
            case 6 -> "DELETE FROM item WHERE tenant_id = " + tenant + " AND id = " + id;
            case 7 ->
                    "UPDATE item SET id = "
                            + (10000 + random.nextInt(500))
                            + ", note = 'moved' WHERE tenant_id = "
                            + tenant
                            + " AND id = "
                            + (id + random.nextInt(4));
            case 8, 9 ->
                    "UPDATE moving SET tenant_id = "
                            + tenant
                            + " WHERE id = "
                            + (1 + random.nextInt(400));
            case 10 ->
                    "INSERT INTO log SELECT "
                            + tenant
                            + ", 'line ' || i % 3 FROM generate_series(1, 3) i";
            case 11 ->
                    "DELETE FROM log WHERE ctid = (SELECT ctid FROM log WHERE tenant_id = "
                            + tenant
                            + " LIMIT 1)";
            case 12 -> "UPDATE log SET line = NULL WHERE tenant_id = '1' AND line = 'line 5'";
            default ->
                    random.nextInt(20) == 0
                            ? "TRUNCATE short"
                            : "INSERT INTO short VALUES ("
                                    + random.nextInt(10000)
                                    + ", "
                                    + tenant
                                    + ")";
        };
    }

    @Override
    public void close() {
        stopped = true;
        for (Thread thread : threads) {
            try {
                thread.join(PATIENCE.toMillis());
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            if (thread.isAlive()) {
                throw new AssertionError(
                        thread.getName() + " does not end: " + List.of(thread.getStackTrace()));
            }
        }
        if (failure != null) {
            throw new AssertionError("a writer failed", failure);
        }
    }
}
