package io.heliosdb.replication.core.path.postgres;

import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Constraints, indexes and identities that are something else under the name they had: by DDL as it
 * comes, and by a copy that brings tables over all of it at once. A new one is a case more.
 */
class RedefinedTest {

    /**
     * @param tables that are compared in the end
     * @param before makes them
     * @param first happens while everybody streams
     * @param meanwhile what becomes of them
     */
    private record Case(
            List<String> tables, List<String> before, List<String> first, List<String> meanwhile) {}

    private static final String KEY = "id int, tenant_id text, v int, PRIMARY KEY (tenant_id, id))";

    private static Case of(String tables, String[] before, String... meanwhile) {
        return of(tables, before, sql(), meanwhile);
    }

    private static Case of(String tables, String[] before, String[] first, String... meanwhile) {
        return new Case(
                List.of(tables.split(" ")), List.of(before), List.of(first), List.of(meanwhile));
    }

    private static String[] sql(String... statements) {
        return statements;
    }

    private static final List<Case> CASES =
            List.of(
                    of(
                            "pk",
                            sql("CREATE TABLE pk (" + KEY),
                            "ALTER TABLE pk DROP CONSTRAINT pk_pkey, ADD PRIMARY KEY (id, tenant_id)"),
                    of(
                            "pk_new",
                            sql("CREATE TABLE pk_old (" + KEY),
                            "ALTER TABLE pk_old RENAME COLUMN v TO w",
                            "ALTER TABLE pk_old DROP CONSTRAINT pk_old_pkey,"
                                    + " ADD PRIMARY KEY (id, tenant_id)",
                            "ALTER TABLE pk_old RENAME TO pk_new"),
                    of(
                            "pk_swap",
                            sql(
                                    "CREATE TABLE pk_swap (id int, tenant_id text, v int NOT NULL,"
                                            + " PRIMARY KEY (tenant_id, id, v))"),
                            "ALTER TABLE pk_swap RENAME COLUMN v TO between",
                            "ALTER TABLE pk_swap RENAME COLUMN id TO v",
                            "ALTER TABLE pk_swap RENAME COLUMN between TO id",
                            "ALTER TABLE pk_swap DROP CONSTRAINT pk_swap_pkey,"
                                    + " ADD PRIMARY KEY (tenant_id, id, v)"),
                    of(
                            "pk_referred pk_refers",
                            sql(
                                    "CREATE TABLE pk_referred (" + KEY,
                                    "CREATE TABLE pk_refers (id int, tenant_id text, r int,"
                                            + " PRIMARY KEY (tenant_id, id), CONSTRAINT a_ref FOREIGN"
                                            + " KEY (tenant_id, r) REFERENCES pk_referred"
                                            + " (tenant_id, id))"),
                            "ALTER TABLE pk_referred DROP CONSTRAINT pk_referred_pkey CASCADE",
                            "ALTER TABLE pk_referred ADD PRIMARY KEY (id, tenant_id)",
                            "ALTER TABLE pk_refers ADD CONSTRAINT a_ref FOREIGN KEY (tenant_id, r)"
                                    + " REFERENCES pk_referred (tenant_id, id)"),
                    of(
                            "pk_tree pk_tree_1",
                            sql(
                                    "CREATE TABLE pk_tree (" + KEY + " PARTITION BY RANGE (id)",
                                    "CREATE TABLE pk_tree_1 PARTITION OF pk_tree FOR VALUES FROM (0)"
                                            + " TO (9)",
                                    "CREATE INDEX tree_by_v ON pk_tree (v)",
                                    "ALTER TABLE pk_tree_1 ADD CONSTRAINT own CHECK (v > 0)"),
                            "ALTER TABLE pk_tree RENAME COLUMN v TO w",
                            "ALTER TABLE pk_tree DROP CONSTRAINT pk_tree_pkey",
                            "ALTER TABLE pk_tree ADD PRIMARY KEY (id, tenant_id)",
                            "DROP INDEX tree_by_v",
                            "CREATE INDEX tree_by_v ON pk_tree (w DESC)",
                            "ALTER TABLE pk_tree_1 DROP CONSTRAINT own",
                            "ALTER TABLE pk_tree_1 ADD CONSTRAINT own CHECK (w > 1)"),
                    of(
                            "uq",
                            sql(
                                    "CREATE TABLE uq (" + KEY,
                                    "ALTER TABLE uq ADD CONSTRAINT one UNIQUE (tenant_id, v),"
                                            + " ADD CONSTRAINT two UNIQUE (v, tenant_id, id),"
                                            + " ADD CONSTRAINT three UNIQUE (v, id)"),
                            "ALTER TABLE uq RENAME CONSTRAINT one TO between",
                            "ALTER TABLE uq RENAME CONSTRAINT two TO one",
                            "ALTER TABLE uq RENAME CONSTRAINT between TO two",
                            "ALTER TABLE uq DROP CONSTRAINT three",
                            "ALTER TABLE uq ADD CONSTRAINT three UNIQUE NULLS NOT DISTINCT (v, id)"
                                    + " INCLUDE (tenant_id) DEFERRABLE INITIALLY DEFERRED"),
                    of(
                            "ck",
                            sql(
                                    "CREATE TABLE ck (id int, tenant_id text, v int CHECK (v > 0),"
                                            + " w int CONSTRAINT w CHECK (w > 0), x int CONSTRAINT x"
                                            + " CHECK (x > 0), PRIMARY KEY (tenant_id, id))"),
                            "ALTER TABLE ck DROP CONSTRAINT ck_v_check",
                            "ALTER TABLE ck ADD CONSTRAINT ck_v_check CHECK (v > -1) NOT VALID",
                            "ALTER TABLE ck RENAME COLUMN w TO \"W w\"",
                            "ALTER TABLE ck DROP CONSTRAINT w, ADD CONSTRAINT w CHECK (\"W w\" > 2)",
                            "ALTER TABLE ck DROP CONSTRAINT x, ALTER COLUMN x TYPE text,"
                                    + " ADD CONSTRAINT x CHECK (length(x) > 1)"),
                    of(
                            "fk",
                            sql(
                                    "CREATE TABLE fk (id int, tenant_id text, r int, s int,"
                                            + " PRIMARY KEY (tenant_id, id), CONSTRAINT to_pk FOREIGN KEY"
                                            + " (tenant_id, r) REFERENCES fk (tenant_id, id), CONSTRAINT"
                                            + " later FOREIGN KEY (tenant_id, s) REFERENCES fk"
                                            + " (tenant_id, id))"),
                            "ALTER TABLE fk RENAME COLUMN r TO q",
                            "ALTER TABLE fk DROP CONSTRAINT to_pk, ADD CONSTRAINT to_pk FOREIGN KEY"
                                    + " (tenant_id, q) REFERENCES fk (tenant_id, id) ON DELETE CASCADE",
                            "ALTER TABLE fk ALTER CONSTRAINT later DEFERRABLE INITIALLY DEFERRED"),
                    of(
                            "ix",
                            sql(
                                    "CREATE TABLE ix (" + KEY,
                                    "CREATE INDEX ix_a ON ix (v)",
                                    "CREATE INDEX ix_b ON ix (v, id)",
                                    "CREATE UNIQUE INDEX ix_c ON ix (tenant_id, v)",
                                    "CREATE UNIQUE INDEX ix_d ON ix (v, tenant_id, id)",
                                    "CREATE INDEX ix_e ON ix (v) WHERE v > 0"),
                            "ALTER INDEX ix_a RENAME TO ix_between",
                            "ALTER INDEX ix_b RENAME TO ix_a",
                            "ALTER INDEX ix_between RENAME TO ix_b",
                            "DROP INDEX ix_c",
                            "CREATE INDEX ix_c ON ix (tenant_id, v)",
                            "DROP INDEX ix_d",
                            "CREATE UNIQUE INDEX ix_d ON ix (v, tenant_id, id) INCLUDE (id) NULLS"
                                    + " NOT DISTINCT",
                            "DROP INDEX ix_e",
                            "ALTER TABLE ix RENAME COLUMN v TO w",
                            "CREATE INDEX ix_e ON ix (w) WHERE w > 1"),
                    of(
                            "made",
                            sql(
                                    "CREATE TABLE made (" + KEY,
                                    "CREATE UNIQUE INDEX becomes ON made (v, id)",
                                    "ALTER TABLE made ADD CONSTRAINT was UNIQUE (id, v)"),
                            "ALTER TABLE made ADD CONSTRAINT becomes UNIQUE USING INDEX becomes",
                            "ALTER TABLE made DROP CONSTRAINT was",
                            "CREATE UNIQUE INDEX was ON made (id, v)"),
                    of(
                            "ex",
                            sql(
                                    "CREATE TABLE ex (id int, tenant_id text, v int4range, PRIMARY KEY"
                                            + " (tenant_id, id), CONSTRAINT apart EXCLUDE USING gist"
                                            + " (v WITH &&))"),
                            "ALTER TABLE ex DROP CONSTRAINT apart",
                            "ALTER TABLE ex ADD CONSTRAINT apart EXCLUDE USING gist (v WITH =)"
                                    + " WHERE (id > 0)"),
                    of(
                            "ri",
                            sql(
                                    "CREATE TABLE ri (id int, tenant_id text NOT NULL, v int NOT NULL,"
                                            + " PRIMARY KEY (tenant_id, id))",
                                    "CREATE UNIQUE INDEX ri_one ON ri (tenant_id, v)",
                                    "CREATE UNIQUE INDEX ri_two ON ri (v, tenant_id)",
                                    "ALTER TABLE ri REPLICA IDENTITY USING INDEX ri_one"),
                            "DROP INDEX ri_one",
                            "CREATE UNIQUE INDEX ri_one ON ri (tenant_id, v, id)",
                            "ALTER TABLE ri REPLICA IDENTITY USING INDEX ri_one"),
                    of(
                            "ri_first",
                            sql(
                                    "CREATE TABLE ri_first (id int, tenant_id text NOT NULL, v int NOT"
                                            + " NULL, PRIMARY KEY (tenant_id, id))"),
                            "CREATE UNIQUE INDEX ri_other ON ri_first (tenant_id, v)",
                            "ALTER TABLE ri_first REPLICA IDENTITY USING INDEX ri_other"),
                    of(
                            "ri_last",
                            sql(
                                    "CREATE TABLE ri_last (id int, tenant_id text NOT NULL, v int NOT"
                                            + " NULL, PRIMARY KEY (tenant_id, id))",
                                    "CREATE UNIQUE INDEX ri_gone ON ri_last (tenant_id, v)",
                                    "ALTER TABLE ri_last REPLICA IDENTITY USING INDEX ri_gone"),
                            "ALTER TABLE ri_last REPLICA IDENTITY DEFAULT",
                            "DROP INDEX ri_gone"),
                    of(
                            "base derived",
                            sql(
                                    "CREATE TABLE base (" + KEY,
                                    "CREATE TABLE derived (PRIMARY KEY (tenant_id, id)) INHERITS (base)"),
                            sql(
                                    "ALTER TABLE base ADD CONSTRAINT by_child CHECK (v > 0) NOT VALID,"
                                            + " ADD CONSTRAINT by_both CHECK (v > 1) NOT VALID,"
                                            + " ADD CONSTRAINT local CHECK (v > 2) NO INHERIT,"
                                            + " ADD CONSTRAINT everywhere CHECK (v > 3)"),
                            "ALTER TABLE derived VALIDATE CONSTRAINT by_child",
                            "ALTER TABLE base VALIDATE CONSTRAINT by_both",
                            "ALTER TABLE base DROP CONSTRAINT local, ADD CONSTRAINT local CHECK (v > 2),"
                                    + " DROP CONSTRAINT everywhere, ADD CONSTRAINT everywhere CHECK (v > 3) NO"
                                    + " INHERIT",
                            "ALTER TABLE base ADD CONSTRAINT at_once CHECK (v > 4) NOT VALID",
                            "ALTER TABLE derived VALIDATE CONSTRAINT at_once"));

    private static DdlStand stand() {
        DdlStand stand = new DdlStand(all(Case::before)).start("a").onSource(all(Case::first));
        for (String table : CASES.stream().flatMap(it -> it.tables.stream()).toList()) {
            if (!stand.onSourceRows("SELECT to_regclass('" + table + "')").contains("null")) {
                stand.assertSameTable(table);
            }
        }
        return stand;
    }

    private static String[] all(Function<Case, List<String>> part) {
        return CASES.stream().map(part).flatMap(List::stream).toArray(String[]::new);
    }

    private static void assertSame(DdlStand stand) {
        for (Case it : CASES) {
            it.tables.forEach(stand::assertSameTable);
        }
    }

    @Test
    void byDdlAsItComes_R15() {
        try (DdlStand stand = stand()) {
            stand.onSource(all(Case::meanwhile));

            assertSame(stand);
        }
    }

    @Test
    void byACopyThatIsAheadOfIt_R15() {
        try (DdlStand stand = stand()) {
            stand.pause("a").onSource(all(Case::meanwhile)).settle();
            stand.add("b").settle().resume("a");

            assertSame(stand);
        }
    }
}
