package io.heliosdb.replication.testkit.saas;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One user session. Rows that it changes later are its own, so writers seldom wait for others. */
final class SaasWriter implements AutoCloseable {

    /** Serialization failure, deadlock: the usual fate of a transaction, tried again as another. */
    private static final Set<String> PASSING = Set.of("40001", "40P01", "55P03");

    private static final int REMEMBERED_ORDERS = 200;

    private final SaasApplication application;
    private final Random random;
    private final Map<String, Deque<Long>> ordersOfTenant = new HashMap<>();
    private final Map<String, long[]> productRange = new HashMap<>();
    private final Map<String, long[]> userRange = new HashMap<>();
    private @Nullable Connection connection;
    private int rows;

    SaasWriter(SaasApplication application, long seed) {
        this.application = application;
        this.random = new Random(seed);
    }

    /**
     * One transaction. Returns the rows written, 0 if it was rolled back.
     *
     * @param giveUp asked while the server is away
     */
    int transaction(BooleanSupplier giveUp) throws InterruptedException {
        rows = 0;
        try {
            Connection session = session();
            boolean rollback = random.nextInt(100) == 0;
            something(session);
            if (rollback) {
                session.rollback();
                return 0;
            }
            session.commit();
            return rows;
        } catch (SQLException e) {
            String state = e.getSQLState() == null ? "" : e.getSQLState();
            disconnect();
            if (PASSING.contains(state)) {
                return 0;
            }
            if ((state.startsWith("08") || state.startsWith("57P")) && !giveUp.getAsBoolean()) {
                TimeUnit.MILLISECONDS.sleep(100);
                return 0;
            }
            if (giveUp.getAsBoolean()) {
                return 0;
            }
            throw new IllegalStateException(state + " " + e.getMessage(), e);
        }
    }

    private void something(Connection session) throws SQLException {
        int dice = random.nextInt(100);
        String tenant = tenant();
        if (dice < 35) {
            placeOrder(session, tenant);
        } else if (dice < 55) {
            advanceOrder(session, tenant);
        } else if (dice < 63) {
            write(
                    session,
                    "UPDATE users SET last_login = now() WHERE tenant_id = ? AND id = ?",
                    tenant,
                    anyOf(session, userRange, "users", tenant));
        } else if (dice < 69) {
            reprice(session, tenant);
        } else if (dice < 75) {
            deleteOrder(session, tenant);
        } else if (dice < 88) {
            events(session, tenant, 1 + random.nextInt(20));
        } else if (dice < 93) {
            overSeveralTenants(session);
        } else if (dice < 95) {
            write(
                    session,
                    "INSERT INTO users (tenant_id, email, name, roles) VALUES (?, ?, ?, ?::text[])",
                    tenant,
                    "u" + Long.toHexString(random.nextLong()) + "@example.com",
                    random.nextBoolean() ? null : "Zoë O'Neil",
                    "{viewer}");
        } else if (dice < 97) {
            restock(session, tenant);
        } else if (dice < 98) {
            moveLines(session, tenant);
        } else if (dice < 99) {
            write(
                    session,
                    "UPDATE plans SET monthly_price = monthly_price + 0.01 WHERE id = ?",
                    1 + random.nextInt(3));
        } else {
            write(
                    session,
                    "INSERT INTO job_queue (work) SELECT 'unpublished' FROM generate_series(1, ?)",
                    10);
            write(session, "DELETE FROM job_queue");
        }
    }

    private void placeOrder(Connection session, String tenant) throws SQLException {
        long user = anyOf(session, userRange, "users", tenant);
        long order;
        try (PreparedStatement insert =
                        prepare(
                                session,
                                "INSERT INTO orders (tenant_id, user_id, status, total, note, placed_at)"
                                        + " VALUES (?, ?, 'placed', 0, ?, now()) RETURNING id",
                                tenant,
                                user,
                                random.nextInt(3) == 0 ? "please\thurry \\ \"now\"" : null);
                ResultSet result = insert.executeQuery()) {
            result.next();
            order = result.getLong(1);
            rows++;
        }
        int lines = 1 + random.nextInt(5);
        long first = anyOf(session, productRange, "products", tenant);
        write(
                session,
                "INSERT INTO order_items SELECT ?, ?, row_number() OVER (), id, 1 + id % 4, price"
                        + " FROM products WHERE tenant_id = ? AND id >= ? ORDER BY id LIMIT ?",
                tenant,
                order,
                tenant,
                first,
                lines);
        // In the order of ids, so that writers do not lock each other out.
        write(
                session,
                "WITH sold AS (SELECT p.id FROM products p WHERE tenant_id = ? AND id >= ?"
                        + " ORDER BY id LIMIT ? FOR NO KEY UPDATE)"
                        + " UPDATE products p SET stock = stock - 1 FROM sold"
                        + " WHERE p.tenant_id = ? AND p.id = sold.id",
                tenant,
                first,
                lines,
                tenant);
        write(
                session,
                "UPDATE orders SET total = (SELECT coalesce(sum(quantity * price), 0) FROM order_items"
                        + " WHERE tenant_id = ? AND order_id = ?) WHERE tenant_id = ? AND id = ?",
                tenant,
                order,
                tenant,
                order);
        events(session, tenant, 1);
        Deque<Long> mine = ordersOfTenant.computeIfAbsent(tenant, key -> new ArrayDeque<>());
        mine.addLast(order);
        if (mine.size() > REMEMBERED_ORDERS) {
            mine.removeFirst();
        }
    }

    private void advanceOrder(Connection session, String tenant) throws SQLException {
        write(
                session,
                "UPDATE orders SET status = CASE status WHEN 'placed' THEN 'paid'::order_status"
                        + " ELSE 'shipped' END, note = nullif(note, '') WHERE tenant_id = ? AND id = ?",
                tenant,
                order(tenant));
    }

    private void deleteOrder(Connection session, String tenant) throws SQLException {
        write(session, "DELETE FROM orders WHERE tenant_id = ? AND id = ?", tenant, order(tenant));
    }

    /** Changes every product of a tenant; locks in the order of ids, as orders do. */
    private void restock(Connection session, String tenant) throws SQLException {
        write(
                session,
                "WITH counted AS (SELECT id FROM products WHERE tenant_id = ? ORDER BY id FOR NO KEY UPDATE)"
                        + " UPDATE products p SET stock = stock + 1 FROM counted"
                        + " WHERE p.tenant_id = ? AND p.id = counted.id",
                tenant,
                tenant);
    }

    /** Changes a primary key. */
    private void moveLines(Connection session, String tenant) throws SQLException {
        write(
                session,
                "UPDATE order_items SET line = line + 100 WHERE tenant_id = ? AND order_id = ?",
                tenant,
                order(tenant));
    }

    /** Leaves a TOASTed column as it is. */
    private void reprice(Connection session, String tenant) throws SQLException {
        write(
                session,
                "UPDATE products SET price = price * 1.01, attributes ="
                        + " coalesce(attributes, '{}') || jsonb_build_object('repriced', now())"
                        + " WHERE tenant_id = ? AND id = ?",
                tenant,
                anyOf(session, productRange, "products", tenant));
    }

    private void events(Connection session, String tenant, int count) throws SQLException {
        write(
                session,
                "INSERT INTO events (tenant_id, kind, payload, occurred_at, duration_seconds)"
                        + " SELECT ?, 'click', jsonb_build_object('n', n, 'path', '/a/' || n), clock_timestamp(),"
                        + " n / 7.0::float8 FROM generate_series(1, ?) n",
                tenant,
                count);
    }

    private void overSeveralTenants(Connection session) throws SQLException {
        for (String tenant :
                application.tenantIds().stream().filter(id -> random.nextInt(4) == 0).toList()) {
            events(session, tenant, 2);
            write(
                    session,
                    "UPDATE tenants SET settings = settings || jsonb_build_object('campaign', now())"
                            + " WHERE id = ?",
                    tenant);
        }
    }

    /** The first tenants are the busy ones, as always. */
    private String tenant() {
        double skewed = random.nextDouble() * random.nextDouble();
        return SaasApplication.tenantId(1 + (int) (skewed * application.tenants()));
    }

    private long order(String tenant) {
        Deque<Long> mine = ordersOfTenant.get(tenant);
        return mine == null || mine.isEmpty()
                ? -1
                : mine.stream().skip(random.nextInt(mine.size())).findFirst().orElseThrow();
    }

    private long anyOf(Connection session, Map<String, long[]> ranges, String table, String tenant)
            throws SQLException {
        long[] range = ranges.get(tenant);
        if (range == null) {
            try (PreparedStatement select =
                            prepare(
                                    session,
                                    "SELECT min(id), max(id) FROM "
                                            + table
                                            + " WHERE tenant_id = ?",
                                    tenant);
                    ResultSet result = select.executeQuery()) {
                result.next();
                range = new long[] {result.getLong(1), result.getLong(2)};
            }
            ranges.put(tenant, range);
        }
        // Only the rows of the beginning are contiguous per tenant; they are never deleted.
        return range[0] + random.nextInt((int) Math.min(10, range[1] - range[0] + 1));
    }

    private void write(Connection session, String sql, @Nullable Object... parameters)
            throws SQLException {
        try (PreparedStatement statement = prepare(session, sql, parameters)) {
            rows += statement.executeUpdate();
        }
    }

    private static PreparedStatement prepare(
            Connection session, String sql, @Nullable Object... parameters) throws SQLException {
        PreparedStatement statement = session.prepareStatement(sql);
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
        return statement;
    }

    private Connection session() throws SQLException {
        Connection session = connection;
        if (session == null) {
            session = application.server().connect(application.database());
            session.setAutoCommit(false);
            connection = session;
        }
        return session;
    }

    private void disconnect() {
        Connection closing = connection;
        connection = null;
        if (closing != null) {
            try {
                closing.close();
            } catch (SQLException e) {
                // It is gone either way, and its transaction with it.
                return;
            }
        }
    }

    @Override
    public void close() {
        disconnect();
    }
}
