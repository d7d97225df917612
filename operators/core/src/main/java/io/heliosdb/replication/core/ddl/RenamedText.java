package io.heliosdb.replication.core.ddl;

import java.util.Map;

/**
 * Definitions as PostgreSQL writes them, compared whatever columns are called by now. A function of
 * a renamed column's name is taken for it: then definitions differ that do not.
 */
final class RenamedText {

    private RenamedText() {}

    /**
     * The text with every identifier quoted, and the renamed ones under their new names.
     *
     * @param names new names by old
     */
    static String of(String definition, Map<String, String> names) {
        StringBuilder text = new StringBuilder(definition.length() + 16);
        int at = 0;
        while (at < definition.length()) {
            char c = definition.charAt(at);
            int end;
            if (c == '\'' || c == '"') {
                end = quoted(definition, at);
                String token = definition.substring(at, end);
                text.append(c == '"' ? named(token, names) : token);
            } else if (Character.isLetter(c) || c == '_') {
                end = at + 1;
                while (end < definition.length() && isPart(definition.charAt(end))) {
                    end++;
                }
                text.append(named('"' + definition.substring(at, end) + '"', names));
            } else {
                end = at + 1;
                text.append(c);
            }
            at = end;
        }
        return text.toString();
    }

    /** Where what begins here with a quotation mark ends; marks within it are doubled. */
    private static int quoted(String text, int from) {
        char mark = text.charAt(from);
        int at = from + 1;
        while (at < text.length()) {
            if (text.charAt(at) == mark) {
                if (at + 1 == text.length() || text.charAt(at + 1) != mark) {
                    return at + 1;
                }
                at++;
            }
            at++;
        }
        return at;
    }

    private static boolean isPart(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '$';
    }

    private static String named(String quoted, Map<String, String> names) {
        String name = quoted.substring(1, quoted.length() - 1).replace("\"\"", "\"");
        String now = names.get(name);
        return now == null ? quoted : '"' + now.replace("\"", "\"\"") + '"';
    }
}
