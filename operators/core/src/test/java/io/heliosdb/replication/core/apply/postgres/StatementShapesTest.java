package io.heliosdb.replication.core.apply.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.TargetSession.ApplyResult;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.TableId;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables that are not as simple as they look, in every statement shape. */
class StatementShapesTest {

    /** Script, unnest, COPY. */
    private static final int[] SIZES = {1, 40, 400};

    private long lsn = 100;

    @Test
    void mapsColumnsByNameAndLeavesGeneratedAndExtraOnesToTheTarget() throws Exception {
        try (ApplyStand stand =
                new ApplyStand(
                        "CREATE TABLE src (tenant_id int, id int PRIMARY KEY, \"Na\"\"me\" text, total int)",
                        "CREATE SCHEMA away",
                        "CREATE TABLE away.src (extra text DEFAULT 'kept', \"Na\"\"me\" text, serial_no int GENERATED ALWAYS AS IDENTITY,"
                                + " total int GENERATED ALWAYS AS (id * 2) STORED, id int PRIMARY KEY, tenant_id int)")) {
            RelationDescriptor source = stand.relation("src", 'd');
            RelationDescriptor relation =
                    new RelationDescriptor(
                            source.oid(), new TableId("away", "src"), 'd', source.columns());
            for (int size : SIZES) {
                stand.execute("TRUNCATE away.src");
                ChangeSet inserts =
                        ChangeSet.repeat(
                                size, (set, i) -> set.insert(relation, "1", "" + i, "n" + i, "-1"));
                ChangeSet updates =
                        ChangeSet.repeat(
                                size, (set, i) -> set.update(relation, "1", "" + i, "m" + i, "-1"));
                apply(stand, inserts);
                apply(stand, updates);
                assertThat(
                                stand.rows(
                                        "SELECT id, \"Na\"\"me\", total, extra FROM away.src WHERE id = "
                                                + (size - 1)))
                        .containsExactly(
                                List.of(
                                        "" + (size - 1),
                                        "m" + (size - 1),
                                        "" + 2 * (size - 1),
                                        "kept"));
            }
        }
    }

    @Test
    void keepsIdentityValuesOfTheSourceAlsoWhenTheyChange() throws Exception {
        try (ApplyStand stand =
                new ApplyStand(
                        "CREATE TABLE item (tenant_id int, id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text, x text DEFAULT 'd')")) {
            RelationDescriptor item =
                    new RelationDescriptor(
                            1,
                            new TableId("public", "item"),
                            'd',
                            stand.relation("item", 'd').columns().subList(0, 3));
            ChangeSet changes =
                    ChangeSet.repeat(
                            20, (set, i) -> set.insert(item, "1", "" + (100 + i), "n" + i));
            apply(stand, changes);
            stand.execute("UPDATE item SET x = 'local' WHERE id = 105");
            ApplyResult result =
                    apply(
                            stand,
                            new ChangeSet()
                                    .update(item, "1", "104", "changed")
                                    .update(
                                            item,
                                            'K',
                                            new String[] {null, "105", null},
                                            new String[] {"1", "7", ChangeSet.UNCHANGED}));
            assertThat(result).isEqualTo(new ApplyResult(2, 0, 0));
            assertThat(
                            stand.rows(
                                    "SELECT id, note, x FROM item WHERE id IN (7, 104, 105) ORDER BY 1"))
                    .containsExactly(List.of("7", "n5", "local"), List.of("104", "changed", "d"));
        }
    }

    /** R11: keys and unique values change places within one transaction. */
    @ParameterizedTest
    @ValueSource(ints = {0, 50})
    void swapsKeysAndUniqueValues(int others) throws Exception {
        try (ApplyStand stand =
                new ApplyStand(
                        "CREATE TABLE item (tenant_id int, id int PRIMARY KEY, code text, slot int, CONSTRAINT one_slot UNIQUE (slot) DEFERRABLE)",
                        "CREATE UNIQUE INDEX ON item (code) WHERE code IS NOT NULL")) {
            RelationDescriptor item = stand.relation("item", 'd');
            ChangeSet rows =
                    new ChangeSet()
                            .insert(item, "1", "1", "a", "1")
                            .insert(item, "1", "2", "b", "2");
            ChangeSet changes = new ChangeSet();
            for (int i = 0; i < others; i++) {
                rows.insert(item, "1", "" + (100 + i), "c" + i, "" + (100 + i));
                changes.update(item, "1", "" + (100 + i), "d" + i, "" + (100 + i));
            }
            apply(stand, rows);
            // keys by way of a third, codes by way of null, slots directly: the constraint is
            // deferrable
            changes.update(item, 'K', key("1"), row("-1", "a", "1"))
                    .update(item, 'K', key("2"), row("1", "b", "2"))
                    .update(item, 'K', key("-1"), row("2", "a", "1"))
                    .update(item, row("1", null, "2"))
                    .update(item, row("2", "b", "1"))
                    .update(item, row("1", "a", "2"))
                    .update(item, row("1", "a", "1"))
                    .update(item, row("2", "b", "2"));

            ApplyResult result = replaying(stand, changes);

            assertThat(result.conflicts()).isZero();
            assertThat(stand.rows("SELECT id, code, slot FROM item WHERE id < 100 ORDER BY id"))
                    .containsExactly(List.of("1", "a", "1"), List.of("2", "b", "2"));
        }
    }

    private static String[] key(String id) {
        return new String[] {null, id, null, null};
    }

    private static String[] row(String id, String code, String slot) {
        return new String[] {"1", id, code, slot};
    }

    /** R12: duplicates, nulls and types without equality in a table without key. */
    @ParameterizedTest
    @ValueSource(strings = {"", "PARTITION BY LIST (tenant_id)"})
    void changesOneOfManyEqualRowsOfATableWithoutKey(String partition) throws Exception {
        try (ApplyStand stand =
                new ApplyStand(
                        "CREATE TABLE item (tenant_id int, a text, j json, p point, f float8) "
                                + partition)) {
            if (!partition.isEmpty()) {
                stand.execute("CREATE TABLE item_1 PARTITION OF item FOR VALUES IN (1)");
                stand.execute("CREATE TABLE item_2 PARTITION OF item FOR VALUES IN (2)");
                stand.execute("INSERT INTO item VALUES (2, 'other', '{}', '(1,2)', 1)");
            }
            RelationDescriptor item = stand.relation("item", 'f');
            String[] full = {"1", "x", "{\"a\":  1}", "(1,2)", "NaN"};
            String[] nulls = {"1", null, null, null, null};
            ChangeSet inserts =
                    ChangeSet.repeat(20, (set, i) -> set.insert(item, full).insert(item, nulls));
            apply(stand, inserts);

            ApplyResult result =
                    apply(
                            stand,
                            new ChangeSet()
                                    .delete(item, 'O', full)
                                    .delete(item, 'O', nulls)
                                    .delete(item, 'O', nulls)
                                    .update(
                                            item,
                                            'O',
                                            full,
                                            new String[] {"1", "y", "{}", "(0,0)", "0"})
                                    .update(item, 'O', nulls, nulls));

            assertThat(result).isEqualTo(new ApplyResult(5, 0, 0));
            assertThat(
                            stand.rows(
                                    "SELECT a, count(*) FROM item WHERE tenant_id = 1 GROUP BY 1 ORDER BY 1"))
                    .containsExactly(
                            List.of("x", "18"), List.of("y", "1"), Arrays.asList(null, "18"));
        }
    }

    @Test
    void findsRowsByTheReplicaIdentityWhereTheTargetHasAnotherPrimaryKey() throws Exception {
        try (ApplyStand stand =
                new ApplyStand(
                        "CREATE TABLE item (tenant_id int, id int PRIMARY KEY, code text NOT NULL UNIQUE, qty int)",
                        "ALTER TABLE item REPLICA IDENTITY USING INDEX item_code_key")) {
            RelationDescriptor item = stand.relation("item", 'i');
            ChangeSet rows =
                    ChangeSet.repeat(30, (set, i) -> set.insert(item, "1", "" + i, "c" + i, "0"));
            // the primary key changes, the replica identity does not: no old image is sent
            ChangeSet updates =
                    ChangeSet.repeat(
                            30, (set, i) -> set.update(item, "1", "" + (1000 + i), "c" + i, "1"));
            apply(stand, rows);
            assertThat(apply(stand, updates)).isEqualTo(new ApplyResult(30, 0, 0));
            assertThat(stand.value("SELECT count(*) FROM item WHERE id >= 1000 AND qty = 1"))
                    .isEqualTo("30");
        }
    }

    /** The key lacks the tenant, and the row is another tenant's by now. */
    @Test
    void aChangeOfOneTenantNeverTouchesTheRowOfAnother_R11() throws Exception {
        try (ApplyStand stand =
                new ApplyStand("CREATE TABLE item (id int PRIMARY KEY, tenant_id int, v text)")) {
            RelationDescriptor item = stand.relation("item", 'f');
            for (int size : SIZES) {
                stand.execute("TRUNCATE item");
                stand.execute("INSERT INTO item SELECT g, 2, 'b' FROM generate_series(0, 999) g");
                ChangeSet changes =
                        ChangeSet.repeat(
                                size,
                                (set, i) -> {
                                    String[] old = {"" + i, "1", "a"};
                                    if (i % 2 == 0) {
                                        set.delete(item, 'O', old);
                                    } else {
                                        set.update(item, 'O', old, new String[] {"" + i, "1", "x"});
                                    }
                                });
                assertThat(apply(stand, changes).conflicts()).isEqualTo(size);
                assertThat(stand.value("SELECT count(*) FROM item WHERE v = 'b'"))
                        .isEqualTo("1000");
            }
        }
    }

    /** R13. */
    @Test
    void truncatesTheRowsOfTheTenantInOrderWithTheRest() throws Exception {
        try (ApplyStand stand =
                new ApplyStand(
                        "CREATE TABLE item (tenant_id int, id int PRIMARY KEY)",
                        "CREATE SCHEMA tenant_1",
                        "CREATE TABLE tenant_1.thing (id int PRIMARY KEY)",
                        "INSERT INTO item VALUES (2, 1000), (1, 1001)",
                        "INSERT INTO tenant_1.thing VALUES (1000)")) {
            RelationDescriptor item = stand.relation("item", 'd');
            RelationDescriptor thing = stand.relation("tenant_1.thing", 'd');
            ChangeSet changes = ChangeSet.repeat(30, (set, i) -> set.insert(item, "1", "" + i));
            changes.truncate(item).truncate(thing).insert(item, "1", "50").insert(thing, "60");
            Tenancy tenancy = ApplyStand.tenancy("tenant_id", "tenant_(.*)");
            stand.claim("r1");
            try (PostgresTargetSession session = stand.open("s2", tenancy)) {
                session.apply(List.of(stand.batch("r1", 100, changes)));
            }
            assertThat(stand.rows("SELECT * FROM item ORDER BY id"))
                    .containsExactly(List.of("1", "50"), List.of("2", "1000"));
            assertThat(stand.rows("SELECT * FROM tenant_1.thing")).containsExactly(List.of("60"));
        }
    }

    @Test
    void neitherFiresTriggersNorChecksForeignKeys() throws Exception {
        try (ApplyStand stand =
                new ApplyStand(
                        "CREATE TABLE parent (tenant_id int, id int PRIMARY KEY)",
                        "CREATE TABLE child (tenant_id int, id int PRIMARY KEY, parent int REFERENCES parent)",
                        "CREATE FUNCTION boom() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''fired''; END'",
                        "CREATE TRIGGER boom BEFORE INSERT ON child FOR EACH ROW EXECUTE FUNCTION boom()")) {
            RelationDescriptor parent = stand.relation("parent", 'd');
            RelationDescriptor child = stand.relation("child", 'd');
            for (int size : SIZES) {
                ChangeSet changes =
                        ChangeSet.repeat(
                                size,
                                (set, i) ->
                                        set.insert(
                                                        child,
                                                        "1",
                                                        "" + (size * 1000 + i),
                                                        "" + (size * 1000 + i))
                                                .insert(parent, "1", "" + (size * 1000 + i)));
                apply(stand, changes);
            }
            assertThat(
                            stand.value(
                                    "SELECT count(*) FROM child JOIN parent ON parent.id = child.parent"))
                    .isEqualTo("441");
        }
    }

    @Test
    void refusesToWriteIntoAView() throws Exception {
        try (ApplyStand stand =
                new ApplyStand(
                        "CREATE TABLE item (tenant_id int, id int PRIMARY KEY)",
                        "CREATE VIEW v AS SELECT * FROM item")) {
            RelationDescriptor item = stand.relation("item", 'd');
            RelationDescriptor view =
                    new RelationDescriptor(1, new TableId("public", "v"), 'd', item.columns());
            assertThatThrownBy(() -> apply(stand, new ChangeSet().insert(view, "1", "1")))
                    .isInstanceOf(ApplyException.class)
                    .hasMessageContaining("public.v in the target is not a table");
        }
    }

    @Test
    void carriesMoreThanAHundredColumns() throws Exception {
        StringBuilder ddl = new StringBuilder("tenant_id int, id int PRIMARY KEY");
        for (int i = 0; i < 150; i++) {
            ddl.append(", c").append(i).append(" text");
        }
        try (ApplyStand stand = new ApplyStand("CREATE TABLE item (" + ddl + ")")) {
            RelationDescriptor item = stand.relation("item", 'd');
            for (int size : SIZES) {
                ChangeSet inserts = new ChangeSet();
                ChangeSet updates = new ChangeSet();
                for (int i = 0; i < size; i++) {
                    String[] row = new String[152];
                    Arrays.fill(row, "v");
                    row[0] = "1";
                    row[1] = "" + (size * 1000 + i);
                    inserts.insert(item, row);
                    String[] newer = row.clone();
                    newer[151] = "w";
                    updates.update(item, newer);
                }
                apply(stand, inserts);
                assertThat(apply(stand, updates).conflicts()).isZero();
            }
            assertThat(stand.value("SELECT count(*) FROM item WHERE c149 = 'w' AND c0 = 'v'"))
                    .isEqualTo("441");
        }
    }

    @Test
    void findsRowsByKeysOfTypesThatOnlyAnExtensionCompares() throws Exception {
        try (ApplyStand stand =
                new ApplyStand(
                        "CREATE EXTENSION citext SCHEMA public",
                        "CREATE EXTENSION hstore SCHEMA public",
                        "CREATE DOMAIN email AS citext",
                        "CREATE TABLE item (tenant_id citext, id email, n int, PRIMARY KEY (tenant_id, id))",
                        "CREATE TABLE bag (tenant_id citext, h hstore)")) {
            RelationDescriptor item = stand.relation("item", 'd');
            RelationDescriptor bag = stand.relation("bag", 'f');
            for (int size : SIZES) {
                ChangeSet inserts =
                        ChangeSet.repeat(
                                size, (set, i) -> set.insert(item, "1", "a" + size + i, "0"));
                ChangeSet changes =
                        ChangeSet.repeat(
                                size,
                                (set, i) ->
                                        set.update(item, "1", "a" + size + i, "1")
                                                .delete(item, 'K', "1", "a" + size + i, null));
                inserts.insert(bag, "1", "\"a\"=>\"1\"");
                changes.delete(bag, 'O', "1", "\"a\"=>\"1\"");
                apply(stand, inserts);
                assertThat(apply(stand, changes).conflicts()).isZero();
            }
            apply(stand, new ChangeSet().insert(item, "1", "b", "0").truncate(item));
            assertThat(stand.rows("SELECT * FROM item")).isEmpty();
            assertThat(stand.rows("SELECT * FROM bag")).isEmpty();
        }
    }

    private ApplyResult apply(ApplyStand stand, ChangeSet changes) {
        ApplyResult result = replaying(stand, changes);
        assertThat(stand.session.replays()).isZero();
        return result;
    }

    private ApplyResult replaying(ApplyStand stand, ChangeSet changes) {
        return stand.apply("r1", lsn++, changes);
    }
}
