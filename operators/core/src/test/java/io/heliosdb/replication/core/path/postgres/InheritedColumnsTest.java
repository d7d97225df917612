package io.heliosdb.replication.core.path.postgres;

import org.junit.jupiter.api.Test;

/**
 * What inherits may allow NULL where the table above does not (before PostgreSQL 18): but only once
 * it inherits.
 */
class InheritedColumnsTest {

    private static final String COLUMNS = "id int, tenant_id text, v int NOT NULL, w text";

    private static final String KEY = ", PRIMARY KEY (tenant_id, id))";

    private static DdlStand stand(String... more) {
        return new DdlStand(
                        "CREATE TABLE base (" + COLUMNS + KEY,
                        "INSERT INTO base VALUES (1, 'a', 1), (2, 'b', 2)")
                .onSource(more);
    }

    private static void assertSame(DdlStand stand) {
        stand.assertSame("SELECT tableoid::regclass, * FROM base ORDER BY id, tenant_id")
                .assertSame("SELECT * FROM derived ORDER BY id, tenant_id")
                .assertSameTable("base")
                .assertSameTable("derived")
                .assertSame(
                        "SELECT inhrelid::regclass::text AS child, inhparent::regclass FROM pg_inherits ORDER BY child");
    }

    @Test
    void areNullableInAFirstCopy_R11() {
        try (DdlStand stand =
                stand(
                                "CREATE TABLE derived (x int" + KEY + " INHERITS (base)",
                                "ALTER TABLE derived ALTER COLUMN v DROP NOT NULL",
                                "INSERT INTO derived VALUES (3, 'a', NULL), (4, 'b', NULL)")
                        .start("a", "b")) {
            assertSame(stand);
        }
    }

    @Test
    void areNullableOnceMade_R15() {
        try (DdlStand stand = stand().start("a", "b").pause("b")) {
            stand.onSource(
                    "BEGIN; CREATE TABLE derived (x int"
                            + KEY
                            + " INHERITS (base); ALTER TABLE derived ALTER COLUMN v DROP NOT NULL;"
                            + " INSERT INTO derived VALUES (3, 'a', NULL), (4, 'b', NULL); COMMIT");
            stand.settle().resume("b");

            assertSame(stand);
        }
    }

    /** The copy brings the tables to where they are. */
    @Test
    void areNullableOnceMadeBeforeACopy_R15() {
        try (DdlStand stand = stand().start("a").pause("a")) {
            stand.onSource(
                    "CREATE TABLE derived (x int" + KEY + " INHERITS (base)",
                    "INSERT INTO derived VALUES (3, 'a', 3), (4, 'b', 4)",
                    "ALTER TABLE derived ALTER COLUMN v DROP NOT NULL",
                    "INSERT INTO derived VALUES (5, 'a', NULL), (6, 'b', NULL)",
                    "ALTER TABLE base ADD CHECK (id > 0)");
            stand.add("b").settle().resume("a");

            assertSame(stand);
        }
    }

    /** What its own rows are asked for later its place asks for at once. */
    @Test
    void areAskedAtOnceOfWhatInheritsLater_R15() {
        try (DdlStand stand =
                stand("CREATE TABLE derived (id int, tenant_id text, v int, w text, x int" + KEY)
                        .start("a", "b")
                        .pause("b")) {
            stand.onSource(
                    "INSERT INTO derived VALUES (3, 'a', 3), (4, 'b', 4)",
                    "ALTER TABLE derived ALTER COLUMN v SET NOT NULL",
                    "ALTER TABLE derived INHERIT base",
                    "INSERT INTO derived VALUES (5, 'a', 5), (6, 'b', 6)",
                    "ALTER TABLE derived ALTER COLUMN v DROP NOT NULL",
                    "INSERT INTO derived VALUES (7, 'a', NULL), (8, 'b', NULL)");
            stand.settle().resume("b");

            assertSame(stand);
        }
    }

    @Test
    void areAskedByACopyOfWhatInherits_R15() {
        try (DdlStand stand =
                stand("CREATE TABLE derived (id int, tenant_id text, v int, w text, x int" + KEY)
                        .start("a")
                        .pause("a")) {
            stand.onSource(
                    "INSERT INTO derived VALUES (3, 'a', 3), (4, 'b', 4)",
                    "ALTER TABLE derived ALTER COLUMN v SET NOT NULL",
                    "ALTER TABLE derived INHERIT base",
                    "ALTER TABLE derived ALTER COLUMN v DROP NOT NULL",
                    "INSERT INTO derived VALUES (7, 'a', NULL), (8, 'b', NULL)");
            stand.add("b").settle().resume("a");

            assertSame(stand);
        }
    }

    /** Rows of who is behind would be in the way: that one copies them. */
    @Test
    void areAskedWhileRowsOfBeforeLackThem_R15() {
        try (DdlStand stand =
                stand("CREATE TABLE derived (id int, tenant_id text, v int, w text, x int" + KEY)
                        .start("a", "b")) {
            stand.onSource("INSERT INTO derived VALUES (3, 'a', NULL), (4, 'b', NULL)").settle();
            stand.pause("b");
            stand.onSource(
                    "INSERT INTO derived VALUES (5, 'a', NULL), (6, 'b', NULL)",
                    "UPDATE derived SET v = id",
                    "ALTER TABLE derived ALTER COLUMN v SET NOT NULL",
                    "ALTER TABLE derived INHERIT base",
                    "UPDATE base SET v = v + 1");
            stand.settle().resume("b");

            assertSame(stand);
        }
    }

    @Test
    void areLooseForRowsOfBefore_R15() {
        try (DdlStand stand = stand().start("a", "b")) {
            stand.pause("a").pause("b");
            stand.onSource(
                            "ALTER TABLE base ADD CHECK (v < 1000)",
                            "ALTER TABLE base ADD COLUMN u uuid DEFAULT gen_random_uuid()",
                            "CREATE TABLE derived (x int" + KEY + " INHERITS (base)",
                            "INSERT INTO derived VALUES (3, 'a', 3), (4, 'b', 4)",
                            "ALTER TABLE derived ALTER COLUMN v DROP NOT NULL",
                            "UPDATE derived SET v = NULL",
                            "UPDATE derived SET v = id",
                            "ALTER TABLE derived ALTER COLUMN v SET NOT NULL")
                    .settle();
            stand.resume("b").settle().resume("a");

            assertSame(stand);
        }
    }

    private static final String[] ALONE = {
        "ALTER TABLE ONLY base ALTER COLUMN v DROP NOT NULL",
        "ALTER TABLE ONLY base ALTER COLUMN x SET NOT NULL",
        "ALTER TABLE ONLY base ALTER COLUMN x SET DEFAULT 7",
        "ALTER TABLE base ALTER COLUMN y SET DEFAULT 8",
        "ALTER TABLE ONLY base DROP COLUMN w",
        "ALTER TABLE base DROP COLUMN z",
        "INSERT INTO derived VALUES (5, 'a', 5, '5', NULL), (6, 'b', 6, '6', NULL)"
    };

    private static DdlStand inheriting() {
        return new DdlStand(
                "CREATE TABLE base (" + COLUMNS + ", x int, y int, z int" + KEY,
                "CREATE TABLE derived (LIKE base, PRIMARY KEY (tenant_id, id)) INHERITS (base)",
                "INSERT INTO base VALUES (1, 'a', 1, '1', 1), (2, 'b', 2, '2', 2)",
                "INSERT INTO derived VALUES (3, 'a', 3, '3', 3), (4, 'b', 4, '4', 4)");
    }

    /** What is asked of the table above only leaves what inherits as it is. */
    @Test
    void stayAsTheyAre_R15() {
        try (DdlStand stand = inheriting().start("a", "b").pause("b")) {
            stand.onSource(ALONE).settle().resume("b");

            assertSame(stand);
        }
    }

    @Test
    void stayAsTheyAreInACopy_R15() {
        try (DdlStand stand = inheriting().start("a").pause("a")) {
            stand.onSource(ALONE);
            stand.add("b").settle().resume("a");

            assertSame(stand);
        }
    }

    @Test
    void mayBeOlderThanTheirConstraints_R11() {
        try (DdlStand stand =
                stand(
                                "CREATE TABLE derived (x int" + KEY + " INHERITS (base)",
                                "CREATE TABLE p (id int, tenant_id text, v int"
                                        + KEY
                                        + " PARTITION BY RANGE (id)",
                                "CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (100)",
                                "INSERT INTO derived VALUES (3, 'a', -3), (4, 'b', -4)",
                                "INSERT INTO p VALUES (1, 'a', -3), (2, 'b', -4)",
                                "ALTER TABLE base ADD CONSTRAINT positive CHECK (v > 0) NOT VALID",
                                "ALTER TABLE p ADD CONSTRAINT positive CHECK (v > 0) NOT VALID",
                                "ALTER TABLE p_1 ADD CHECK (v < 9) NOT VALID")
                        .start("a", "b")) {
            assertSame(stand.settle());
            stand.assertSame("SELECT * FROM p ORDER BY id")
                    .assertSameTable("p")
                    .assertSameTable("p_1");
        }
    }

    /** Partitions likewise, and keys ask the same. */
    @Test
    void areAskedAtOnceOfAPartition_R14_R15() {
        try (DdlStand stand =
                new DdlStand(
                                "CREATE TABLE base (" + COLUMNS + KEY + " PARTITION BY RANGE (id)",
                                "CREATE TABLE base_1 PARTITION OF base FOR VALUES FROM (0) TO (3)",
                                "INSERT INTO base VALUES (1, 'a', 1), (2, 'b', 2)",
                                "CREATE TABLE derived (id int, tenant_id text, v int, w text)",
                                "ALTER TABLE derived REPLICA IDENTITY FULL")
                        .viaRoot()
                        .startWithout("a", "b")
                        .pause("b")) {
            stand.onSource(
                    "INSERT INTO derived VALUES (3, 'a', 3), (4, 'b', 4)",
                    "ALTER TABLE derived ALTER COLUMN v SET NOT NULL",
                    "ALTER TABLE derived ADD PRIMARY KEY (tenant_id, id)",
                    "ALTER TABLE derived REPLICA IDENTITY DEFAULT",
                    "ALTER TABLE base ATTACH PARTITION derived FOR VALUES FROM (3) TO (100)",
                    "INSERT INTO base VALUES (5, 'a', 5), (6, 'b', 6)");
            stand.settle().resume("b");

            assertSame(stand);
        }
    }

    @Test
    void areAskedOfAPartitionWhileRowsOfBeforeLackThem_R14_R15() {
        try (DdlStand stand =
                new DdlStand(
                                "CREATE TABLE base (" + COLUMNS + KEY + " PARTITION BY RANGE (id)",
                                "CREATE TABLE base_1 PARTITION OF base FOR VALUES FROM (0) TO (3)",
                                "INSERT INTO base VALUES (1, 'a', 1), (2, 'b', 2)",
                                "CREATE TABLE derived (id int, tenant_id text, v int, w text)",
                                "ALTER TABLE derived REPLICA IDENTITY FULL")
                        .viaRoot()
                        .startWithout("a", "b")) {
            stand.onSource(
                            "INSERT INTO derived VALUES (4, 'b', NULL), (5, 'b', 5), (5, 'b', 5),"
                                    + " (6, 'b', NULL), (7, 'a', NULL), (7, 'a', NULL)")
                    .settle()
                    .pause("b");
            stand.onSource(
                    "DELETE FROM derived WHERE id IN (5, 7)",
                    "INSERT INTO derived VALUES (5, 'b', NULL), (7, 'a', 7)",
                    "UPDATE derived SET v = id",
                    "ALTER TABLE derived ADD PRIMARY KEY (tenant_id, id)",
                    "ALTER TABLE derived REPLICA IDENTITY DEFAULT",
                    "ALTER TABLE derived ALTER COLUMN v SET NOT NULL",
                    "ALTER TABLE base ATTACH PARTITION derived FOR VALUES FROM (3) TO (100)",
                    "UPDATE base SET v = v + 1");
            stand.settle().resume("b");

            assertSame(stand);
        }
    }

    private static final String[] RETYPED = {
        "ALTER TABLE base ALTER COLUMN w DROP DEFAULT,"
                + " ALTER COLUMN w TYPE int USING length(w), ALTER COLUMN w SET DEFAULT 5",
        "INSERT INTO base (id, tenant_id, v) VALUES (5, 'a', 5), (6, 'b', 6)",
        "INSERT INTO derived (id, tenant_id, v) VALUES (7, 'a', 7), (8, 'b', 8)",
        "ALTER TABLE base ADD COLUMN z uuid DEFAULT gen_random_uuid()",
        "ALTER TABLE derived ALTER COLUMN v DROP NOT NULL",
        "INSERT INTO derived (id, tenant_id) VALUES (9, 'a'), (10, 'b')"
    };

    private static DdlStand withDefaults() {
        return new DdlStand(
                "CREATE TABLE base (id int, tenant_id text, v int NOT NULL,"
                        + " w text NOT NULL DEFAULT '5'"
                        + KEY,
                "CREATE TABLE derived (x int" + KEY + " INHERITS (base)",
                "INSERT INTO base VALUES (1, 'a', 1), (2, 'b', 2)",
                "INSERT INTO derived VALUES (3, 'a', 3, 'xxx'), (4, 'b', 4, 'xxxx')");
    }

    @Test
    void haveTheirOwnDefaultsAndTypes_R15() {
        try (DdlStand stand = withDefaults().start("a", "b").pause("b")) {
            stand.onSource(RETYPED).settle().resume("b");

            assertSame(stand);
        }
    }

    /** Older rows of it got the value that the default had then. */
    @Test
    void haveTheDefaultOfTheTableAbove_R15() {
        try (DdlStand stand = withDefaults().start("a", "b")) {
            stand.onSource(
                            "ALTER TABLE base ADD COLUMN y timestamptz DEFAULT now()",
                            "ALTER TABLE derived ALTER COLUMN v DROP NOT NULL")
                    .settle();

            assertSame(stand);
        }
    }

    @Test
    void haveTheirOwnDefaultsAndTypesInACopy_R15() {
        try (DdlStand stand = withDefaults().start("a").pause("a")) {
            stand.onSource(RETYPED);
            stand.add("b").settle().resume("a");

            assertSame(stand);
        }
    }

    /** The check of the table above comes behind the rows of all that inherits. */
    @Test
    void mayBeOlderThanTheConstraintsOfALargeTable_R11() {
        try (DdlStand stand =
                stand(
                                "CREATE TABLE derived (x int" + KEY + " INHERITS (base)",
                                "INSERT INTO base SELECT g, 'a', g, repeat('x', 500)"
                                        + " FROM generate_series(10, 9000) g",
                                "INSERT INTO derived VALUES (3, 'a', -3), (4, 'b', -4)",
                                "ALTER TABLE base ADD CONSTRAINT positive CHECK (v > 0) NOT VALID")
                        .start("a", "b")) {
            assertSame(stand);
        }
    }
}
