package io.heliosdb.replication.testkit.random;

import static io.heliosdb.replication.testkit.random.RandomDdl.one;

import io.heliosdb.replication.testkit.random.RandomStatements.Catalog;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;

/** Tables and partitions that are made, renamed, moved and dropped. */
final class TableChanges {

    private static final String FREE =
            "SELECT count(*) FROM pg_class WHERE relname ~ '^free_\\d+$' AND relkind IN ('r', 'p')";

    private static final String PARTITIONS =
            """
            SELECT i.inhrelid::regclass::text, i.inhparent::regclass::text,
                   pg_get_expr(c.relpartbound, c.oid)
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            JOIN pg_class p ON p.oid = i.inhparent
            WHERE p.relkind = 'p' AND c.relname LIKE 'part\\_%' AND c.relkind = 'r'
              AND pg_get_expr(c.relpartbound, c.oid) ~ '^FOR VALUES FROM \\(''?1\\d{4}\\D' ORDER BY 1
            """;

    private static final String ROOTS =
            """
            SELECT c.oid::regclass::text FROM pg_class c
            WHERE c.relkind = 'p' AND c.relname LIKE 'free\\_%' ORDER BY 1
            """;

    private static final int MOST = 9;

    /** Beyond all rows. */
    private static final int FAR = 10_000;

    private TableChanges() {}

    static String of(Random random, Catalog catalog) throws SQLException {
        int kind = random.nextInt(20);
        if (kind < 5 && Integer.parseInt(catalog.rows(FREE).get(0).get(0)) < MOST) {
            return created(random);
        } else if (kind < 11) {
            return partition(random, catalog);
        }
        ChangingTable table = ChangingTable.any(random, catalog, true, false);
        if (table == null) {
            return created(random);
        }
        if (kind < 14) {
            return "DROP TABLE " + table.name();
        } else if (kind < 18) {
            return "ALTER TABLE "
                    + table.name()
                    + " RENAME TO "
                    + table.unqualified().replaceFirst("_.*", "_" + random.nextInt(1000));
        }
        return "ALTER TABLE "
                + table.name()
                + " SET SCHEMA "
                + (table.name().startsWith(ChangingTable.ASIDE) ? "public" : ChangingTable.ASIDE);
    }

    private static String created(Random random) {
        String name = "free_" + random.nextInt(1000);
        String columns = " (tenant_id text, id int, c0 int DEFAULT 4, c1 text";
        return switch (random.nextInt(6)) {
            case 0, 1, 3 -> "CREATE TABLE " + name + columns + ", PRIMARY KEY (tenant_id, id))";
            case 2 ->
                    "CREATE TABLE "
                            + name
                            + columns
                            + "); ALTER TABLE "
                            + name
                            + " REPLICA IDENTITY FULL";
            case 4 -> {
                int part = random.nextInt(10_000);
                yield "CREATE TABLE %s%s, c2 mood, PRIMARY KEY (id, tenant_id)) PARTITION BY RANGE (id);"
                                .formatted(name, columns)
                        + " CREATE TABLE part_%d PARTITION OF %s FOR VALUES FROM (0) TO (1000);"
                                .formatted(part, name)
                        + " CREATE TABLE part_%d PARTITION OF %s FOR VALUES FROM (1000) TO (2000)"
                                .formatted(part + 10_000, name);
            }
            default -> "CREATE TABLE " + name + " (LIKE free_0 INCLUDING ALL)";
        };
    }

    private static String partition(Random random, Catalog catalog) throws SQLException {
        List<List<String>> partitions = catalog.rows(PARTITIONS);
        List<List<String>> roots = catalog.rows(ROOTS);
        if (roots.isEmpty()) {
            return "SELECT 1";
        }
        // Rows are in those below; others may go, for no replication can be behind with rows of
        // them.
        int from = random.nextInt(3) * 1000 + (random.nextInt(3) == 0 ? 0 : FAR);
        String bounds = " FOR VALUES FROM (" + from + ") TO (" + (from + 1000) + ")";
        int kind = random.nextInt(6);
        if (kind == 0 || partitions.isEmpty()) {
            return "CREATE TABLE part_%d PARTITION OF %s%s"
                    .formatted(random.nextInt(100_000), one(random, roots).get(0), bounds);
        }
        List<String> partition = one(random, partitions);
        String detach = "ALTER TABLE " + partition.get(1) + " DETACH PARTITION " + partition.get(0);
        if (kind == 1) {
            return detach;
        } else if (kind == 2) {
            return detach
                    + "; UPDATE "
                    + partition.get(0)
                    + " SET tenant_id = tenant_id; ALTER TABLE "
                    + partition.get(1)
                    + " ATTACH PARTITION "
                    + partition.get(0)
                    + " "
                    + partition.get(2);
        } else if (kind == 3) {
            return "DROP TABLE " + partition.get(0);
        }
        ChangingTable table = ChangingTable.any(random, catalog, true, false);
        return table == null || table.partitioned()
                ? "SELECT 1"
                : "DELETE FROM %s WHERE id NOT BETWEEN %d AND %d; ALTER TABLE %s ATTACH PARTITION %s%s"
                        .formatted(
                                table.name(),
                                from,
                                from + 999,
                                one(random, roots).get(0),
                                table.name(),
                                bounds);
    }
}
