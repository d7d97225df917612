package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.postgres.TypeCase.Option;
import io.heliosdb.replication.model.TableId;

/**
 * A table with a column of a type, one of its array type, and one way to find its rows. Writes the
 * statements that work on it.
 *
 * <p>Row n belongs to tenant {@code ü 2} if n is a multiple of ten, else to tenant {@code a}. Its
 * value is one of the table of values, {@code v."type" (ord, k, v, a)}: k counts those that a key
 * may have.
 */
record TypeTable(TypeCase type, Kind kind) {

    /** Whether and how the type takes part in finding rows. */
    enum Kind {
        /** By number; replica identity DEFAULT. */
        D("PRIMARY KEY (\"tenant\", n)"),
        /** By number; replica identity USING INDEX. */
        I("UNIQUE (\"tenant\", n)"),
        /** By the whole row, of which many look alike. */
        F(""),
        /** By the value as part of the key; DEFAULT. */
        K("PRIMARY KEY (\"tenant\", n, \"Välue\")"),
        /** By the value as part of the key; USING INDEX. */
        KI("UNIQUE (\"tenant\", n, \"Välue\")"),
        /** By the value as part of the key; FULL. */
        KF("PRIMARY KEY (\"tenant\", n, \"Välue\")");

        final String key;

        Kind(String key) {
            this.key = key;
        }

        boolean ofValue() {
            return name().startsWith("K");
        }
    }

    static final String SCHEMA = "Dätä";

    TableId id() {
        return new TableId(SCHEMA, kind + " ° " + type.name());
    }

    String quoted() {
        return id().quoted();
    }

    private String values() {
        return new TableId("v", type.name()).quoted();
    }

    /** Stores what is large apart however well it could be compressed. */
    private static String storeApart(String table, String... columns) {
        return """
               DO $$DECLARE c text; BEGIN
               FOR c IN SELECT attname FROM pg_attribute WHERE attrelid = '%s'::regclass
                        AND attstorage <> 'p' AND attname IN ('%s')
               LOOP EXECUTE format('ALTER TABLE %%s ALTER %%I SET STORAGE EXTERNAL', '%s', c);
               END LOOP; END$$\
               """
                .formatted(table, String.join("', '", columns), table);
    }

    /** Here too: what is compressed is copied compressed. */
    String storeValuesApart() {
        return storeApart(values(), "v", "a");
    }

    String storeApart() {
        return storeApart(quoted(), "Välue", "ARR");
    }

    String createValues() {
        return "CREATE TABLE %s (ord int PRIMARY KEY, k int, v %s, a %s)"
                .formatted(values(), type.ddl(), array());
    }

    String insertValues() {
        return "INSERT INTO %s (ord, v, a) VALUES %s"
                .formatted(values(), String.join(", ", type.rows()));
    }

    String countKeys() {
        return """
               UPDATE %s SET k = o.k FROM
               (SELECT ord, row_number() OVER (ORDER BY ord) - 1 AS k FROM %s
                WHERE ord BETWEEN 0 AND %d) o WHERE o.ord = %s.ord\
               """
                .formatted(values(), values(), type.values().size() - 1, values());
    }

    private String array() {
        return type.has(Option.NO_ARRAY) ? "int[]" : type.ddl() + "[]";
    }

    String create() {
        boolean index = kind == Kind.I || kind == Kind.KI;
        return "CREATE TABLE %s (\"other col\" int, \"Välue\" %s%s, \"tenant\" text NOT NULL, \"ARR\" %s%s%s)"
                .formatted(
                        quoted(),
                        type.ddl(),
                        kind == Kind.KI ? " NOT NULL" : "",
                        array(),
                        kind == Kind.F ? "" : ", n int NOT NULL",
                        kind.key.isEmpty()
                                ? ""
                                : (index ? ", CONSTRAINT \"" + indexName() + "\" " : ", ")
                                        + kind.key);
    }

    private String indexName() {
        return "Key " + id().name();
    }

    /** The statement that sets the replica identity, or an empty one. */
    String identity() {
        String alter = "ALTER TABLE " + quoted() + " REPLICA IDENTITY ";
        return switch (kind) {
            case D, K -> alter + "DEFAULT";
            case I, KI -> alter + "USING INDEX \"" + indexName() + "\"";
            case F, KF -> alter + "FULL";
        };
    }

    /** Rows that exist; every twentieth is large. */
    String insert(int from, int to) {
        return insert(from, to, "CASE n % 10 WHEN 0 THEN 'ü 2' ELSE 'a' END");
    }

    String insert(int from, int to, String tenant) {
        boolean numbered = kind != Kind.F;
        String value =
                kind.ofValue()
                        ? "l.k = n % " + type.values().size()
                        : "l.ord = CASE WHEN n % 20 = 7 THEN -1 ELSE n % " + ordinals() + " END";
        String array =
                switch (kind) {
                    case D, I -> "b.ord = l.ord";
                    // Rows that differ in the value only, which the type may hold to be equal.
                    case F ->
                            "b.ord = CASE WHEN l.ord < 0 THEN -1 ELSE n / "
                                    + ordinals()
                                    + " % 6 END";
                    case K, KI, KF -> "b.ord = CASE WHEN n % 20 = 7 THEN -1 ELSE n % 6 END";
                };
        return """
               INSERT INTO %s ("other col", "Välue", "tenant", "ARR"%s)
               SELECT %s, l.v, %s, b.a%s FROM generate_series(%d, %d) n
               JOIN %s l ON %s JOIN %s b ON %s\
               """
                .formatted(
                        quoted(),
                        numbered ? ", n" : "",
                        numbered ? "n" : "0",
                        tenant,
                        numbered ? ", n" : "",
                        from,
                        to,
                        values(),
                        value,
                        values(),
                        array);
    }

    private int ordinals() {
        return Math.max(6, type.values().size() + (type.hasNulls() ? 1 : 0));
    }

    /** The rows between: by number, or some that look alike (each is searched by scanning). */
    private String these(int from, int to) {
        return kind == Kind.F
                ? "t.ctid = ANY (ARRAY(SELECT ctid FROM %s WHERE \"tenant\" <> 'x' ORDER BY ctid OFFSET %d LIMIT %d))"
                        .formatted(quoted(), from % 5, Math.min(to - from + 1, 60))
                : "t.n BETWEEN " + from + " AND " + to + " AND t.\"tenant\" <> 'x'";
    }

    private String number() {
        return kind == Kind.F ? "(t.ctid::text::point)[1]::int" : "t.n";
    }

    /** Gives rows other values; of a key, only what does not belong to it. */
    String update(int from, int to, int shift) {
        String set =
                switch (kind) {
                    case D, I -> "\"Välue\" = l.v, \"ARR\" = l.a";
                    case F -> "\"Välue\" = l.v";
                    case K, KI, KF -> "\"ARR\" = l.a";
                };
        return "UPDATE %s t SET %s FROM %s l WHERE l.ord = (%s + %d) %% %d AND %s"
                .formatted(quoted(), set, values(), number(), shift, ordinals(), these(from, to));
    }

    /** Leaves the values as they are. */
    String touch(int from, int to) {
        return "UPDATE %s t SET \"other col\" = \"other col\" + 10 WHERE %s"
                .formatted(quoted(), these(from, to));
    }

    /** Gives rows another key: a value, or a number. */
    String rekey(int from, int to, int shift) {
        return switch (kind) {
            case D, I ->
                    "UPDATE %s t SET n = n + 100000 WHERE %s".formatted(quoted(), these(from, to));
            case F -> touch(from, to);
            case K, KI, KF ->
                    "UPDATE %s t SET \"Välue\" = l.v FROM %s l WHERE l.k = (t.n + %d) %% %d AND %s"
                            .formatted(
                                    quoted(),
                                    values(),
                                    shift,
                                    type.values().size(),
                                    these(from, to));
        };
    }

    String delete(int from, int to) {
        return "DELETE FROM %s t WHERE %s".formatted(quoted(), these(from, to));
    }

    /** One line that changes if any byte of any row does. */
    String fingerprint() {
        return "SELECT count(*) || ' ' || coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '') FROM %s t WHERE \"tenant\" <> 'x'"
                .formatted(quoted());
    }

    String rows() {
        return "SELECT left(t::text, 2000) FROM %s t WHERE \"tenant\" <> 'x' ORDER BY 1"
                .formatted(quoted());
    }
}
