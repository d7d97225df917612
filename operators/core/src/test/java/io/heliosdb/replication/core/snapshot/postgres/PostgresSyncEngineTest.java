package io.heliosdb.replication.core.snapshot.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.TenancyConfig;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PostgresSyncEngineTest {

    private CopyStand stand;

    @BeforeEach
    void open() throws Exception {
        stand = new CopyStand();
    }

    @AfterEach
    void close() throws Exception {
        stand.close();
    }

    @Test
    void copiesTheWantedTenantsAndNoOther() throws Exception {
        stand.createShop();
        stand.publishAll();

        stand.copy("a", "b", "c", "nobody");

        assertThat(stand.heard.failed).isEmpty();
        stand.assertSame("orders", "tenant_id IN ('a', 'b', 'c')");
        stand.assertSame("items", "tenant_id IN ('a', 'b', 'c')");
        assertThat(stand.heard.finished.get(CopyStand.id("a")))
                .extracting(Claim.SyncedTable::table)
                .containsExactlyInAnyOrder(TableId.parse("orders"), TableId.parse("items"));
        assertThat(
                        stand.targetRows(
                                "SELECT replication_id || ' ' || table_name || ' ' || rows"
                                        + " FROM heliosdb.table_sync ORDER BY 1"))
                .containsExactly(
                        "r-a items 400",
                        "r-a orders 200",
                        "r-b items 400",
                        "r-b orders 200",
                        "r-c items 400",
                        "r-c orders 200",
                        "r-nobody items 0",
                        "r-nobody orders 0");
        assertThat(stand.heard.progress.get(CopyStand.id("a"))[0]).isEqualTo(600);
        assertThat(stand.heard.progress.get(CopyStand.id("a"))[2]).isEqualTo(600);
        assertThat(
                        stand.targetRows(
                                "SELECT rows_copied || ' ' || rows_estimated"
                                        + " FROM heliosdb.replication_progress"
                                        + " WHERE replication_id = 'r-b'"))
                .containsExactly("600 600");
        CopyStand.await(
                "foreign keys and statistics",
                () ->
                        stand.targetNumber("SELECT count(*) FROM heliosdb.pending_ddl") == 0
                                && stand.targetNumber(
                                                "SELECT count(*) FROM pg_stats"
                                                        + " WHERE tablename = 'items'")
                                        > 0);
        assertThat(stand.targetNumber("SELECT count(*) FROM heliosdb.copy_mark")).isZero();
        assertThat(
                        stand.targetRows(
                                "SELECT conname FROM pg_constraint WHERE contype IN ('p', 'f')"
                                        + " AND convalidated AND conrelid IN"
                                        + " ('orders'::regclass, 'items'::regclass) ORDER BY 1"))
                .containsExactly("items_orders", "items_pkey", "orders_pkey");
    }

    @Test
    void copiedRowsBearAnOriginSoThatNoReverseStreamReturnsThem() throws Exception {
        stand.createShop();
        stand.publishAll();

        stand.copy("a");

        assertThat(
                        stand.targetRows(
                                "SELECT DISTINCT (pg_xact_commit_timestamp_origin(xmin)).roident"
                                        + " <> 0 FROM orders"))
                .containsExactly("t");
    }

    @Test
    void r10ValuesArriveAsTheyAreWhateverTheDatabasesAreSetTo() throws Exception {
        stand.onSource(
                "CREATE EXTENSION hstore",
                "CREATE TYPE pair AS (a text, b int[])",
                "CREATE TABLE v (tenant_id text, id int PRIMARY KEY, n numeric, f4 real, f8 float8,"
                        + " d date, ts timestamp, tz timestamptz, tt timetz, i interval, m money,"
                        + " b bytea, bt bit(5), vb varbit, r int4range, mr int4multirange,"
                        + " arr text[][], j json, jb jsonb, h hstore, p pair, u uuid, ip inet,"
                        + " tv tsvector, x xml, l pg_lsn, c char(4), t text)",
                "INSERT INTO v VALUES ('a', 1, 'NaN', 'NaN', '-Infinity', 'infinity', '-infinity',"
                        + " '294276-12-31 23:59:59.999999+00', '24:00:00+05:30',"
                        + " '-1 year 2 mons -3 days 04:05:06.7', '-12.34', '\\xdeadbeef00',"
                        + " '10101', '', '[1,5)', '{[1,3),[7,9)}', '{{a,NULL},{\"b,c\",\"\"}}',"
                        + " '{\"z\": 1,  \"z\": 2}', 'null', 'a=>1, b=>NULL',"
                        + " ROW(E'x\\ty', '{1,NULL}'), '00000000-0000-0000-0000-000000000001',"
                        + " '::1/64', 'fat:2 cat:1A', '<a>b</a><c/>', '16/B374D848', 'x',"
                        + " E'ümläut \\\\N \\n\\r\\t\\b\\f\\v 😀')",
                "INSERT INTO v (tenant_id, id, n, f4, f8, d, tz, t, jb) VALUES ('a', 2,"
                        + " 123456789012345678901234567890.000100, 0.1, 0.30000000000000004,"
                        + " '0044-03-15 BC', '0001-01-01 00:00:00+00 BC', '', NULL)");
        stand.publishAll();
        String sql = "SELECT v::text FROM v ORDER BY id";
        List<String> expected = stand.sourceRows(sql);
        for (String setting :
                List.of(
                        "datestyle = 'German'",
                        "timezone = 'Asia/Kathmandu'",
                        "intervalstyle = 'sql_standard'",
                        "extra_float_digits = -10",
                        "bytea_output = 'escape'",
                        "xmloption = 'document'",
                        "search_path = 'nowhere'")) {
            stand.onSource("ALTER DATABASE " + stand.source + " SET " + setting);
            stand.onTarget("ALTER DATABASE " + stand.target + " SET " + setting);
        }

        stand.copy("a");

        assertThat(stand.heard.failed).isEmpty();
        stand.onTarget("ALTER DATABASE " + stand.target + " RESET ALL");
        assertThat(stand.targetRows(sql)).isEqualTo(expected);
    }

    @Test
    void aSecondGroupJoinsTheFirst() throws Exception {
        stand.createShop();
        stand.publishAll();
        stand.copy("a", "b");

        stand.copy("c");

        assertThat(stand.heard.failed).isEmpty();
        stand.assertSame("orders", "tenant_id IN ('a', 'b', 'c')");
        stand.assertSame("items", "tenant_id IN ('a', 'b', 'c')");
    }

    @Test
    void schemasPerTenantAndReferenceTablesAreCopiedWhole() throws Exception {
        stand.tenancy =
                new TenancyConfig(
                        "tenant_id", Map.of(), "t_(.+)", Set.of(TableId.parse("countries")));
        stand.onSource(
                "CREATE TABLE countries (code text PRIMARY KEY, tenant_id text)",
                "INSERT INTO countries VALUES ('de', 'a'), ('fr', NULL)",
                "CREATE SCHEMA t_a",
                "CREATE SCHEMA t_b",
                "CREATE TABLE t_a.things (id int PRIMARY KEY)",
                "CREATE TABLE t_b.things (id int PRIMARY KEY)",
                "INSERT INTO t_a.things SELECT generate_series(1, 5)",
                "INSERT INTO t_b.things SELECT generate_series(1, 7)",
                "CREATE TABLE shared (tenant_id text, id int)",
                "INSERT INTO shared VALUES ('a', 1), ('b', 2)");
        stand.publishAll();

        stand.copy("a", "_reference");

        assertThat(stand.heard.failed).isEmpty();
        stand.assertSame("countries", null);
        stand.assertSame("t_a.things", null);
        stand.assertSame("shared", "tenant_id = 'a'");
        assertThat(stand.targetRows("SELECT 1 FROM pg_namespace WHERE nspname = 't_b'")).isEmpty();
    }

    @Test
    void copiesWhatThePublicationPublishesAndComputesTheRest() throws Exception {
        stand.onSource(
                "CREATE TABLE t (tenant_id text, id int GENERATED ALWAYS AS IDENTITY,"
                        + " twice int GENERATED ALWAYS AS (amount * 2) STORED,"
                        + " amount int, hidden text DEFAULT 'x', PRIMARY KEY (tenant_id, id))",
                "INSERT INTO t (tenant_id, amount, hidden)"
                        + " SELECT 'a', n, 'secret' FROM generate_series(1, 20) n",
                "CREATE PUBLICATION pub FOR TABLE t (tenant_id, id, amount) WHERE (id > 10)");

        stand.copy("a");

        assertThat(stand.heard.failed).isEmpty();
        assertThat(stand.targetRows("SELECT t::text FROM t ORDER BY id"))
                .hasSize(10)
                .startsWith("(a,11,22,11,x)")
                .endsWith("(a,20,40,20,x)");
    }

    @Test
    void partitionedTablesAreCopiedThroughTheirRoot() throws Exception {
        stand.onSource(
                "CREATE TABLE e (tenant_id text, id int, PRIMARY KEY (tenant_id, id))"
                        + " PARTITION BY RANGE (id)",
                "CREATE TABLE e1 (id int NOT NULL, dropped int, tenant_id text NOT NULL)",
                "ALTER TABLE e1 DROP COLUMN dropped",
                "ALTER TABLE e ATTACH PARTITION e1 FOR VALUES FROM (0) TO (100)",
                "CREATE TABLE e2 PARTITION OF e FOR VALUES FROM (100) TO (200)",
                "INSERT INTO e SELECT 'a', n FROM generate_series(1, 199) n",
                "INSERT INTO e SELECT 'b', n FROM generate_series(1, 199) n");
        stand.publishAll();

        stand.copy("a");

        assertThat(stand.heard.failed).isEmpty();
        assertThat(stand.targetNumber("SELECT count(*) FROM e1 WHERE tenant_id = 'a'"))
                .isEqualTo(99);
        assertThat(stand.targetNumber("SELECT count(*) FROM ONLY e2")).isEqualTo(100);
        assertThat(
                        stand.targetNumber(
                                "SELECT count(*) FROM pg_index WHERE indisvalid"
                                        + " AND indexrelid IN ('e_pkey'::regclass, 'e1_pkey'::regclass)"))
                .isEqualTo(2);
    }

    @Test
    void theTenantIsTheTextOfTheKeyWhateverItsType() throws Exception {
        stand.onSource(
                "CREATE EXTENSION citext",
                "CREATE TYPE which AS ENUM ('7', 'acme')",
                "CREATE TABLE by_text (tenant_id text)",
                "CREATE TABLE by_citext (tenant_id citext)",
                "CREATE TABLE by_char (tenant_id char(6))",
                "CREATE TABLE by_varchar (tenant_id varchar(4))",
                "CREATE TABLE by_int (tenant_id int)",
                "CREATE TABLE by_uuid (tenant_id uuid)",
                "CREATE TABLE by_numeric (tenant_id numeric)",
                "CREATE TABLE by_enum (tenant_id which)",
                "CREATE DOMAIN key AS int CHECK (VALUE < 8)",
                "CREATE TABLE by_domain (tenant_id key)",
                "INSERT INTO by_text VALUES ('acme'), ('ACME'), (E'od\\\\d\\tn''\"a,m}e'), (NULL)",
                "INSERT INTO by_citext VALUES ('acme'), ('ACME')",
                "INSERT INTO by_char VALUES ('acme'), ('acme12')",
                "INSERT INTO by_varchar VALUES ('acme')",
                "INSERT INTO by_int VALUES (7), (8)",
                "INSERT INTO by_uuid VALUES ('00000000-0000-0000-0000-000000000007')",
                "INSERT INTO by_numeric VALUES (7), (7.0)",
                "INSERT INTO by_enum VALUES ('7'), ('acme')",
                "INSERT INTO by_domain VALUES (6), (7)");
        stand.publishAll();

        stand.copy("acme", "acme12", "7", "9999999999", "od\\d\tn'\"a,m}e");

        assertThat(stand.heard.failed).isEmpty();
        assertThat(stand.targetRows("SELECT tenant_id FROM by_text ORDER BY 1"))
                .containsExactly("acme", "od\\d\tn'\"a,m}e");
        assertThat(stand.targetRows("SELECT tenant_id FROM by_citext")).containsExactly("acme");
        assertThat(stand.targetRows("SELECT tenant_id FROM by_char")).containsExactly("acme12");
        assertThat(stand.targetRows("SELECT tenant_id FROM by_varchar")).containsExactly("acme");
        assertThat(stand.targetRows("SELECT tenant_id FROM by_int")).containsExactly("7");
        assertThat(stand.targetRows("SELECT tenant_id FROM by_uuid")).isEmpty();
        assertThat(stand.targetRows("SELECT tenant_id FROM by_numeric")).containsExactly("7");
        assertThat(stand.targetRows("SELECT tenant_id FROM by_enum ORDER BY 1"))
                .containsExactly("7", "acme");
        assertThat(stand.targetRows("SELECT tenant_id FROM by_domain")).containsExactly("7");
    }

    @Test
    void finishedTablesAreNotCopiedAgainButReported() throws Exception {
        stand.createShop();
        stand.publishAll();
        stand.copy("a");
        stand.heard.forget();
        stand.onSource("UPDATE orders SET note = 'later'", "UPDATE items SET id = id + 1000");
        stand.onTarget(
                "DELETE FROM items", "DELETE FROM heliosdb.table_sync WHERE table_name = 'items'");

        stand.start(
                stand.request(
                        "a", TableFilter.ALL, ExistingRows.FAIL, Set.of(TableId.parse("orders"))));
        stand.awaitEnd("a");

        stand.assertSame("items", "tenant_id = 'a'");
        assertThat(stand.targetRows("SELECT DISTINCT note FROM orders")).containsExactly("ordered");
        List<Claim.SyncedTable> tables = stand.heard.finished.get(CopyStand.id("a"));
        assertThat(tables).hasSize(2);
        assertThat(tables.get(0).upperLsn()).isLessThan(tables.get(1).upperLsn());
        assertThat(stand.heard.progress.get(CopyStand.id("a"))[0]).isEqualTo(600);
    }
}
