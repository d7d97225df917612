package io.heliosdb.replication.core.ddl;

import java.util.List;
import java.util.Set;

/**
 * Changes of a column's type after which the new value is what the old value's text means in the
 * new type, whoever converts it: the source with the cast that ALTER TABLE takes by itself, the
 * target with the same, or a row of before by its text.
 */
final class TypeConversions {

    /** Each is written as in those behind it. */
    private static final List<String> NUMBERS = List.of("smallint", "integer", "bigint", "numeric");

    private static final Set<String> TEXTS = Set.of("text", "character varying");

    /** No two of them have their values stored alike, those of {@link #TEXTS} apart. */
    private static final Set<String> DISTINCT =
            Set.of(
                    "smallint",
                    "integer",
                    "bigint",
                    "numeric",
                    "real",
                    "double precision",
                    "boolean",
                    "uuid",
                    "date",
                    "timestamp without time zone",
                    "timestamp with time zone",
                    "json",
                    "jsonb",
                    "bytea",
                    "text",
                    "character varying");

    private TypeConversions() {}

    /** Whether that holds for these types, as {@code format_type} writes them. */
    static boolean exact(String from, String to) {
        String before = base(from);
        String after = base(to);
        if (before.equals(after)) {
            return before.equals("numeric") || before.equals("character varying");
        }
        int number = NUMBERS.indexOf(before);
        return number >= 0 && NUMBERS.indexOf(after) > number
                || (number >= 0 || before.equals("uuid") || TEXTS.contains(before))
                        && TEXTS.contains(after);
    }

    /**
     * Whether the source has certainly written all rows anew, and not exactly: then every
     * replication copies the table when it comes to that.
     */
    static boolean rewrites(String from, String to) {
        String before = base(from);
        String after = base(to);
        return !before.equals(after)
                && DISTINCT.contains(before)
                && DISTINCT.contains(after)
                && !exact(from, to);
    }

    /** Without the length. */
    private static String base(String type) {
        int open = type.indexOf('(');
        int close = type.indexOf(')');
        return open < 0 ? type : type.substring(0, open) + type.substring(close + 1);
    }
}
