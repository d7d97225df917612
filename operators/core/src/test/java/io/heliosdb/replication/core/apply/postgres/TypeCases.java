package io.heliosdb.replication.core.apply.postgres;

import static io.heliosdb.replication.core.apply.postgres.TypeCase.Option.ALL_BIG;
import static io.heliosdb.replication.core.apply.postgres.TypeCase.Option.NOT_NULL;
import static io.heliosdb.replication.core.apply.postgres.TypeCase.Option.NO_ARRAY;
import static io.heliosdb.replication.core.apply.postgres.TypeCase.Option.NO_KEY;
import static io.heliosdb.replication.core.apply.postgres.TypeCase.Option.SEMICOLON;
import static io.heliosdb.replication.core.apply.postgres.TypeCase.of;

import java.util.List;
import java.util.Map;

/**
 * Every type that is replicated to the byte, one per line. A new type is a new line here; a
 * built-in type that is neither here nor in {@link #UNREADABLE} fails the suite.
 *
 * <p>Each brings its array type along: empty, nested, with NULL elements and lower bounds.
 */
final class TypeCases {

    /** Built-in types without an input function: no text, and so no COPY and no pg_dump, either. */
    static final List<String> UNREADABLE =
            List.of(
                    "pg_node_tree",
                    "pg_ndistinct",
                    "pg_dependencies",
                    "pg_mcv_list",
                    "pg_brin_bloom_summary",
                    "pg_brin_minmax_multi_summary",
                    "gtsvector");

    /** TOASTable by declaration, with no value of 2 kB. */
    static final List<String> NEVER_BIG =
            List.of(
                    "inet",
                    "cidr",
                    "int4range",
                    "int8range",
                    "daterange",
                    "tsrange",
                    "tstzrange",
                    "bit(3)",
                    "char(5)",
                    "varchar(8)",
                    "numeric(8,3)",
                    "numeric(3,-2)",
                    "information_schema.yes_or_no",
                    "t.short",
                    "t.code",
                    "t.\"numéro\"",
                    "t.\"Range\"",
                    "t.floats",
                    "t.floats_multi",
                    "cube",
                    "seg");

    private static final String CITEXT = "CREATE EXTENSION citext SCHEMA public";
    private static final String HSTORE = "CREATE EXTENSION hstore SCHEMA \"Ext Schéma\"";
    private static final String LTREE = "CREATE EXTENSION ltree SCHEMA public";
    private static final String MOOD = "CREATE TYPE t.mood AS ENUM ('sad', 'o''k', 'ü\"\\ ')";
    private static final String PAIR = "CREATE TYPE t.pair AS (a int, b text)";
    private static final String MANY_RANGES =
            "SELECT '{' || string_agg(format('[%%s,%%s)', %s, %s), ',') || '}' FROM generate_series(1, 1500) i";
    private static final String DAY = "('2000-01-01'::date + %s)";

    /** Types of extensions that are not everywhere: statement that creates it, and the line. */
    static final Map<String, TypeCase> WHERE_INSTALLED =
            Map.of(
                    "postgis",
                    of("geometry", "POINT(1 2)", "SRID=4326;LINESTRING(0 0,1 1)", "POINT EMPTY")
                            .big("'LINESTRING(' || repeat('1 2,', 1000) || '3 4)'")
                            .needs("CREATE EXTENSION postgis SCHEMA public"));

    private static String days(String from, String to) {
        return MANY_RANGES.formatted(DAY.formatted(from), DAY.formatted(to));
    }

    // One line each: spotless:off
    static final List<TypeCase> ALL =
            List.of(
                    of("bool", "t", "f"),
                    of("int2", "0", "-32768", "32767"),
                    of("int4", "0", "-2147483648", "2147483647"),
                    of("int8", "0", "-9223372036854775808", "9223372036854775807"),
                    of("float4", "0", "-0", "NaN", "Infinity", "-Infinity", "1e-45", "3.4028235e+38", "0.1", "1.1754944e-38"),
                    of("float8", "0", "-0", "NaN", "Infinity", "-Infinity", "5e-324", "1.7976931348623157e+308", "0.1", "1e+15", "123456789012345680"),
                    of("numeric", "1.0", "1.00", "1", "0.0", "NaN", "Infinity", "-Infinity", "-0.000000000000000000001", "1e300", "0.1e-300").big("'1' || repeat('0', 9000) || '.10'"),
                    of("numeric(8,3)", "-1.500", "NaN", "99999.999"),
                    of("numeric(3,-2)", "12300", "-99900"),
                    of("money", "$0.00", "-$12.34", "-$92,233,720,368,547,758.08"),
                    of("text", "a", "", "A", "tab\t nl\n cr\r vt\u000b quote'\" \\N \\. \\", "NULL", " padded ", "ünï→語𐍈 \u0001", "e\u0301").big("repeat('ünï→語𐍈''\\', 2000)"),
                    of("varchar", "a", "", "a ").big("repeat('v', 5000)"),
                    of("varchar(8)", "it's \\ x", ""),
                    of("char(5)", "ab   ", "     ", "üüüüü"),
                    of("bpchar", "ab", "ab   ", "").big("repeat('b ', 5000)"),
                    of("\"char\"", "x", "", "\\", "'").since(16, "\\377", "\\200"),
                    of("name", "Na me", "", "\"q\"", "ü".repeat(31)),
                    of("bytea", "\\x", "\\x00", "\\x00ff5c275c6e").big("decode(repeat('00ff5c', 3000), 'hex')::text"),
                    of("uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "00000000-0000-0000-0000-000000000000"),
                    of("date", "2000-02-29", "infinity", "-infinity", "4714-11-24 BC", "5874897-12-31", "0001-12-31 BC"),
                    of("time", "00:00:00", "24:00:00", "23:59:59.999999"),
                    of("time(0)", "00:00:00", "24:00:00"),
                    of("timetz", "24:00:00+05:30", "00:00:00-15:59:59", "00:00:00+15:59", "12:00:00.1+00"),
                    of("timestamp", "2000-01-01 00:00:00", "infinity", "-infinity", "294276-12-31 23:59:59.999999", "4714-11-24 00:00:00 BC"),
                    of("timestamptz", "2000-01-01 00:00:00+00", "infinity", "-infinity", "294276-12-31 23:59:59.999999+00", "4714-11-24 00:00:00+00 BC", "1883-11-18 12:00:00+00"),
                    of("timestamptz(3)", "0044-03-15 12:00:00.123+00 BC", "infinity"),
                    of("interval", "1 day", "24:00:00", "30 days", "1 mon", "00:00:00", "-1 years -2 mons +3 days -04:05:06.789", "-178000000 years", "2147483647 days").since(17, "infinity", "-infinity"),
                    of("interval(3)", "00:00:01.123"),
                    of("interval day to second", "3 days 04:05:06"),
                    of("inet", "10.0.0.1", "10.0.0.1/8", "::1", "::ffff:1.2.3.4/96", "0.0.0.0/0"),
                    of("cidr", "10.0.0.0/8", "::/0", "10.0.0.1/32"),
                    of("macaddr", "08:00:2b:01:02:03"),
                    of("macaddr8", "08:00:2b:01:02:03:04:05"),
                    of("bit(3)", "101", "000"),
                    of("bit(24000)", "01".repeat(12000), "1".repeat(24000)).is(ALL_BIG, NO_ARRAY, NO_KEY),
                    of("bit varying", "10011", "", "0", "00").big("repeat('10', 15000)"),
                    of("json", "1", "null", "{\"a\":  1, \"a\": null}", "\"\\u0000 \\ud83d\\ude00\"", " [] ").big("'[\"' || repeat('x', 9000) || '\"]'"),
                    of("jsonb", "1.0", "1.00", "null", "{\"k\": \"\\\\\\\"\\n\"}", "{}", "[]", "\"\"", "1e300").big("'{\"a\": \"' || repeat('ü', 9000) || '\"}'"),
                    of("jsonpath", "$", "$.\"a\"[*]?(@.\"b\" > 1)", "strict $.\"ü\\\"\"").big("'$.\"' || repeat('a', 9000) || '\"'"),
                    of("xml", "<a>&lt;</a>", "", "text <b/>", "<?xml version=\"1.0\"?><a/>", "<!DOCTYPE a><a/>", "<a>ü→</a>").big("'<a>' || repeat('x ', 5000) || '</a>'"),
                    of("tsvector", "'a'", "", "'it''s' 'word':1A,2", "'\\\\' 'ü'").big("SELECT string_agg('''w' || i || '''', ' ') FROM generate_series(1, 2000) i"),
                    of("tsquery", "'a'", "", "'it''s' & !'x'", "'a' <-> 'b':*AB"),
                    of("point", "(1.5,-2)", "(NaN,Infinity)", "(0,-0)"),
                    of("line", "{1,-1,0}", "{0.1,0,-0}"),
                    of("lseg", "[(1,2),(3,4)]"),
                    of("box", "(3,4),(1,2)", "(4,3),(1,2)", "(0,0),(0,0)").is(SEMICOLON),
                    of("path", "[(0,0),(1,1)]", "((0,0),(1,1))").big("'[' || repeat('(1,2),', 1000) || '(3,4)]'"),
                    of("polygon", "((0,0),(1,1),(1,0))").big("'(' || repeat('(1,2),', 1000) || '(3,4))'"),
                    of("circle", "<(1,2),3>", "<(2,1),3>"),
                    of("int4range", "[1,5)", "empty", "(,)", "[1,)"),
                    of("int8range", "[1,5)", "empty", "(,-9223372036854775808)"),
                    of("numrange", "[1.0,2)", "[1.00,2)", "(1,2]", "empty", "[NaN,)").big("'[' || repeat('1234567890', 900) || ',)'"),
                    of("daterange", "[2000-01-01,2000-02-01)", "[-infinity,infinity)", "empty"),
                    of("tsrange", "[\"2000-01-01 00:00:00\",infinity]", "(,)"),
                    of("tstzrange", "[\"2020-01-01 00:00:00+00\",)", "empty"),
                    of("int4multirange", "{[1,3),[7,9)}", "{}", "{(,)}").big(MANY_RANGES.formatted("i * 2", "i * 2 + 1")),
                    of("int8multirange", "{[1,3)}", "{}").big(MANY_RANGES.formatted("i * 2", "i * 2 + 1")),
                    of("nummultirange", "{[1.0,3)}", "{[1.00,3)}", "{}").big(MANY_RANGES.formatted("i * 2", "i * 2 + 1")),
                    of("datemultirange", "{[2000-01-01,2000-01-05)}", "{}").big(days("i * 2", "i * 2 + 1")),
                    of("tsmultirange", "{[\"2000-01-01 00:00:00\",)}", "{}").big(days("i * 2", "i * 2 + 1")),
                    of("tstzmultirange", "{[\"2000-01-01 00:00:00+00\",)}", "{}").big(days("i * 2", "i * 2 + 1")),
                    of("oid", "0", "4294967295"),
                    of("xid", "0", "4294967295"),
                    of("cid", "0", "4294967295"),
                    of("xid8", "0", "18446744073709551615"),
                    of("tid", "(0,1)", "(4294967295,65535)"),
                    of("pg_lsn", "0/0", "16/B374D848", "FFFFFFFF/FFFFFFFF"),
                    of("pg_snapshot", "1:1:", "10:20:10,14,15").big("SELECT '1:100000:' || string_agg(i::text, ',') FROM generate_series(1, 3000) i"),
                    of("txid_snapshot", "1:1:", "10:20:10,14,15").big("SELECT '1:100000:' || string_agg(i::text, ',') FROM generate_series(1, 3000) i"),
                    of("oidvector", "1 2 3", ""),
                    of("int2vector", "1 2 3", "").is(NO_ARRAY),
                    of("int2vector[]", "{\"1 2\",NULL,\"\"}", "{}").big("'{\"1 2\"' || repeat(',\"1 2\"', 500) || '}'").is(NO_ARRAY),
                    of("refcursor", "c", "", "my \"cursor\"").big("repeat('c', 5000)"),
                    of("aclitem", "postgres=arwdDxt/postgres", "=r/postgres", "postgres=r*/postgres"),
                    of("regclass", "pg_class", "-", "99999999"),
                    of("regproc", "now", "-", "99999999"),
                    of("regprocedure", "abs(integer)", "-", "99999999"),
                    of("regoper", "||/", "0", "99999999"),
                    of("regoperator", "*(integer,integer)", "0", "99999999"),
                    of("regtype", "integer", "-", "character varying", "int4range[]", "99999999"),
                    of("regnamespace", "pg_catalog", "-", "99999999"),
                    of("regrole", "postgres", "-", "99999999"),
                    of("regcollation", "\"C\"", "-", "99999999"),
                    of("regconfig", "english", "-", "99999999"),
                    of("regdictionary", "simple", "-", "99999999"),
                    of("information_schema.cardinal_number", "0", "7"),
                    of("information_schema.character_data", "x", "").big("repeat('x', 5000)"),
                    of("information_schema.sql_identifier", "x"),
                    of("information_schema.time_stamp", "2000-01-01 00:00:00.12+00"),
                    of("information_schema.yes_or_no", "YES", "NO"),
                    of("t.mood", "sad", "o'k", "ü\"\\ ").needs(MOOD),
                    of("\"T 2\".mood", "glad", "SAD").needs("CREATE TYPE \"T 2\".mood AS ENUM ('glad', 'SAD')"),
                    of("\"T 2\".\"Mood\"", "x").needs("CREATE TYPE \"T 2\".\"Mood\" AS ENUM ('x')"),
                    of("t.\"größe\"", "大", "S").needs("CREATE TYPE t.\"größe\" AS ENUM ('S', '大')"),
                    of("t.posint", "7", "2147483647").needs("CREATE DOMAIN t.posint AS int CHECK (value > 0)"),
                    of("t.present", "x", "").needs("CREATE DOMAIN t.present AS text NOT NULL").big("repeat('p', 5000)").is(NOT_NULL),
                    of("t.short", "abc", "").needs("CREATE DOMAIN t.short AS varchar(3)"),
                    of("t.code", "ab ", "abc").needs("CREATE DOMAIN t.code AS char(3)"),
                    of("t.\"numéro\"", "1.50", "NaN").needs("CREATE DOMAIN t.\"numéro\" AS numeric(5,2)"),
                    of("t.feeling", "sad", "o'k").needs(MOOD, "CREATE DOMAIN t.feeling AS t.mood"),
                    of("t.feelings", "{sad,NULL}", "{}").needs(MOOD, "CREATE DOMAIN t.feelings AS t.mood[]").big("'{' || repeat('sad,', 3000) || 'sad}'"),
                    of("t.document", "{\"a\":  1}", "null").needs("CREATE DOMAIN t.document AS json").big("'[\"' || repeat('x', 9000) || '\"]'"),
                    of("t.paper", "1.0", "1.00").needs("CREATE DOMAIN t.paper0 AS jsonb", "CREATE DOMAIN t.paper AS t.paper0").big("'[\"' || repeat('x', 9000) || '\"]'"),
                    of("t.place", "(1,2)", "(2,1)").needs("CREATE DOMAIN t.place AS point"),
                    of("t.thing", "pg_class", "-").needs("CREATE DOMAIN t.thing AS regclass"),
                    of("t.ints", "{1,NULL}", "[0:0]={1}", "{{1},{2}}").needs("CREATE DOMAIN t.ints AS int[]").big("'{' || repeat('1,', 3000) || '1}'"),
                    of("t.pair", "(1,\"x,y \"\"z\"\"\\\\ \")", "(,)", "(,\"\")", "(1,NULL)").needs(PAIR).big("'(1,' || repeat('x', 9000) || ')'"),
                    of("t.couple", "(1,x)", "(,)").needs(PAIR, "CREATE DOMAIN t.couple AS t.pair CHECK ((value).a IS NULL OR (value).a > 0)").big("'(1,' || repeat('x', 9000) || ')'"),
                    of("t.\"Nested Type\"", "(\"(1,a)\",\"{\"\"(2,b)\"\",NULL}\",sad,1,\"[1,2)\")", "(,,,,)").needs(PAIR, MOOD, "CREATE DOMAIN t.posint AS int CHECK (value > 0)", "CREATE TYPE t.\"Nested Type\" AS (\"A b\" t.pair, pairs t.pair[], m t.mood, p t.posint, r int4range)").big("'(\"(1,' || repeat('x', 9000) || ')\",,,,)'"),
                    of("t.mixed", "(\"{\"\"a\"\":  1}\",\"(1,2)\",1.0)", "(,,)", "(,,1.00)").needs("CREATE TYPE t.mixed AS (j json, p point, n numeric)").big("'(\"[' || repeat(' ', 9000) || ']\",,)'").is(NO_KEY),
                    of("t.cut", "(1,z)", "(,)").needs("CREATE TYPE t.cut AS (a int, gone text, b text)", "ALTER TYPE t.cut DROP ATTRIBUTE gone").big("'(1,' || repeat('x', 9000) || ')'"),
                    of("t.\"Range\"", "[a,b)", "empty", "[\"\",\"x y\"]").needs("CREATE TYPE t.\"Range\" AS RANGE (subtype = text, collation = \"C\", multirange_type_name = t.\"Ranges\")"),
                    of("t.\"Ranges\"", "{[a,b),[c,d]}", "{}").needs("CREATE TYPE t.\"Range\" AS RANGE (subtype = text, collation = \"C\", multirange_type_name = t.\"Ranges\")").big("SELECT '{' || string_agg(format('[%s,%s0]', 10000 + i, 10000 + i), ',') || '}' FROM generate_series(1, 1500) i"),
                    of("t.floats", "[1.5,2)", "(,)", "[-0,0]").needs("CREATE TYPE t.floats AS RANGE (subtype = float8, subtype_diff = float8mi, multirange_type_name = t.floats_multi)"),
                    of("int[]", "{1,NULL,3}", "[0:1]={1,2}", "{1,2}", "{}", "{{1,2},{3,4}}").big("'{' || repeat('1,', 3000) || '1}'").is(NO_ARRAY),
                    of("text[]", "{\"a,b\",\"q\\\"\",\"\",NULL,\"NULL\",\"{}\"}", "{}").big("'{' || repeat('abc,', 3000) || '1}'").is(NO_ARRAY),
                    of("citext", "CaSe", "case", "").needs(CITEXT).big("repeat('cI', 5000)"),
                    of("t.login", "CaSe", "case").needs(CITEXT, "CREATE DOMAIN t.login AS citext").big("repeat('cI', 5000)"),
                    of("\"Ext Schéma\".hstore", "\"a\"=>\"1\", \"b\"=>NULL", "", "\"NULL\"=>\"\"").needs(HSTORE).big("'a=>' || repeat('x', 9000)"),
                    of("ltree", "Top.Science", "").needs(LTREE).big("repeat('abc.', 3000) || 'x'"),
                    of("lquery", "*.foo|bar{1,2}.baz@*").needs(LTREE).big("repeat('abc.', 3000) || 'x'"),
                    of("ltxtquery", "foo & !bar@").needs(LTREE).big("repeat('abc & ', 1000) || 'x'"),
                    of("cube", "(0, 1),(2, 3)", "(1)", "(0.1)").needs("CREATE EXTENSION cube SCHEMA public"),
                    of("seg", "1.5", "1.0 .. 2.00", "~5").needs("CREATE EXTENSION seg SCHEMA public"),
                    of("isbn13", "978-0-393-04002-9").needs("CREATE EXTENSION isn SCHEMA public"),
                    of("query_int", "1&2|!3").needs("CREATE EXTENSION intarray SCHEMA public"),
                    of("lo", "4294967295").needs("CREATE EXTENSION lo SCHEMA public"));

    // spotless:on

    private TypeCases() {}
}
