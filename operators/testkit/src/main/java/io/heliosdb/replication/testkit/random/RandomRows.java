package io.heliosdb.replication.testkit.random;

import io.heliosdb.replication.testkit.random.ChangingTable.Column;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What happens to rows of tables that {@link RandomDdl} changes: written for what they are now. */
final class RandomRows implements RandomStatements {

    private static final int IDS = 2_000;

    @Override
    public int weight() {
        return 14;
    }

    @Override
    public String next(Random random, List<String> tenants, Catalog catalog) throws SQLException {
        ChangingTable table = ChangingTable.any(random, catalog, random.nextInt(3) > 0, true);
        String tenant = "'" + tenants.get(random.nextInt(tenants.size())) + "'";
        String other = "'" + tenants.get(random.nextInt(tenants.size())) + "'";
        int kind = random.nextInt(10);
        int id = 1 + random.nextInt(IDS);
        int rows = random.nextInt(5) == 0 ? random.nextInt(400) : random.nextInt(8);
        if (table == null || !table.has("id") || !table.has(table.key())) {
            return "SELECT 1";
        }
        String some = " WHERE " + table.key() + " = " + tenant + " AND id BETWEEN " + id + " AND ";
        if (kind < 4 && table.free()) {
            return insert(random, table, tenant, id, rows);
        } else if (kind < 8) {
            List<Column> columns =
                    table.columns().stream()
                            .filter(
                                    it ->
                                            !it.computed()
                                                    && (it.changes() || it.name().equals("ref")))
                            .toList();
            if (columns.isEmpty()) {
                return "SELECT 1";
            }
            Column column = columns.get(random.nextInt(columns.size()));
            boolean nothing = !column.notNull() && random.nextInt(4) == 0;
            return "UPDATE %s SET %s = %s%s%d"
                    .formatted(
                            table.name(),
                            column.name(),
                            nothing ? "NULL" : value(column, tenant, Integer.toString(id)),
                            some,
                            id + rows);
        } else if (!table.free()) {
            return "SELECT 1";
        } else if (kind == 8) {
            return random.nextInt(3) == 0
                    ? "UPDATE " + table.name() + " SET tenant_id = " + other + some + (id + 3)
                    : "UPDATE " + table.name() + " SET id = id + 1" + some + (id + 1);
        }
        return random.nextInt(25) == 0 && !table.partition()
                ? "TRUNCATE " + table.name()
                : "DELETE FROM " + table.name() + some + (id + rows);
    }

    private static String insert(
            Random random, ChangingTable table, String tenant, int id, int rows) {
        List<String> names = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (Column column : table.columns()) {
            if (column.name().equals("tenant_id")) {
                names.add("tenant_id");
                values.add(tenant);
            } else if (column.name().equals("id")) {
                names.add("id");
                values.add("g");
            } else if (!column.computed()
                    && (column.notNull() && !column.hasDefault() || random.nextInt(4) > 0)) {
                names.add(column.name());
                values.add(value(column, tenant, "g"));
            }
        }
        return "INSERT INTO %s (%s) SELECT %s FROM generate_series(%d, %d) g ON CONFLICT DO NOTHING"
                .formatted(
                        table.name(),
                        String.join(", ", names),
                        String.join(", ", values),
                        id,
                        id + rows);
    }

    private static String value(Column column, String tenant, String row) {
        return column.name().equals("ref")
                ? "(SELECT max(id) FROM parent WHERE tenant_id = " + tenant + ")"
                : column.value().replaceAll("\\bg\\b(?!')", row);
    }
}
