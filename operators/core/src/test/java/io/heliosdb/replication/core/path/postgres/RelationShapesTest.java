package io.heliosdb.replication.core.path.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What stands around a table: parents, references, triggers, and tables that leave no trace. */
class RelationShapesTest {

    /** Rows of parent and child with the same key are different rows. */
    @Test
    void tablesThatInheritAreTablesOfTheirOwn_R14() {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE base (tenant_id text, id int, v int, PRIMARY KEY (tenant_id, id))",
                        "CREATE TABLE derived (more text, PRIMARY KEY (tenant_id, id)) INHERITS (base)",
                        "CREATE TABLE log (tenant_id text, v int)",
                        "CREATE TABLE log_child () INHERITS (log)",
                        "ALTER TABLE log REPLICA IDENTITY FULL",
                        "ALTER TABLE log_child REPLICA IDENTITY FULL",
                        "INSERT INTO base SELECT 'a', g, g FROM generate_series(1, 30) g",
                        "INSERT INTO derived SELECT 'a', g, -g, 'd' FROM generate_series(1, 30) g",
                        "INSERT INTO log SELECT 'a', g % 2 FROM generate_series(1, 6) g",
                        "INSERT INTO log_child SELECT 'a', g % 2 FROM generate_series(1, 6) g")) {
            stand.start("a");
            String base = "SELECT * FROM ONLY base ORDER BY id";
            String derived = "SELECT * FROM derived ORDER BY id";
            stand.assertSame(base).assertSame(derived);
            stand.onSource(
                            "UPDATE ONLY base SET v = 100 WHERE id = 1",
                            "DELETE FROM ONLY base WHERE id = 2")
                    .assertSame(base)
                    .assertSame(derived);
            stand.onSource(
                            "UPDATE ONLY base SET v = v + 1",
                            "UPDATE derived SET v = v - 1 WHERE id > 10",
                            "DELETE FROM ONLY base WHERE id > 15",
                            "DELETE FROM derived WHERE id BETWEEN 3 AND 9",
                            "UPDATE base SET v = 0 WHERE id IN (10, 20)")
                    .assertSame(base)
                    .assertSame(derived);
            stand.onSource(
                            "DELETE FROM ONLY log WHERE v = 1",
                            "UPDATE ONLY log SET v = 7",
                            "UPDATE log_child SET v = 8 WHERE v = 0")
                    .assertSame("SELECT * FROM ONLY log ORDER BY v")
                    .assertSame("SELECT * FROM log_child ORDER BY v");
        }
    }

    /** Cascades and triggers have run at the source; their rows come by themselves. */
    @Test
    void referencesAndTriggersOfTheTargetAreLeftAlone_R12() {
        String trigger =
                "CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                        + " INSERT INTO audit VALUES (coalesce(NEW.tenant_id, OLD.tenant_id), TG_OP, coalesce(NEW.id, OLD.id)); RETURN NULL; END $$";
        String[] tables = {
            "CREATE TABLE parent (tenant_id text, id int, up int, PRIMARY KEY (tenant_id, id),"
                    + " FOREIGN KEY (tenant_id, up) REFERENCES parent DEFERRABLE INITIALLY DEFERRED)",
            "CREATE TABLE child (tenant_id text, id int, parent int, PRIMARY KEY (tenant_id, id),"
                    + " FOREIGN KEY (tenant_id, parent) REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE)",
            "CREATE TABLE audit (tenant_id text, op text, id int)",
            "ALTER TABLE audit REPLICA IDENTITY FULL",
            trigger,
            "CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON child FOR EACH ROW EXECUTE FUNCTION audit()"
        };
        try (PathStand stand = new PathStand(tables)) {
            stand.onSource(
                    "INSERT INTO parent SELECT 'a', g FROM generate_series(1, 20) g",
                    "INSERT INTO child SELECT 'a', g, g % 20 + 1 FROM generate_series(1, 100) g");
            stand.onTarget(tables).start("a");
            stand.inOneTransaction(
                    "INSERT INTO child SELECT 'a', g, g % 20 + 1 FROM generate_series(200, 400) g",
                    "UPDATE parent SET id = id + 1000 WHERE id < 5",
                    "DELETE FROM parent WHERE id BETWEEN 5 AND 8",
                    "INSERT INTO parent VALUES ('a', 50, 51)",
                    "INSERT INTO parent VALUES ('a', 51, 50)");
            stand.assertSame("SELECT * FROM parent ORDER BY id")
                    .assertSame("SELECT * FROM child ORDER BY id")
                    .assertSame("SELECT * FROM audit ORDER BY audit::text");
            assertThat(
                            stand.onTargetRows(
                                    "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND NOT convalidated"))
                    .containsExactly("0");
        }
    }

    /** Their changes are not in the WAL. */
    @Test
    void unloggedAndTemporaryTablesAreIgnored_R12() throws Exception {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE item (tenant_id text, id int, PRIMARY KEY (tenant_id, id))",
                        "CREATE UNLOGGED TABLE cache (tenant_id text, id int PRIMARY KEY)",
                        "INSERT INTO cache VALUES ('a', 1)")) {
            stand.start("a");
            stand.inOneTransaction(
                            "CREATE TEMPORARY TABLE scratch (tenant_id text, id int PRIMARY KEY)",
                            "INSERT INTO scratch VALUES ('a', 1)",
                            "INSERT INTO cache VALUES ('a', 2)",
                            "INSERT INTO item SELECT * FROM scratch",
                            "UPDATE scratch SET id = 2",
                            "TRUNCATE scratch",
                            "INSERT INTO item VALUES ('a', 3)")
                    .assertSame("SELECT * FROM item ORDER BY id");
            assertThat(stand.onTargetRows("SELECT to_regclass('cache'), to_regclass('scratch')"))
                    .containsExactly("null|null");
        }
    }

    /** Only what was committed, whatever was rolled back on the way. */
    @Test
    void savepointsAndRollbacks_R8() {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE item (tenant_id text, id int, v int, PRIMARY KEY (tenant_id, id))",
                        "INSERT INTO item SELECT 'a', g, 0 FROM generate_series(1, 100) g")) {
            stand.start("a");
            stand.onSource(
                    """
                    DO $$ BEGIN
                        FOR i IN 1..3000 LOOP
                            BEGIN
                                INSERT INTO item VALUES ('a', 1000 + i, i);
                                UPDATE item SET v = v + 1 WHERE id = i % 100 + 1;
                                IF i % 3 = 0 THEN RAISE EXCEPTION 'undone'; END IF;
                            EXCEPTION WHEN raise_exception THEN NULL;
                            END;
                        END LOOP;
                    END $$
                    """);
            stand.inOneTransaction(
                    "SAVEPOINT s1",
                    "TRUNCATE item",
                    "ROLLBACK TO s1",
                    "INSERT INTO item VALUES ('a', -1, 0)",
                    "SAVEPOINT s2",
                    "UPDATE item SET id = id - 5000 WHERE id < 50",
                    "SAVEPOINT s3",
                    "DELETE FROM item",
                    "ROLLBACK TO s3",
                    "RELEASE s2");
            stand.assertSame("SELECT * FROM item ORDER BY id");
            assertThat(stand.onTargetRows("SELECT count(*) FROM item")).containsExactly("2101");
        }
    }
}
