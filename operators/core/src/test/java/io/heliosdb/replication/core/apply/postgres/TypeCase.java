package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.snapshot.SourceAndTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A type, and values of it: one line of {@link TypeCases}.
 *
 * @param ddl the type as a column has it
 * @param values texts of values; the first is short
 * @param big an SQL expression of a text whose value does not fit into a page; null if there is no
 *     such value
 * @param needs statements without which the type does not exist
 * @param options what is special about it
 */
record TypeCase(
        String ddl,
        List<String> values,
        @Nullable String big,
        List<String> needs,
        List<Option> options) {

    /** What is special about a type. */
    enum Option {
        /** Refuses NULL, also as an element of an array. */
        NOT_NULL,
        /** Every value is large. */
        ALL_BIG,
        /** Has no array type of its own, or is one. */
        NO_ARRAY,
        /** Elements of its arrays stand between semicolons. */
        SEMICOLON,
        /** An index accepts the type but not its values. */
        NO_KEY
    }

    /** More than fits into a row without TOAST. */
    private static final int BIG_BYTES = 2600;

    static TypeCase of(String ddl, String... values) {
        return new TypeCase(ddl, List.of(values), null, List.of(), List.of());
    }

    TypeCase big(String expression) {
        return new TypeCase(ddl, values, expression, needs, options);
    }

    TypeCase needs(String... statements) {
        return new TypeCase(ddl, values, big, List.of(statements), options);
    }

    TypeCase is(Option... more) {
        return new TypeCase(ddl, values, big, needs, List.of(more));
    }

    /** Values that servers of this major version and later have. */
    TypeCase since(int version, String... more) {
        return SourceAndTarget.oldestVersion() < version
                ? this
                : new TypeCase(
                        ddl,
                        Stream.concat(values.stream(), Stream.of(more)).toList(),
                        big,
                        needs,
                        options);
    }

    boolean has(Option option) {
        return options.contains(option);
    }

    boolean hasArray() {
        return !has(Option.NO_ARRAY);
    }

    boolean hasNulls() {
        return !has(Option.NOT_NULL);
    }

    String name() {
        return ddl.replace("[]", " array").replaceAll("[\" .()\\[\\],]+", " ").trim();
    }

    /** SQL rows of the table of values: ordinal, value, array. The big one has ordinal -1. */
    List<String> rows() {
        int count = Math.max(values.size() + (hasNulls() ? 1 : 0), 6);
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(row(i, value(i), hasArray() ? array(i) : "NULL"));
        }
        String manifold =
                hasArray()
                        ? "('{' || array_to_string(array_fill(%s::text, ARRAY[%d / pg_column_size(%s) + 1]), '%s') || '}')::%s[]"
                                .formatted(
                                        literal(element(0)), BIG_BYTES, value(0), delimiter(), ddl)
                        : "NULL";
        rows.add(row(-1, big == null ? value(0) : "(" + big + ")::" + ddl, manifold));
        return rows;
    }

    private static String row(int ordinal, String value, String array) {
        return "(" + ordinal + ", " + value + ", " + array + ")";
    }

    private String value(int index) {
        return index < values.size()
                ? literal(values.get(index)) + "::" + ddl
                : hasNulls() ? "NULL" : literal(values.get(0)) + "::" + ddl;
    }

    /** Empty, flat with NULL, nested, with lower bounds of its own, NULL, everything. */
    private String array(int index) {
        String a = element(index);
        String b = element(index + 1);
        String none = hasNulls() ? "NULL" : a;
        String d = delimiter();
        String text =
                switch (index % 6) {
                    case 0 -> "{}";
                    case 1 -> "{" + a + d + none + d + b + "}";
                    case 2 -> "{{" + a + d + b + "}" + d + "{" + none + d + a + "}}";
                    case 3 -> "[-1:0][5:5]={{" + a + "}" + d + "{" + b + "}}";
                    case 4 -> null;
                    default ->
                            Stream.concat(
                                            Stream.iterate(0, i -> i + 1)
                                                    .limit(values.size())
                                                    .map(this::element),
                                            Stream.of(none))
                                    .collect(Collectors.joining(d, "{", "}"));
                };
        return text == null ? "NULL" : literal(text) + "::" + ddl + "[]";
    }

    private String element(int index) {
        String value = values.get(index % values.size());
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private String delimiter() {
        return has(Option.SEMICOLON) ? ";" : ",";
    }

    static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    @Override
    public String toString() {
        return ddl;
    }
}
