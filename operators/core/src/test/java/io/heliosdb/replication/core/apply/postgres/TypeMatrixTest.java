package io.heliosdb.replication.core.apply.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.TargetSession.ApplyResult;
import io.heliosdb.replication.model.RelationDescriptor;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** R10: the text form of every type survives each statement shape, inserted and updated. */
class TypeMatrixTest {

    private static final String[][] MATRIX = {
        {"bool", "t"},
        {"int2", "-32768"},
        {"int8", "9223372036854775807"},
        {"float4", "1.1754944e-38"},
        {"float4", "NaN"},
        {"float8", "-Infinity"},
        {"float8", "0.1"},
        {"numeric", "-0.000000000000000000001"},
        {"numeric", "Infinity"},
        {"numeric(8,3)", "-1.500"},
        {"money", "-$12.34"},
        {"char(5)", "ab   "},
        {"varchar(8)", "it's \\ x"},
        {"\"char\"", "x"},
        {"name", "Na me"},
        {"bytea", "\\x00ff5c27"},
        {"timestamp", "infinity"},
        {"timestamp", "294276-12-31 23:59:59.999999"},
        {"timestamptz(3)", "0044-03-15 12:00:00.123+00 BC"},
        {"date", "-infinity"},
        {"time", "24:00:00"},
        {"timetz", "24:00:00+05:30"},
        {"interval", "-1 years -2 mons +3 days -04:05:06.789"},
        {"uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
        {"inet", "::1/64"},
        {"inet", "10.0.0.1"},
        {"cidr", "10.0.0.0/8"},
        {"macaddr", "08:00:2b:01:02:03"},
        {"bit(3)", "101"},
        {"varbit", "10011"},
        {"json", "{\"a\":  1, \"a\": null}"},
        {"jsonb", "{\"k\": \"\\\\\\\"\\n\"}"},
        {"jsonb", "null"},
        {"xml", "<a>&lt;</a>"},
        {"xml", "text <b/>"},
        {"point", "(1.5,-2)"},
        {"box", "(3,4),(1,2)"},
        {"polygon", "((0,0),(1,1),(1,0))"},
        {"int4range", "[1,5)"},
        {"int4multirange", "{[1,3),[7,9)}"},
        {"tstzrange", "[\"2020-01-01 00:00:00+00\",)"},
        {"tsvector", "'it''s' 'word':1A"},
        {"tsquery", "'it''s' & !'x'"},
        {"pg_lsn", "16/B374D848"},
        {"int[]", "{1,NULL,3}"},
        {"int[]", "[0:1]={1,2}"},
        {"text[]", "{\"a,b\",\"q\\\"\",\"\",NULL,\"NULL\"}"},
        {"numeric[]", "{{1.10,2},{3,NaN}}"},
        {"mood", "o'k"},
        {"mood[]", "{sad,o'k}"},
        {"q.\"Mood\"", "x"},
        {"posint", "7"},
        {"pair", "(1,\"x,y \"\"z\"\"\")"},
        {"pair[]", "{\"(1,)\",\"(,b)\"}"},
        {"oidvector", "1 2 3"},
        {"xid", "77"},
        {"regclass", "pg_class"},
        {"text", "tab\t nl\n cr\r quote' \\N \\. ünï→語𐍈 \u0001"},
        {"text", ""},
        {"citext", "CaSe"},
        {"q.hstore", "\"a\"=>\"1\", \"b\"=>NULL"},
    };

    @ParameterizedTest
    @ValueSource(ints = {1, 40, 400})
    void keepsTheTextFormOfEveryType(int size) throws Exception {
        StringBuilder columns = new StringBuilder("tenant_id int, id int PRIMARY KEY");
        String[] values = new String[MATRIX.length + 2];
        values[0] = "1";
        for (int i = 0; i < MATRIX.length; i++) {
            columns.append(", c").append(i).append(' ').append(MATRIX[i][0]);
            values[i + 2] = MATRIX[i][1];
        }
        try (ApplyStand stand =
                new ApplyStand(
                        "CREATE EXTENSION citext SCHEMA public",
                        "CREATE SCHEMA q",
                        "CREATE EXTENSION hstore SCHEMA q",
                        "CREATE TYPE mood AS ENUM ('sad', 'o''k')",
                        "CREATE TYPE q.\"Mood\" AS ENUM ('x')",
                        "CREATE DOMAIN posint AS int CHECK (value > 0)",
                        "CREATE TYPE pair AS (a int, b text)",
                        "CREATE TABLE item (" + columns + ")")) {
            RelationDescriptor item = stand.relation("item", 'd');
            ChangeSet inserts = new ChangeSet();
            ChangeSet updates = new ChangeSet();
            for (int i = 0; i < size; i++) {
                String[] row = values.clone();
                row[1] = "" + i;
                String[] nulls = new String[row.length];
                nulls[0] = "1";
                nulls[1] = "" + i;
                inserts.insert(item, i % 2 == 0 ? row : nulls);
                updates.update(item, i % 2 == 0 ? nulls : row);
            }

            stand.session.apply(List.of(stand.batch("r1", stand.transaction("r1", 100, inserts))));

            assertRow(stand, 0, values);
            ApplyResult updated =
                    stand.session.apply(
                            List.of(stand.batch("r1", stand.transaction("r1", 200, updates))));
            assertThat(updated).isEqualTo(new ApplyResult(size, 0, 0));
            if (size > 1) {
                assertRow(stand, 1, values);
                assertRow(stand, size - 1, values);
            }
            assertThat(stand.session.replays()).isZero();
            assertThat(stand.value("SELECT count(c0) FROM item")).isEqualTo("" + size / 2);
        }
    }

    /** Compares with what a source would send, by the output functions themselves. */
    private static void assertRow(ApplyStand stand, int id, String[] expected) throws SQLException {
        try (Connection connection = ApplyStand.SERVER.connect(stand.database);
                Statement statement = connection.createStatement()) {
            statement.execute("SET extra_float_digits = 3");
            statement.execute("SET search_path = pg_catalog");
            StringBuilder outputs = new StringBuilder();
            for (int i = 0; i < MATRIX.length; i++) {
                outputs.append(i == 0 ? "" : ", ").append("format('%s', c").append(i).append(')');
            }
            try (ResultSet row =
                    statement.executeQuery(
                            "SELECT " + outputs + " FROM public.item WHERE id = " + id)) {
                row.next();
                for (int i = 0; i < MATRIX.length; i++) {
                    assertThat(row.getString(i + 1)).as(MATRIX[i][0]).isEqualTo(expected[i + 2]);
                }
            }
        }
    }
}
