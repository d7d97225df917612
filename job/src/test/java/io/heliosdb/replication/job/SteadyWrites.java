package io.heliosdb.replication.job;

import io.heliosdb.replication.testkit.Pace;
import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.BooleanSupplier;

/**
 * Small transactions, each over all of its tenants, some hundred a second whatever becomes of them:
 * a row of half a kilobyte with the next id for each tenant, and a new value for the two hot rows
 * of each. Remembers when each was committed.
 */
final class SteadyWrites {

    static final int HOT = -1;
    static final int HOT_TOO = -2;

    private static final int MOST = 1 << 18;
    private static final String INSERT =
            "INSERT INTO doc SELECT t, id, repeat(md5(t || id), 16)"
                    + " FROM unnest(string_to_array(?, ',')) t, (SELECT ?::int AS id) AS given";
    private static final String UPDATE =
            "UPDATE doc SET v = repeat(md5(tenant_id || ?::int), 16) WHERE tenant_id ="
                    + " ANY (string_to_array(?, ',')) AND id IN ("
                    + HOT
                    + ", "
                    + HOT_TOO
                    + ")";

    private final PostgresServer server;
    private final String database;
    private final String tenants;
    private final AtomicLongArray commitNanos = new AtomicLongArray(MOST);
    private volatile int last;

    /** Creates the table, the hot rows and the publication. */
    SteadyWrites(PostgresServer server, String database, List<String> tenants) {
        this.server = server;
        this.database = database;
        this.tenants = String.join(",", tenants);
        server.execute(
                database,
                "CREATE TABLE doc (tenant_id text, id int, v text, PRIMARY KEY (tenant_id, id))",
                "CREATE PUBLICATION helios FOR ALL TABLES");
        for (String tenant : tenants) {
            server.execute(
                    database,
                    "INSERT INTO doc VALUES ('%1$s', %2$d, 'x'), ('%1$s', %3$d, 'x')"
                            .formatted(tenant, HOT, HOT_TOO));
        }
    }

    void write(BooleanSupplier over) throws SQLException {
        try (Connection connection = server.connect(database);
                PreparedStatement insert = connection.prepareStatement(INSERT);
                PreparedStatement update = connection.prepareStatement(UPDATE)) {
            connection.setAutoCommit(false);
            insert.setString(1, tenants);
            update.setString(2, tenants);
            Pace pace = new Pace(Duration.ofMillis(3));
            for (int id = 1; !over.getAsBoolean(); id++) {
                insert.setInt(2, id);
                insert.execute();
                update.setInt(1, id);
                update.execute();
                commitNanos.set(id, System.nanoTime());
                connection.commit();
                last = id;
                pace.beat();
            }
        }
    }

    /** The newest id that is committed; 0 before the first. */
    int last() {
        return last;
    }

    /** When the commit of this id was sent, by {@link System#nanoTime}. */
    long commitNanos(int id) {
        return commitNanos.get(id);
    }
}
