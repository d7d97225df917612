package io.heliosdb.replication.core.path.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables without key, and with keys of every kind, from the first copy on. */
class KeyShapesTest {

    /** Duplicates, NULLs, and values that are equal but not the same. */
    @ParameterizedTest
    @ValueSource(strings = {"", "PARTITION BY LIST (tenant_id)"})
    void aTableWithoutKeyKeepsEveryRowAsOftenAsItIsThere_R12(String partitions) {
        try (PathStand stand =
                new PathStand(
                        "CREATE EXTENSION citext",
                        "CREATE TABLE log (tenant_id text, f float8, n numeric, c citext, i interval, j jsonb, a numeric[], t text) "
                                + partitions)) {
            if (!partitions.isEmpty()) {
                stand.onSource(
                                "CREATE TABLE log_a PARTITION OF log FOR VALUES IN ('a')",
                                "CREATE TABLE log_b PARTITION OF log DEFAULT")
                        .publish("FOR ALL TABLES WITH (publish_via_partition_root = true)");
            }
            stand.onSource(
                    "ALTER TABLE log REPLICA IDENTITY FULL",
                    "DO $$ BEGIN IF to_regclass('log_a') IS NOT NULL THEN ALTER TABLE log_a REPLICA IDENTITY FULL; ALTER TABLE log_b REPLICA IDENTITY FULL; END IF; END $$",
                    "INSERT INTO log SELECT t, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM generate_series(1, 5), unnest(array['a', 'b']) t",
                    "INSERT INTO log SELECT t, '-0', '1.0', 'X', '24 hours', '1.0', '{1.0,NULL}', '' FROM generate_series(1, 3), unnest(array['a', 'b']) t",
                    "INSERT INTO log SELECT t, '0', '1.00', 'x', '1 day', '1.00', '{1.00,NULL}', '' FROM generate_series(1, 3), unnest(array['a', 'b']) t");
            stand.start("a");
            String all = "SELECT * FROM log WHERE tenant_id = 'a' ORDER BY log::text";
            stand.assertSame(all);
            stand.onSource(
                    "DELETE FROM log WHERE ctid = (SELECT max(ctid) FROM log WHERE tenant_id = 'a' AND f::text = '0')",
                    "DELETE FROM log WHERE (tableoid, ctid) IN (SELECT tableoid, ctid FROM log WHERE tenant_id = 'a' AND f IS NULL LIMIT 2)",
                    "UPDATE log SET t = 'changed' WHERE (tableoid, ctid) IN (SELECT tableoid, ctid FROM log WHERE tenant_id = 'a' AND f::text = '0' LIMIT 1)",
                    "UPDATE log SET n = '1.000' WHERE (tableoid, ctid) IN (SELECT tableoid, ctid FROM log WHERE tenant_id = 'a' AND f::text = '-0' LIMIT 1)",
                    "UPDATE log SET t = 'was null' WHERE (tableoid, ctid) IN (SELECT tableoid, ctid FROM log WHERE tenant_id = 'a' AND f IS NULL LIMIT 1)",
                    "INSERT INTO log VALUES ('a', 'NaN', 'NaN', 'NaN', '1 day', 'null', '{}', 'n')",
                    "UPDATE log SET t = 'm' WHERE f = 'NaN'");
            stand.assertSame(all);
            stand.inOneTransaction(
                            "UPDATE log SET i = i + interval '1 second'",
                            "DELETE FROM log WHERE c::text = 'X' AND t = ''",
                            "UPDATE log SET tenant_id = 'b' WHERE t = 'changed'")
                    .assertSame(all);
        }
    }

    /** Type, expression for the g-th value, expression that changes the value k. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "uuid; md5(g::text)::uuid; md5('x' || k::text)::uuid",
                "text; 'K ey''\"' || g; upper(k) || E'\\t'",
                "varchar(20); 'v' || g; k || 'w'",
                "char(8); 'c' || g; 'd' || k",
                "numeric; g + 0.50; k + 0.500",
                "float8; g / 3.0; -k",
                "bytea; decode(md5(g::text), 'hex'); k || '\\x00ff'",
                "timestamptz; 'epoch'::timestamptz + g * interval '1.000001 s'; k + interval '1 day'",
                "date; 'infinity'::date - g; '2000-01-01'::date + (g + 5)",
                "interval; g * interval '1 hour'; k + interval '1 month'",
                "int4range; int4range(g, g + 2); int4range(g + 500, g + 502)",
                "int[]; ARRAY[g, NULL, 3]; k || 4",
                "jsonb; jsonb_build_object('k', g); k || '{\"z\": 1.0}'",
                "inet; ('10.0.' || g / 250 || '.' || g % 250)::inet; k + 256",
                "bit(16); g::bit(16); ~k",
                "boolean; g % 2 = 0; NOT k"
            })
    void rowsAreFoundByCompositeKeysOfAnyType_R12(String type, String value, String next) {
        int rows = type.equals("boolean") ? 1 : 200;
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE item (v text, k %s, tenant_id text, g int, PRIMARY KEY (k, tenant_id, g))"
                                .formatted(type),
                        "INSERT INTO item SELECT 'before', %s, t, g FROM generate_series(1, %d) g, unnest(array['a', 'b']) t"
                                .formatted(value, rows))) {
            stand.start("a");
            String all = "SELECT * FROM item WHERE tenant_id = 'a' ORDER BY g, k::text";
            stand.onSource("UPDATE item SET v = 'all'").assertSame(all);
            stand.onSource(
                            "UPDATE item SET v = 'one' WHERE g = 1",
                            "UPDATE item SET k = " + next + " WHERE g < 4")
                    .assertSame(all);
            stand.inOneTransaction(
                            "UPDATE item SET k = %s, v = 'moved' WHERE g > 100".formatted(next),
                            "DELETE FROM item WHERE g % 3 = 0",
                            "INSERT INTO item SELECT 'new', %s, 'a', g FROM generate_series(300, 320) g"
                                    .formatted(value),
                            "UPDATE item SET v = v || '!' WHERE g % 2 = 0")
                    .assertSame(all);
        }
    }

    @Test
    void aTableThatIsOnlyInsertedIntoNeedsNoIdentity_R12() {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE log (tenant_id text, v int)",
                        "ALTER TABLE log REPLICA IDENTITY NOTHING",
                        "CREATE TABLE plain (tenant_id text, v int)",
                        "INSERT INTO log VALUES ('a', 1), ('a', 1)")) {
            stand.start("a");
            stand.inOneTransaction(
                    "INSERT INTO log SELECT 'a', g % 3 FROM generate_series(1, 300) g",
                    "INSERT INTO plain VALUES ('a', 1), ('a', 1), ('b', 1)");
            stand.assertSame("SELECT * FROM log ORDER BY v")
                    .assertSame("SELECT * FROM plain WHERE tenant_id = 'a' ORDER BY v");
            stand.onSource("TRUNCATE log").assertSame("SELECT * FROM log");
            assertThat(stand.onTargetRows("SELECT count(*) FROM plain")).containsExactly("2");
        }
    }

    /** What the stream tells of an old row then fits many. */
    @Test
    void aKeyThatHoldsAGeneratedColumnFindsNoRow_R12() {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE item (tenant_id text, id int, v int, twice int GENERATED ALWAYS AS (id * 2) STORED, PRIMARY KEY (tenant_id, twice))",
                        "INSERT INTO item SELECT 'a', g, 0 FROM generate_series(1, 30) g")) {
            stand.start("a");
            stand.onSource("INSERT INTO item VALUES ('a', 40, 0)")
                    .assertSame("SELECT * FROM item ORDER BY id");
            stand.onSource("UPDATE item SET v = 1 WHERE id = 7");
            assertThat(stand.awaitError("a"))
                    .contains("public.item", "generated", "REPLICA IDENTITY FULL");
            assertThat(stand.onTargetRows("SELECT count(*) FROM item WHERE v = 0"))
                    .containsExactly("31");
        }
    }

    /** Unique over some rows only, or only at the end of the transaction. */
    @Test
    void partialAndDeferrableUniqueKeysDoNotFindRows_R12() {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE item (tenant_id text NOT NULL, id int NOT NULL, state text NOT NULL, v int,"
                                + " UNIQUE (tenant_id, id, state) DEFERRABLE INITIALLY IMMEDIATE)",
                        "CREATE UNIQUE INDEX ON item (tenant_id, id) WHERE state = 'open'",
                        "CREATE UNIQUE INDEX ON item (tenant_id, abs(id)) WHERE state = 'odd'",
                        "ALTER TABLE item REPLICA IDENTITY FULL",
                        "INSERT INTO item SELECT 'a', g, s, g FROM generate_series(1, 60) g, unnest(array['open', 'closed']) s")) {
            stand.start("a");
            stand.inOneTransaction(
                    "UPDATE item SET v = 0 WHERE state = 'closed' AND id < 20",
                    "SET CONSTRAINTS ALL DEFERRED",
                    "UPDATE item SET state = CASE state WHEN 'open' THEN 'was' ELSE 'open' END WHERE id < 5",
                    "DELETE FROM item WHERE state = 'open' AND id > 50",
                    "UPDATE item SET id = 61 - id WHERE state = 'closed' AND id BETWEEN 21 AND 40");
            stand.assertSame("SELECT * FROM item ORDER BY id, state, v");
        }
    }

    /** An update that leaves it alone does not send it again; an old row does. */
    @Test
    void rowsAreFoundByAKeyThatIsStoredOutOfLine_R9_R12() {
        String key =
                "(SELECT string_agg(md5((g * 100 + i)::text), '') FROM generate_series(1, 70) i)";
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE item (tenant_id text, k text, v text, n int, PRIMARY KEY (k, tenant_id))",
                        "ALTER TABLE item ALTER k SET STORAGE EXTERNAL, ALTER v SET STORAGE EXTERNAL",
                        "INSERT INTO item SELECT 'a', %s, repeat('v', 3000), g FROM generate_series(1, 60) g"
                                .formatted(key))) {
            stand.start("a");
            String all = "SELECT n, md5(k), md5(v) FROM item ORDER BY n";
            stand.onSource("UPDATE item SET n = n + 100 WHERE n = 1", "UPDATE item SET n = n + 200")
                    .assertSame(all);
            stand.inOneTransaction(
                            "UPDATE item SET k = k || 'x' WHERE n < 210",
                            "UPDATE item SET v = 'short' WHERE n % 2 = 0",
                            "DELETE FROM item WHERE n % 5 = 0")
                    .assertSame(all);
        }
    }
}
