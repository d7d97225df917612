package io.heliosdb.replication.core.path.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the documentation of PostgreSQL's own logical replication says of restrictions, conflicts,
 * row filters, column lists and generated columns, as far as no other test has it. The README has
 * the whole list.
 */
class DocumentedRestrictionsTest {

    @Test
    void largeObjectsStayAtTheSource() {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE item (tenant_id text, id int, picture oid, PRIMARY KEY (tenant_id, id))")) {
            stand.start("a");
            stand.onSource("INSERT INTO item VALUES ('a', 1, lo_from_bytea(0, 'picture'))")
                    .assertSame("SELECT * FROM item");
            assertThat(stand.onTargetRows("SELECT count(*) FROM pg_largeobject_metadata"))
                    .containsExactly("0");
        }
    }

    @Test
    void viewsAreNotCarriedWhileTheirTablesAre() {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE item (tenant_id text, id int, PRIMARY KEY (tenant_id, id))",
                        "CREATE VIEW shown AS SELECT * FROM item",
                        "CREATE MATERIALIZED VIEW kept AS SELECT * FROM item")) {
            stand.start("a");
            stand.onSource("INSERT INTO shown VALUES ('a', 1)", "REFRESH MATERIALIZED VIEW kept")
                    .assertSame("SELECT * FROM item");
            assertThat(stand.onTargetRows("SELECT to_regclass('shown'), to_regclass('kept')"))
                    .containsExactly("null|null");
        }
    }

    /** Rows that are missing are counted, those that were changed are overwritten. */
    @Test
    void whatWasChangedInTheTargetIsOverwrittenAndWhatIsMissingIsCounted() {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE item (tenant_id text, id int, v text, PRIMARY KEY (tenant_id, id))",
                        "INSERT INTO item SELECT 'a', g, 'before' FROM generate_series(1, 5) g")) {
            stand.start("a");
            stand.onTarget(
                    "UPDATE item SET v = 'local' WHERE id = 1",
                    "DELETE FROM item WHERE id IN (2, 3)");
            stand.onSource(
                            "UPDATE item SET v = 'after' WHERE id IN (1, 2)",
                            "DELETE FROM item WHERE id = 3")
                    .settle();
            assertThat(stand.onTargetRows("SELECT id, v FROM item ORDER BY id"))
                    .containsExactly("1|after", "4|before", "5|before");
            stand.awaitTarget("SELECT sum(conflicts) = 2 FROM heliosdb.replication_progress");
        }
    }

    /** As the documentation says of TRUNCATE: rows that the filter keeps back go as well. */
    @Test
    void truncateDoesNotAskTheRowFilter_R13() {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE item (tenant_id text, id int, PRIMARY KEY (tenant_id, id))",
                        "INSERT INTO item SELECT 'a', g FROM generate_series(1, 10) g")) {
            stand.publish("FOR TABLE item WHERE (id > 5)").start("a");
            stand.onTarget("INSERT INTO item VALUES ('a', 1)");
            stand.onSource("TRUNCATE item", "INSERT INTO item VALUES ('a', 2), ('a', 7)").settle();
            assertThat(stand.onTargetRows("SELECT id FROM item")).containsExactly("7");
        }
    }

    /**
     * The filter of the root counts if it is published via the root, for the first copy as well.
     */
    @Test
    void aRowFilterOfAPartitionedTableHoldsForAllPartitions_R14() {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE item (tenant_id text, id int, PRIMARY KEY (tenant_id, id)) PARTITION BY RANGE (id)",
                        "CREATE TABLE item_1 PARTITION OF item FOR VALUES FROM (0) TO (10)",
                        "CREATE TABLE item_2 PARTITION OF item FOR VALUES FROM (10) TO (20)",
                        "INSERT INTO item SELECT 'a', g FROM generate_series(0, 15) g")) {
            stand.publish(
                            "FOR TABLE item WHERE (id % 2 = 0) WITH (publish_via_partition_root = true)")
                    .start("a");
            stand.onSource(
                    "INSERT INTO item VALUES ('a', 16), ('a', 17)",
                    "UPDATE item SET id = id + 1 WHERE id = 17",
                    "UPDATE item SET id = 19 WHERE id = 16",
                    "DELETE FROM item WHERE id < 2");
            stand.settle();
            assertThat(stand.onTargetRows("SELECT id FROM item ORDER BY id"))
                    .isEqualTo(
                            stand.onSourceRows("SELECT id FROM item WHERE id % 2 = 0 ORDER BY id"));
        }
    }

    /** PostgreSQL does not send it to who is told of the root only. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void truncateOfAPartitionComesByItsLeavesOnly_R13_R14(boolean viaRoot) {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE item (tenant_id text, id int, PRIMARY KEY (tenant_id, id)) PARTITION BY RANGE (id)",
                        "CREATE TABLE item_1 PARTITION OF item FOR VALUES FROM (0) TO (10)",
                        "CREATE TABLE item_2 PARTITION OF item FOR VALUES FROM (10) TO (20)",
                        "INSERT INTO item VALUES ('a', 1), ('a', 11)")) {
            stand.publish("FOR ALL TABLES WITH (publish_via_partition_root = " + viaRoot + ")")
                    .start("a");
            stand.onSource("TRUNCATE item_1", "INSERT INTO item VALUES ('a', 12)").settle();
            assertThat(stand.onTargetRows("SELECT id FROM item WHERE id < 10"))
                    .hasSize(viaRoot ? 1 : 0);
            stand.onSource("TRUNCATE item").assertSame("SELECT * FROM item");
        }
    }

    /** Generated there and not here, and the other way round. */
    @Test
    void aColumnThatOnlyOneSideGenerates_R15() {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE item (tenant_id text, id int, n int, twice int GENERATED ALWAYS AS (n * 2) STORED, PRIMARY KEY (tenant_id, id))",
                        "INSERT INTO item VALUES ('a', 1, 1)")) {
            stand.onTarget(
                    "CREATE TABLE item (tenant_id text, id int, n int, twice int DEFAULT -1,"
                            + " thrice int GENERATED ALWAYS AS (n * 3) STORED, PRIMARY KEY (tenant_id, id))");
            stand.start("a");
            stand.onSource(
                            "INSERT INTO item VALUES ('a', 2, 2)",
                            "UPDATE item SET n = 5 WHERE id = 1")
                    .assertSame("SELECT tenant_id, id, n FROM item ORDER BY id");
            assertThat(stand.onTargetRows("SELECT twice, thrice FROM item ORDER BY id"))
                    .containsExactly("-1|15", "-1|6");
        }
    }
}
