package io.heliosdb.replication.core.verify.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.core.snapshot.SourceAndTarget;
import io.heliosdb.replication.core.verify.RowHash;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The hash of SQL and the hash of Java are one. */
class RowHashTest {

    /** Each a row; R10's difficult types, and everything that record_out quotes. */
    private static final List<String> ROWS =
            List.of(
                    "NULL::text, ''",
                    "'', NULL::text",
                    "NULL::text, NULL::text",
                    "'a', 'b'",
                    "'a,b', NULL::text",
                    "'a', 'b,'",
                    "'(', ')'",
                    "'\"', '\"\"'",
                    "E'\\\\', E'\\\\\\\\'",
                    "' ', E'\\t\\n\\v\\f\\r'",
                    "E'\\u00a0\\u0085', E'\\u2028\\u3000'",
                    "'ß€', '𝄞'",
                    "true, false",
                    "1.0::numeric, 1.00::numeric",
                    "'NaN'::numeric, '-Infinity'::float8",
                    "0.1::float8 + 0.2::float8, 0.1::float4",
                    "'\\x00ff'::bytea, ''::bytea",
                    "'{\"a\": [1, null]}'::jsonb, 'null'::jsonb",
                    "'{ \"a\":  1}'::json, '<a b=\"c\"/>'::xml",
                    "'a'::char(5), 'b'::\"char\"",
                    "ARRAY[['a', NULL], ['', 'x y']], ARRAY[]::int[]",
                    "ROW(1, NULL, 'x,y'), ROW(NULL)",
                    "'-infinity'::date, '0044-03-15 BC'::date",
                    "'2024-02-29 12:00:00.000001+05:30'::timestamptz, '24:00+02'::timetz",
                    "'1 year -2 days 03:04:05.6'::interval, '12.34'::money",
                    "int4range(1, 5), '{[1,2),[5,6)}'::int4multirange",
                    "B'0101', '10.0.0.0/8'::inet",
                    "to_tsvector('simple', 'a b'), '(1,2)'::point");

    @Test
    void isTheSameInSqlAndInJava() throws Exception {
        isTheSameInJavaAndIn(SourceAndTarget.source());
        isTheSameInJavaAndIn(SourceAndTarget.target());
    }

    private static void isTheSameInJavaAndIn(PostgresServer server) throws SQLException {
        Set<Long> seen = new HashSet<>();
        try (Connection connection =
                        Connections.open(
                                new DatabaseConfig(
                                        server.url("postgres"), PostgresServer.USER, Secret.EMPTY),
                                "test",
                                Connections.Endpoint.SOURCE);
                Statement statement = connection.createStatement()) {
            for (String row : ROWS) {
                String values = "(VALUES (" + row + ")) AS v(a, b)";
                try (ResultSet result =
                        statement.executeQuery(
                                "SELECT "
                                        + RowHash.sql(List.of("a", "b"))
                                        + ", CASE WHEN a IS NOT DISTINCT FROM NULL THEN NULL ELSE"
                                        + " concat(a) END, CASE WHEN b IS NOT DISTINCT FROM NULL"
                                        + " THEN NULL ELSE concat(b) END FROM "
                                        + values)) {
                    result.next();
                    byte[][] texts = {result.getBytes(2), result.getBytes(3)};
                    assertThat(new RowHash().of(texts)).as(row).isEqualTo(result.getLong(1));
                    assertThat(seen.add(result.getLong(1))).as(row).isTrue();
                }
            }
        }
    }

    @Test
    void tellsApartWhatIsDividedElsewhere() {
        List<byte[][]> rows =
                List.of(row("ab", "c"), row("a", "bc"), row("abc"), row("ab,c"), row("", "abc"));

        Set<Long> hashes =
                rows.stream()
                        .map(row -> new RowHash().of(row))
                        .collect(Collectors.toCollection(TreeSet::new));

        assertThat(hashes).hasSize(rows.size());
    }

    @Test
    void spreadsOverAllBits() {
        long any = 0;
        long all = -1;
        for (int i : IntStream.range(0, 200).toArray()) {
            long hash = new RowHash().of(row("" + i));
            any |= hash;
            all &= hash;
        }
        assertThat(any).isEqualTo(-1);
        assertThat(all).isZero();
    }

    private static byte[][] row(String... values) {
        byte[][] row = new byte[values.length][];
        for (int i = 0; i < row.length; i++) {
            row[i] = values[i].getBytes(UTF_8);
        }
        return row;
    }
}
