package io.heliosdb.replication.core.path.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.TenancyConfig;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** TRUNCATE is neither lost nor does it reach farther than its tenants. */
class TruncateTest {

    private static final String ITEMS =
            "SELECT tenant_id, id, v FROM item WHERE tenant_id IN ('a', 'b') ORDER BY 1, 2";

    @Test
    void ofASharedTableTakesTheRowsOfEachReplicatedTenantAndOfNobodyElse_R13() {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE item (tenant_id text, id int, v text, PRIMARY KEY (tenant_id, id))",
                        "INSERT INTO item SELECT t, g, 'before' FROM generate_series(1, 30) g, unnest(array['a', 'b', 'c']) t")) {
            stand.start("a", "b");
            stand.onTarget("INSERT INTO item VALUES ('local', 1, 'of the target alone')");
            stand.inOneTransaction(
                            "INSERT INTO item VALUES ('a', 100, 'gone again')",
                            "TRUNCATE item",
                            "INSERT INTO item VALUES ('a', 100, 'after'), ('b', 1, 'after'), ('c', 1, 'after')",
                            "UPDATE item SET v = 'later' WHERE tenant_id = 'a'")
                    .assertSame(ITEMS);
            assertThat(stand.onTargetRows("SELECT tenant_id, id FROM item ORDER BY 1"))
                    .containsExactly("a|100", "b|1", "local|1");
        }
    }

    @Test
    void ofSeveralTablesWithCascadeAndRestartIdentity_R13() {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE parent (tenant_id text, id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY)",
                        "CREATE TABLE child (tenant_id text, id serial PRIMARY KEY, parent int REFERENCES parent)",
                        "CREATE TABLE other (tenant_id text, id serial PRIMARY KEY)",
                        "INSERT INTO parent (tenant_id) SELECT 'a' FROM generate_series(1, 9)",
                        "INSERT INTO child (tenant_id, parent) SELECT 'a', g FROM generate_series(1, 9) g",
                        "INSERT INTO other (tenant_id) SELECT 'a' FROM generate_series(1, 9)")) {
            stand.start("a");
            stand.inOneTransaction(
                    "INSERT INTO parent (tenant_id) VALUES ('a')",
                    "TRUNCATE parent, other RESTART IDENTITY CASCADE",
                    "INSERT INTO parent (tenant_id) VALUES ('a'), ('a')",
                    "INSERT INTO child (tenant_id, parent) VALUES ('a', 2)");
            stand.assertSame("SELECT id FROM parent ORDER BY 1")
                    .assertSame("SELECT id, parent FROM child ORDER BY 1")
                    .assertSame("SELECT id FROM other ORDER BY 1");
            assertThat(stand.onTargetRows("SELECT id FROM parent ORDER BY 1"))
                    .containsExactly("1", "2");
        }
    }

    /** Column, override per table, schema per tenant and reference tables at once. */
    @Test
    void inEveryTenancyMode_R13() {
        try (PathStand stand =
                new PathStand(
                        "CREATE SCHEMA tenant_7",
                        "CREATE SCHEMA tenant_8",
                        "CREATE TABLE item (tenant_id int, id int PRIMARY KEY)",
                        "CREATE TABLE account (id int PRIMARY KEY, owner bigint NOT NULL)",
                        "ALTER TABLE account REPLICA IDENTITY FULL",
                        "CREATE TABLE tenant_7.thing (id int PRIMARY KEY)",
                        "CREATE TABLE tenant_8.thing (id int PRIMARY KEY)",
                        "CREATE TABLE country (code text PRIMARY KEY)",
                        "ALTER TABLE item REPLICA IDENTITY FULL",
                        "INSERT INTO item VALUES (7, 1), (8, 2), (9, 3)",
                        "INSERT INTO account VALUES (1, 7), (2, 8), (3, 9)",
                        "INSERT INTO tenant_7.thing VALUES (1), (2)",
                        "INSERT INTO tenant_8.thing VALUES (1), (2)",
                        "INSERT INTO country VALUES ('at'), ('de')")) {
            stand.tenancy(
                            new TenancyConfig(
                                    "tenant_id",
                                    Map.of(new TableId("public", "account"), "owner"),
                                    "tenant_(.+)",
                                    Set.of(new TableId("public", "country"))))
                    .start("7", "8", "_reference");
            assertThat(stand.onTargetRows("SELECT id FROM item ORDER BY 1"))
                    .containsExactly("1", "2");
            stand.inOneTransaction(
                    "INSERT INTO tenant_7.thing VALUES (3)",
                    "TRUNCATE item, account, tenant_7.thing, country",
                    "INSERT INTO item VALUES (8, 4)",
                    "INSERT INTO account VALUES (4, 7), (5, 9)",
                    "INSERT INTO tenant_7.thing VALUES (4)",
                    "INSERT INTO country VALUES ('fr')");
            stand.assertSame("SELECT * FROM item WHERE tenant_id IN (7, 8) ORDER BY 1")
                    .assertSame("SELECT * FROM account WHERE owner IN (7, 8) ORDER BY 1")
                    .assertSame("SELECT * FROM tenant_7.thing ORDER BY 1")
                    .assertSame("SELECT * FROM tenant_8.thing ORDER BY 1")
                    .assertSame("SELECT * FROM country ORDER BY 1");
        }
    }

    /** The key's type would call other tenants the same, or does not know the tenant at all. */
    @Test
    void whoseRowsTheyAreIsToldByTheTextOfTheKey_R13() {
        try (PathStand stand =
                new PathStand(
                        "CREATE EXTENSION citext",
                        "CREATE TABLE loose (tenant_id citext, id int, PRIMARY KEY (tenant_id, id))",
                        "CREATE TABLE numbers (tenant_id int, id int PRIMARY KEY)",
                        "ALTER TABLE numbers REPLICA IDENTITY FULL",
                        "CREATE INDEX ON numbers (tenant_id)",
                        "CREATE TYPE tier AS ENUM ('gold', 'acme')",
                        "CREATE TABLE tiers (tenant_id tier, id int PRIMARY KEY)",
                        "ALTER TABLE tiers REPLICA IDENTITY FULL",
                        "CREATE INDEX ON tiers (tenant_id)",
                        "INSERT INTO loose VALUES ('acme', 1), ('ACME', 2)",
                        "INSERT INTO numbers VALUES (1, 1)",
                        "INSERT INTO tiers VALUES ('acme', 1), ('gold', 2)")) {
            stand.start("acme");
            stand.onTarget(
                    "INSERT INTO loose VALUES ('ACME', 2)",
                    "INSERT INTO numbers VALUES (1, 1)",
                    "INSERT INTO tiers VALUES ('gold', 2)");
            stand.inOneTransaction("TRUNCATE loose, numbers, tiers").settle();
            assertThat(stand.onTargetRows("SELECT * FROM loose")).containsExactly("ACME|2");
            assertThat(stand.onTargetRows("SELECT * FROM numbers")).containsExactly("1|1");
            assertThat(stand.onTargetRows("SELECT * FROM tiers")).containsExactly("gold|2");
        }
    }

    /** Large enough to be streamed in parts, with several truncates between. */
    @Test
    void withinATransactionThatComesInParts_R13() {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE item (tenant_id text, id int, v text, PRIMARY KEY (tenant_id, id))",
                        "INSERT INTO item SELECT 'a', -g, 'before' FROM generate_series(1, 1000) g")) {
            stand.partBytes(8 << 10).start("a", "b");
            String many =
                    "INSERT INTO item SELECT t, g, repeat('x', 50) FROM generate_series(1, 15000) g, unnest(array['a', 'b']) t";
            stand.inOneTransaction(
                            many,
                            "TRUNCATE item",
                            many,
                            "DELETE FROM item WHERE id % 3 = 0",
                            "TRUNCATE item",
                            many,
                            "UPDATE item SET v = 'y' WHERE id % 2 = 0")
                    .assertSame(ITEMS);
        }
    }

    @Test
    void ofATableThatOthersInheritFromOrOfItAlone_R13() {
        try (PathStand stand =
                new PathStand(
                        "CREATE TABLE base (tenant_id text, id int, PRIMARY KEY (tenant_id, id))",
                        "CREATE TABLE derived (more text, PRIMARY KEY (tenant_id, id)) INHERITS (base)",
                        "INSERT INTO base VALUES ('a', 1), ('a', 2)",
                        "INSERT INTO derived VALUES ('a', 1, 'same key as in base'), ('a', 3, 'x')")) {
            stand.start("a");
            stand.onSource("TRUNCATE ONLY base", "INSERT INTO base VALUES ('a', 4)");
            stand.assertSame("SELECT * FROM ONLY base ORDER BY id")
                    .assertSame("SELECT * FROM derived ORDER BY id");
            stand.onSource("TRUNCATE base", "INSERT INTO derived VALUES ('a', 5, 'y')");
            stand.assertSame("SELECT * FROM ONLY base ORDER BY id")
                    .assertSame("SELECT * FROM derived ORDER BY id");
        }
    }
}
