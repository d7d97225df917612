package io.heliosdb.replication.testkit.random;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * DDL of every kind that is carried along, amid the rows. Tables that others have statements for
 * ({@link RandomTables}) get columns, indexes and constraints of their own and keep the rest; free
 * tables ({@code free_…}, and partitions that were detached) may become anything.
 */
public final class RandomDdl {

    private static final List<String> DDL =
            List.of(
                    "CREATE SCHEMA aside",
                    "CREATE TYPE mood AS ENUM ('low', 'high')",
                    "CREATE SEQUENCE seq_0",
                    "CREATE TABLE free_0 (tenant_id text, id int, c0 int DEFAULT 1, c1 text, c2 mood, PRIMARY KEY (tenant_id, id))",
                    "CREATE TABLE free_1 (id int, c0 numeric(12,2), tenant_id text, c1 varchar(40), c2 jsonb)",
                    "ALTER TABLE free_1 REPLICA IDENTITY FULL",
                    "CREATE TABLE free_2 (tenant_id text, id int, c0 bigint, c1 timestamptz, PRIMARY KEY (tenant_id, id)) PARTITION BY RANGE (id)",
                    "CREATE TABLE part_0 PARTITION OF free_2 FOR VALUES FROM (0) TO (1000)",
                    "CREATE TABLE part_1 PARTITION OF free_2 FOR VALUES FROM (1000) TO (2000)",
                    "CREATE TABLE part_2 PARTITION OF free_2 DEFAULT");

    private RandomDdl() {}

    /** What makes the free tables, after {@link RandomTables#ddl}. */
    public static List<String> ddl() {
        return DDL;
    }

    /** Rows of what changes, and the changes. */
    public static List<RandomStatements> statements() {
        List<RandomStatements> all = new ArrayList<>();
        all.add(new RandomRows());
        all.add(new Kind(2, false, ColumnChanges::of));
        all.add(new Kind(1, false, ConstraintChanges::of));
        all.add(new Kind(1, false, TableChanges::of));
        all.add(new Kind(1, true, ConstraintChanges::alone));
        return List.copyOf(all);
    }

    /** Writes one statement, or a string of some. */
    interface Writer {
        String write(Random random, RandomStatements.Catalog catalog) throws SQLException;
    }

    private record Kind(int weight, boolean alone, Writer writer) implements RandomStatements {
        @Override
        public boolean ddl() {
            return true;
        }

        @Override
        public String next(Random random, List<String> tenants, Catalog catalog)
                throws SQLException {
            return writer.write(random, catalog);
        }
    }

    static <T> T one(Random random, List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    static String one(Random random, String... of) {
        return of[random.nextInt(of.length)];
    }
}
