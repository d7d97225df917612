package io.heliosdb.replication.core.snapshot.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.schema.TableDefinition.Column;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables of plain types are copied in binary: their values, and whose they are. */
class CopyFormatTest {

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
    void copiesPlainTypesInBinaryAsTheyAre_R10() throws Exception {
        stand.onSource(
                "CREATE TABLE v (tenant_id text, id int, b boolean, n numeric(40, 6),"
                        + " u numeric, f4 real, f8 float8, vc varchar(9), c char(4), by bytea,"
                        + " uu uuid, d date, t time(3), tt timetz, ts timestamp(0), tz timestamptz,"
                        + " j json, jb jsonb, ip inet, ci cidr, ma macaddr, bt bit(5),"
                        + " vb varbit, ia int[], ta text[], PRIMARY KEY (tenant_id, id))",
                "INSERT INTO v VALUES ('a', 1, true, 123456789012345678901234567890.000100,"
                        + " 'NaN', 'NaN', '-Infinity', 'ümläut 😀', 'x', '\\xdeadbeef00',"
                        + " '00000000-0000-0000-0000-000000000001', 'infinity', '24:00',"
                        + " '24:00:00+05:30', '-infinity', '294276-12-31 23:59:59.999999+00',"
                        + " '{\"z\": 1,  \"z\": 2}', 'null',"
                        + " '::1/64', '10.0.0.0/8', '08:00:2b:01:02:03', '10101', '',"
                        + " '[-1:0][2:3]={{1,NULL},{3,4}}', '{{a,NULL},{\"b,c\",\"\"}}')",
                "INSERT INTO v (tenant_id, id, u, f8, d, tz, vc, ia, jb) VALUES ('a', 2, 'Infinity',"
                        + " 0.30000000000000004, '0044-03-15 BC', '0001-01-01 00:00:00+00 BC', '',"
                        + " '{}', NULL), ('b', 1, '-Infinity', '-0', '4713-01-01 BC', NULL, NULL,"
                        + " NULL, '{\"a\": [1, \"\\u0041\"]}')");
        stand.publishAll();

        stand.copy("a");

        assertThat(stand.heard.failed).isEmpty();
        stand.assertSame("v", "tenant_id = 'a'");
        assertThat(stand.targetNumber("SELECT count(*) FROM v")).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        "text, '7', '007', '70'",
        "varchar(5), '7', '007', '70'",
        "smallint, '7', '-7', '70'",
        "int, '7', '-7', '70000'",
        "bigint, '7', '-7', '7000000000'",
        "uuid, 00000000-0000-0000-0000-000000000007, 00000000-0000-0000-0000-0000000000a7,"
                + " ffffffff-ffff-ffff-ffff-ffffffffffff",
        "numeric, '7', '7.0', '70'",
        "char(4), '7   ', '70  ', '71  '",
    })
    void tellsTenantsApartWhateverTheTypeOfTheirKey(
            String type, String one, String two, String other) throws Exception {
        stand.onSource(
                "CREATE TABLE k (tenant_id " + type + ", id int, v text)",
                "ALTER TABLE k REPLICA IDENTITY FULL",
                "INSERT INTO k SELECT '%s', n, 'one' FROM generate_series(1, 30) n".formatted(one),
                "INSERT INTO k SELECT '%s', n, 'two' FROM generate_series(1, 20) n".formatted(two),
                "INSERT INTO k SELECT '%s', n, 'other' FROM generate_series(1, 9) n"
                        .formatted(other),
                "INSERT INTO k VALUES (NULL, 1, 'nobody')");
        stand.publishAll();

        stand.copy(one, two);

        assertThat(stand.heard.failed).isEmpty();
        stand.assertSame("k", "v IN ('one', 'two')");
        assertThat(
                        stand.targetRows(
                                "SELECT format('%s %s', replication_id, rows)"
                                        + " FROM heliosdb.table_sync"))
                .containsExactlyInAnyOrder(CopyStand.id(one) + " 30", CopyStand.id(two) + " 20");
    }

    @Test
    void usesBinaryOnlyWhereNothingInItBelongsToTheDatabase() {
        Column key = column("character varying");
        assertThat(CopyFormat.of(List.of(key, column("numeric"), column("text[]")), key))
                .isEqualTo(CopyFormat.BINARY);
        for (String type : List.of("numeric(40,6)", "timestamp(3) without time zone", "bit(5)[]")) {
            assertThat(CopyFormat.of(List.of(key, column(type)), key))
                    .as(type)
                    .isEqualTo(CopyFormat.BINARY);
        }
        for (String type :
                List.of("money", "interval", "regclass", "public.mood", "public.mood[]", "xml")) {
            assertThat(CopyFormat.of(List.of(key, column(type)), key))
                    .as(type)
                    .isEqualTo(CopyFormat.TEXT);
        }
        Column domain = new Column("c", "public.whole", "integer", null, null, false, ' ', ' ');
        assertThat(CopyFormat.of(List.of(key, domain), key)).isEqualTo(CopyFormat.TEXT);
        Column padded = column("character");
        assertThat(CopyFormat.of(List.of(padded), padded)).isEqualTo(CopyFormat.TEXT);
        assertThat(CopyFormat.of(List.of(padded), null)).isEqualTo(CopyFormat.BINARY);
        assertThat(CopyFormat.of(List.of(), null)).isEqualTo(CopyFormat.TEXT);
    }

    private static Column column(String type) {
        return new Column("c", type, type, null, null, false, ' ', ' ');
    }
}
