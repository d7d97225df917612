package io.heliosdb.replication.testkit.random;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Tables of every shape, in every tenancy mode, and what happens to their rows.
 *
 * <p>In a template, {@code $t} is a tenant, {@code $u} another or the same, {@code $i} an id,
 * {@code $j} one close to it, {@code $n} a number of rows, {@code $k} a small number.
 */
public final class RandomTables {

    /** Tenant key column of tables that differ from {@code tenant_id}. */
    public static final Map<String, String> COLUMN_BY_TABLE = Map.of("public.account", "owner");

    /** Schemas of one tenant each; the group is the tenant. */
    public static final String SCHEMA_PATTERN = "own_(.+)";

    public static final List<String> REFERENCE_TABLES = List.of("public.country");

    private static final int IDS = 2_000;

    private static final List<String> DDL =
            List.of(
                    "CREATE TABLE keyed (tenant_id text, id bigint, v text, n numeric, PRIMARY KEY (tenant_id, id))",
                    "CREATE TABLE moving (id bigint PRIMARY KEY, tenant_id text, v text)",
                    "ALTER TABLE moving REPLICA IDENTITY FULL",
                    "CREATE TABLE keyless (tenant_id text, a int, b float8, c text)",
                    "ALTER TABLE keyless REPLICA IDENTITY FULL",
                    "CREATE TABLE composite (v jsonb, k1 uuid, tenant_id text, k2 text, d date, PRIMARY KEY (k1, k2, tenant_id))",
                    "CREATE TABLE uniques (tenant_id text, id int, code text, rank int, no int GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (tenant_id, id),"
                            + " UNIQUE (tenant_id, rank) DEFERRABLE)",
                    "CREATE UNIQUE INDEX ON uniques (tenant_id, code) WHERE code <> 'none'",
                    "CREATE TABLE generated (tenant_id text, id int GENERATED ALWAYS AS IDENTITY, n int,"
                            + " twice int GENERATED ALWAYS AS (n * 2) STORED, PRIMARY KEY (tenant_id, id))",
                    "CREATE TABLE toasted (tenant_id text, id int, n int, doc text, raw bytea, js jsonb, PRIMARY KEY (tenant_id, id))",
                    "ALTER TABLE toasted ALTER doc SET STORAGE EXTERNAL, ALTER raw SET STORAGE EXTERNAL",
                    "CREATE TABLE event (tenant_id text, day int, id int, v text, PRIMARY KEY (tenant_id, day, id)) PARTITION BY RANGE (day)",
                    "CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM (0) TO (10)",
                    "CREATE TABLE event_2 PARTITION OF event FOR VALUES FROM (10) TO (20) PARTITION BY HASH (tenant_id)",
                    "CREATE TABLE event_2_0 PARTITION OF event_2 FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
                    "CREATE TABLE event_2_1 PARTITION OF event_2 FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
                    "CREATE TABLE base (tenant_id text, id int, v text, PRIMARY KEY (tenant_id, id))",
                    "CREATE TABLE derived (more text, PRIMARY KEY (tenant_id, id)) INHERITS (base)",
                    "CREATE TABLE parent (tenant_id text, id int, v text, PRIMARY KEY (tenant_id, id))",
                    "CREATE TABLE child (tenant_id text, id int, parent int, PRIMARY KEY (tenant_id, id),"
                            + " FOREIGN KEY (tenant_id, parent) REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE)",
                    "CREATE TABLE account (id int, owner text NOT NULL, balance numeric(14,2), PRIMARY KEY (id, owner))",
                    "CREATE TABLE indexed (tenant_id text NOT NULL, id int PRIMARY KEY, code text NOT NULL, v text)",
                    "CREATE UNIQUE INDEX indexed_code ON indexed (tenant_id, code)",
                    "ALTER TABLE indexed REPLICA IDENTITY USING INDEX indexed_code",
                    "CREATE TABLE country (code text PRIMARY KEY, name text)");

    private static final String[] KEYED = {
        "INSERT INTO keyed SELECT $t, g, md5(g::text), g / 3.0 FROM generate_series($i, $i + $n) g ON CONFLICT DO NOTHING",
        "INSERT INTO keyed VALUES ($t, $i, '', 'NaN') ON CONFLICT (tenant_id, id) DO UPDATE SET v = NULL",
        "UPDATE keyed SET v = v || '+', n = -n WHERE tenant_id = $t AND id BETWEEN $i AND $i + $n",
        "UPDATE keyed SET id = id + 5000 WHERE tenant_id = $t AND id BETWEEN $i AND $i + $k",
        "UPDATE keyed SET id = id - 5000 WHERE tenant_id = $t AND id > 5000",
        "UPDATE keyed SET tenant_id = $u WHERE tenant_id = $t AND id BETWEEN $i AND $i + $k",
        "DELETE FROM keyed WHERE tenant_id = $t AND id BETWEEN $i AND $i + $n"
    };

    private static final String[] MOVING = {
        "INSERT INTO moving SELECT g, $t, repeat('m', (g % 5)::int * 700) FROM generate_series($i, $i + $k) g ON CONFLICT DO NOTHING",
        "UPDATE moving SET tenant_id = $u WHERE id BETWEEN $i AND $i + $k",
        "UPDATE moving SET tenant_id = CASE tenant_id WHEN $t THEN $u WHEN $u THEN $t ELSE tenant_id END WHERE id BETWEEN $i AND $i + $k",
        "UPDATE moving SET v = 'x' || $i WHERE id BETWEEN $i AND $j",
        "DELETE FROM moving WHERE id BETWEEN $i AND $i + $k"
    };

    private static final String[] KEYLESS = {
        "INSERT INTO keyless SELECT $t, $i % 50, b, NULL FROM unnest(ARRAY['NaN', '-0', '0', '1.5', NULL]::float8[]) b",
        "INSERT INTO keyless SELECT $t, g % 50, NULL, 'r' || $k FROM generate_series(1, $k) g",
        "UPDATE keyless SET c = 'u' || $k WHERE ctid = ANY (ARRAY(SELECT ctid FROM keyless WHERE tenant_id = $t LIMIT $k))",
        "UPDATE keyless SET tenant_id = $u WHERE ctid = ANY (ARRAY(SELECT ctid FROM keyless WHERE tenant_id = $t LIMIT 2))",
        "DELETE FROM keyless WHERE tenant_id = $t AND a = $i % 50",
        "DELETE FROM keyless WHERE tenant_id = $t AND a % 5 = $k % 5"
    };

    private static final String[] COMPOSITE = {
        "INSERT INTO composite SELECT jsonb_build_object('g', g, 'n', 1.10), md5(g::text)::uuid, $t, E'k\\t\\\\' || g % 7, 'infinity'"
                + " FROM generate_series($i, $i + $n) g ON CONFLICT DO NOTHING",
        "UPDATE composite SET v = v || jsonb_build_object('i', $i) WHERE tenant_id = $t AND k2 = E'k\\t\\\\' || $k % 7",
        "UPDATE composite SET k2 = k2 || 'ü', d = '0044-03-15 BC' WHERE tenant_id = $t AND k1 = md5($i::text)::uuid",
        "DELETE FROM composite WHERE tenant_id = $t AND (length(k2) > 4 OR k2 = E'k\\t\\\\' || $k % 7)"
    };

    private static final String[] UNIQUES = {
        "INSERT INTO uniques SELECT $t, g, 'c' || g, g FROM generate_series($i, $i + $k) g ON CONFLICT (tenant_id, id) DO NOTHING",
        "UPDATE uniques SET rank = $i + $i + $k - rank WHERE tenant_id = $t AND rank BETWEEN $i AND $i + $k",
        "UPDATE uniques SET code = CASE WHEN code = 'none' THEN 'c' || id ELSE 'none' END WHERE tenant_id = $t AND id BETWEEN $i AND $j",
        "DO $$ DECLARE a int := $i; b int := $j; BEGIN"
                + " UPDATE uniques SET id = -a WHERE tenant_id = $t AND id = a;"
                + " UPDATE uniques SET id = a WHERE tenant_id = $t AND id = b;"
                + " UPDATE uniques SET id = b WHERE tenant_id = $t AND id = -a; END $$",
        "UPDATE uniques SET no = DEFAULT WHERE tenant_id = $t AND id BETWEEN $i AND $i + $k",
        "DELETE FROM uniques WHERE tenant_id = $t AND id BETWEEN $i AND $i + $k"
    };

    private static final String[] GENERATED = {
        "INSERT INTO generated (tenant_id, n) SELECT $t, g FROM generate_series(1, $k) g",
        "UPDATE generated SET n = n + 1 WHERE tenant_id = $t AND id % 10 = $k % 10",
        "UPDATE generated SET id = DEFAULT WHERE tenant_id = $t AND n = $k",
        "DELETE FROM generated WHERE tenant_id = $t AND id % 7 = $k % 7"
    };

    private static final String[] TOASTED = {
        "INSERT INTO toasted SELECT $t, g, 0, repeat('d' || g, 1500), decode(repeat('0aff', 2000), 'hex'), jsonb_build_object('x', repeat('j' || g, 2000))"
                + " FROM generate_series($i, $j) g ON CONFLICT DO NOTHING",
        "UPDATE toasted SET n = n + 1 WHERE tenant_id = $t AND id BETWEEN $i AND $i + $n",
        "UPDATE toasted SET doc = 'short', n = n + 1 WHERE tenant_id = $t AND id BETWEEN $i AND $j",
        "UPDATE toasted SET id = id + 5000 WHERE tenant_id = $t AND id BETWEEN $i AND $j",
        "DELETE FROM toasted WHERE tenant_id = $t AND (id > 5000 OR id BETWEEN $i AND $i + $n)"
    };

    private static final String[] EVENT = {
        "INSERT INTO event SELECT $t, g % 20, g, 'e' FROM generate_series($i, $i + $n) g ON CONFLICT DO NOTHING",
        "UPDATE event SET day = (day + 10) % 20 WHERE tenant_id = $t AND id BETWEEN $i AND $i + $k",
        "UPDATE event SET v = v || $k WHERE tenant_id = $t AND day = $k % 20 AND length(v) < 50",
        "UPDATE event SET tenant_id = $u WHERE tenant_id = $t AND id BETWEEN $i AND $j",
        "DELETE FROM event WHERE tenant_id = $t AND day = $k % 20"
    };

    private static final String[] INHERITING = {
        "INSERT INTO base SELECT $t, g, 'b' FROM generate_series($i, $i + $k) g ON CONFLICT DO NOTHING",
        "INSERT INTO derived SELECT $t, g, 'd', 'more' FROM generate_series($i, $i + $k) g ON CONFLICT DO NOTHING",
        "UPDATE base SET v = v || $k WHERE tenant_id = $t AND id BETWEEN $i AND $i + $k AND length(v) < 50",
        "UPDATE ONLY base SET v = 'only' WHERE tenant_id = $t AND id BETWEEN $i AND $i + $k",
        "DELETE FROM ONLY base WHERE tenant_id = $t AND id BETWEEN $i AND $i + $n",
        "DELETE FROM derived WHERE tenant_id = $t AND id BETWEEN $i AND $i + $n"
    };

    private static final String[] FAMILY = {
        "INSERT INTO parent SELECT $t, g, 'p' FROM generate_series($i, $i + $k) g ON CONFLICT DO NOTHING",
        "INSERT INTO child SELECT $t, $i + row_number() OVER (), id FROM parent WHERE tenant_id = $t LIMIT $k ON CONFLICT DO NOTHING",
        "UPDATE parent SET id = -id WHERE tenant_id = $t AND id BETWEEN $i AND $j",
        "DELETE FROM parent WHERE tenant_id = $t AND (id < 0 OR id BETWEEN $i AND $i + $n)",
        "DELETE FROM child WHERE tenant_id = $t AND id % 5 = $k % 5"
    };

    private static final String[] ACCOUNT = {
        "INSERT INTO account SELECT g, $t, g FROM generate_series($i, $i + $k) g ON CONFLICT DO NOTHING",
        "UPDATE account SET balance = balance * -1.01 WHERE owner = $t AND id BETWEEN $i AND $i + $n",
        "UPDATE account SET owner = $u WHERE owner = $t AND id BETWEEN $i AND $j",
        "DELETE FROM account WHERE owner = $t AND id BETWEEN $i AND $i + $n"
    };

    private static final String[] INDEXED = {
        "INSERT INTO indexed SELECT $t, g, 'c' || g, 'v' FROM generate_series($i, $i + $k) g ON CONFLICT DO NOTHING",
        "UPDATE indexed SET v = 'w' || $k WHERE tenant_id = $t AND id BETWEEN $i AND $i + $k",
        "UPDATE indexed SET id = id + 5000 WHERE tenant_id = $t AND id = $i",
        "UPDATE indexed SET code = code || 'x' WHERE tenant_id = $t AND id BETWEEN $i AND $j",
        "DELETE FROM indexed WHERE tenant_id = $t AND (id > 5000 OR id BETWEEN $i AND $i + $n)"
    };

    private static final String[] OWN = {
        "INSERT INTO own_$q.thing SELECT g, 'o' FROM generate_series($i, $i + $n) g ON CONFLICT DO NOTHING",
        "UPDATE own_$q.thing SET v = v || 'p' WHERE id BETWEEN $i AND $i + $n AND length(v) < 50",
        "DELETE FROM own_$q.thing WHERE id BETWEEN $i AND $i + $n",
        "TRUNCATE own_$q.thing"
    };

    private static final String[] COUNTRY = {
        "INSERT INTO country VALUES ('c' || $k, 'n' || $i) ON CONFLICT (code) DO UPDATE SET name = EXCLUDED.name",
        "DELETE FROM country WHERE code = 'c' || $k"
    };

    private static final String[] TRUNCATES = {
        "TRUNCATE keyed",
        "TRUNCATE moving, keyless",
        "TRUNCATE event",
        "TRUNCATE ONLY base",
        "TRUNCATE base",
        "TRUNCATE parent CASCADE",
        "TRUNCATE generated, account RESTART IDENTITY",
        "TRUNCATE toasted, uniques",
        "TRUNCATE country"
    };

    private RandomTables() {}

    /** What makes the tables; schemas for these tenants. */
    public static List<String> ddl(List<String> tenants) {
        List<String> all = new ArrayList<>(DDL);
        for (String tenant : tenants) {
            all.add("CREATE SCHEMA own_" + tenant);
            all.add("CREATE TABLE own_" + tenant + ".thing (id int PRIMARY KEY, v text)");
        }
        return all;
    }

    /** What happens to their rows. */
    public static List<RandomStatements> statements() {
        return List.of(
                new Templates(10, KEYED),
                new Templates(4, MOVING),
                new Templates(3, KEYLESS),
                new Templates(4, COMPOSITE),
                new Templates(4, UNIQUES),
                new Templates(4, GENERATED),
                new Templates(3, TOASTED),
                new Templates(5, EVENT),
                new Templates(4, INHERITING),
                new Templates(4, FAMILY),
                new Templates(3, ACCOUNT),
                new Templates(3, INDEXED),
                new Templates(3, OWN),
                new Templates(1, COUNTRY),
                new Templates(1, TRUNCATES));
    }

    private record Templates(int weight, String[] texts) implements RandomStatements {
        @Override
        public String next(Random random, List<String> tenants, Catalog catalog) {
            String text = texts[random.nextInt(texts.length)];
            String tenant = tenants.get(random.nextInt(tenants.size()));
            String other = tenants.get(random.nextInt(tenants.size()));
            int id = 1 + random.nextInt(IDS);
            // Mostly few rows, now and then as many as make the apply change its shape.
            int rows = random.nextInt(5) == 0 ? random.nextInt(600) : random.nextInt(8);
            return text.replace("$t", "'" + tenant + "'")
                    .replace("$u", "'" + other + "'")
                    .replace("$q", tenant)
                    .replace("$i", Integer.toString(id))
                    .replace("$j", Integer.toString(id + 1 + random.nextInt(3)))
                    .replace("$n", Integer.toString(rows))
                    .replace("$k", Integer.toString(1 + random.nextInt(20)));
        }
    }
}
