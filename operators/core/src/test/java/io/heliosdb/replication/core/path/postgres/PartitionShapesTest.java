package io.heliosdb.replication.core.path.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Partitioned tables, published via their root and by their leaves. */
class PartitionShapesTest {

    private static final String[] EVENTS = {
        "CREATE TABLE event (tenant_id text, day int, id int, v text, PRIMARY KEY (tenant_id, day, id)) PARTITION BY RANGE (day)",
        "CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM (0) TO (10)",
        "CREATE TABLE event_2 PARTITION OF event FOR VALUES FROM (10) TO (20) PARTITION BY LIST (tenant_id)",
        "CREATE TABLE event_2_a PARTITION OF event_2 FOR VALUES IN ('a')",
        "CREATE TABLE event_2_x PARTITION OF event_2 DEFAULT",
        "INSERT INTO event SELECT t, g % 20, g, 'before' FROM generate_series(1, 100) g, unnest(array['a', 'b']) t"
    };

    private static final String ROWS = "SELECT * FROM event WHERE tenant_id = 'a' ORDER BY id";

    private static final String[] CHANGES = {
        "INSERT INTO event SELECT 'a', g % 20, g, 'new' FROM generate_series(200, 600) g",
        "UPDATE event SET v = 'changed' WHERE id % 3 = 0",
        // across partitions, of one and of two levels
        "UPDATE event SET day = (day + 10) % 20 WHERE id % 4 = 0",
        "DELETE FROM event WHERE id % 5 = 0",
        "UPDATE event SET tenant_id = CASE tenant_id WHEN 'a' THEN 'b' ELSE 'a' END, id = id + 10000 WHERE id < 40"
    };

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rowsOfTheSamePartitionsOnBothSides_R14(boolean viaRoot) {
        try (PathStand stand = new PathStand(EVENTS)) {
            stand.publish("FOR ALL TABLES WITH (publish_via_partition_root = " + viaRoot + ")")
                    .start("a");
            stand.assertSame(ROWS);
            stand.onSource(CHANGES).assertSame(ROWS);
            stand.inOneTransaction(CHANGES[1], "TRUNCATE event", CHANGES[0], CHANGES[2])
                    .assertSame(ROWS)
                    .assertSame("SELECT * FROM event_2_a ORDER BY id");
        }
    }

    /** Via the root it does not matter how the target keeps them. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "PARTITION BY HASH (tenant_id)",
                "PARTITION BY LIST (tenant_id)",
                "PARTITION BY RANGE (day)"
            })
    void sourceAndTargetArePartitionedDifferently_R14(String partitions) {
        try (PathStand stand = new PathStand(EVENTS)) {
            stand.onTarget(
                    "CREATE TABLE event (id int, v text, tenant_id text, day int, PRIMARY KEY (tenant_id, day, id)) "
                            + partitions);
            if (partitions.contains("HASH")) {
                stand.onTarget(
                        "CREATE TABLE h0 PARTITION OF event FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
                        "CREATE TABLE h1 PARTITION OF event FOR VALUES WITH (MODULUS 2, REMAINDER 1)");
            } else if (!partitions.isEmpty()) {
                stand.onTarget("CREATE TABLE d PARTITION OF event DEFAULT");
            }
            String rows =
                    "SELECT tenant_id, day, id, v FROM event WHERE tenant_id = 'a' ORDER BY id";
            stand.publish("FOR ALL TABLES WITH (publish_via_partition_root = true)").start("a");
            stand.assertSame(rows);
            stand.onSource(CHANGES).assertSame(rows);
            stand.inOneTransaction(
                            CHANGES[0].replace("200, 600", "700, 800"),
                            "TRUNCATE event",
                            CHANGES[0])
                    .assertSame(rows);
        }
    }

    /** The source is not partitioned, the target is. */
    @Test
    void onlyTheTargetIsPartitioned_R14() {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE event (tenant_id text, day int, id int, v text, PRIMARY KEY (tenant_id, day, id))",
                        EVENTS[5])) {
            stand.onTarget(EVENTS[0], EVENTS[1], EVENTS[2], EVENTS[3], EVENTS[4]).start("a");
            stand.assertSame(ROWS);
            stand.onSource(CHANGES).assertSame(ROWS);
        }
    }

    /**
     * What is detached, and what was attached with rows in it, is not in the stream of the root;
     * rows that are written from then on are.
     */
    @Test
    void attachDetachAndNewPartitionsWhileStreaming_R14() {
        try (PathStand stand = new PathStand(EVENTS)) {
            stand.publish("FOR ALL TABLES WITH (publish_via_partition_root = true)").start("a");
            stand.onBoth("CREATE TABLE event_3 PARTITION OF event FOR VALUES FROM (20) TO (30)");
            stand.onSource("INSERT INTO event VALUES ('a', 25, 9001, 'in the new one')")
                    .assertSame(ROWS);
            stand.onBoth(
                    "CREATE TABLE event_4 (tenant_id text NOT NULL, day int NOT NULL, id int NOT NULL, v text)",
                    "ALTER TABLE event ATTACH PARTITION event_4 FOR VALUES FROM (30) TO (40)");
            stand.onSource(
                            "INSERT INTO event VALUES ('a', 35, 9002, 'attached')",
                            "UPDATE event SET day = 36 WHERE id = 9001",
                            "UPDATE event SET v = 'moved' WHERE day = 36")
                    .assertSame(ROWS);
            stand.onBoth("ALTER TABLE event DETACH PARTITION event_4");
            stand.onSource("INSERT INTO event_4 VALUES ('a', 37, 9003, 'a table of its own')");
            stand.assertSame(ROWS).assertSame("SELECT * FROM event_4 ORDER BY id");
        }
    }

    @Test
    void newLeavesWhileStreamingByLeaf_R14() {
        try (PathStand stand = new PathStand(EVENTS)) {
            stand.publish("FOR ALL TABLES").start("a");
            stand.onBoth("CREATE TABLE event_3 PARTITION OF event FOR VALUES FROM (20) TO (30)");
            stand.onSource(
                            "INSERT INTO event VALUES ('a', 25, 9001, 'in the new one')",
                            "UPDATE event SET day = 26 WHERE day < 5",
                            "UPDATE event SET day = 11 WHERE id = 9001")
                    .assertSame(ROWS);
            stand.onBoth("ALTER TABLE event DETACH PARTITION event_3");
            stand.onSource("UPDATE event_3 SET v = 'apart'", "TRUNCATE event");
            stand.assertSame(ROWS)
                    .assertSame("SELECT * FROM event_3 WHERE tenant_id = 'a' ORDER BY id");
            assertThat(stand.onTargetRows("SELECT count(*) FROM event_3 WHERE v = 'apart'"))
                    .isNotEqualTo(List.of("0"));
        }
    }

    /** Its changes would seem to be another tenant's, or nobody's. */
    @Test
    void aPartitionThatIsNotFullAsItsRootIsStopsTheReplication_R14() {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE item (tenant_id text, id int PRIMARY KEY, v int) PARTITION BY RANGE (id)",
                        "CREATE TABLE item_1 PARTITION OF item FOR VALUES FROM (0) TO (10)",
                        "ALTER TABLE item REPLICA IDENTITY FULL",
                        "ALTER TABLE item_1 REPLICA IDENTITY FULL",
                        "INSERT INTO item VALUES ('a', 1, 0)")) {
            stand.publish("FOR ALL TABLES WITH (publish_via_partition_root = true)")
                    .start("a", "b");
            stand.onSource("UPDATE item SET v = 1").assertSame("SELECT * FROM item");
            stand.onBoth("CREATE TABLE item_2 PARTITION OF item FOR VALUES FROM (10) TO (20)");
            stand.onSource("INSERT INTO item VALUES ('a', 11, 0)")
                    .assertSame("SELECT * FROM item ORDER BY id");
            stand.onSource("UPDATE item SET tenant_id = 'b' WHERE id = 11");
            assertThat(stand.awaitError("a")).contains("public.item", "FULL");
            assertThat(stand.awaitError("b")).contains("public.item", "FULL");
        }
    }

    /** It cannot be known in time that it is wanted; the way out is in the reason. */
    @Test
    void aPartitionThatOnlyTheSourceHasStopsTheReplicationUntilItIsThere_R14() {
        try (PathStand stand = new PathStand(EVENTS)) {
            stand.publish("FOR ALL TABLES WITH (publish_via_partition_root = true)")
                    .start("a", "b");
            stand.onSource(
                    "CREATE TABLE event_3 PARTITION OF event FOR VALUES FROM (20) TO (30)",
                    "INSERT INTO event VALUES ('a', 25, 1, 'nowhere to go')",
                    "INSERT INTO event VALUES ('b', 1, 5000, 'x')");
            assertThat(stand.awaitError("a")).contains("public.event", "23514");
            stand.awaitTarget("SELECT count(*) = 1 FROM event WHERE id = 5000");
        }
    }
}
