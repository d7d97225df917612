package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.model.config.TableFilter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table filter as text: a line per pattern, {@code +} for those included and {@code -} for those
 * excluded; no line for all tables. What is written reads back equal.
 */
final class FilterText {

    private FilterText() {}

    static @Nullable String write(@Nullable TableFilter filter) {
        if (filter == null) {
            return null;
        }
        List<String> lines = new ArrayList<>();
        filter.include().forEach(pattern -> lines.add('+' + escaped(pattern)));
        filter.exclude().forEach(pattern -> lines.add('-' + escaped(pattern)));
        return String.join("\n", lines);
    }

    static @Nullable TableFilter read(@Nullable String text) {
        if (text == null) {
            return null;
        }
        List<String> include = new ArrayList<>();
        List<String> exclude = new ArrayList<>();
        for (String line : text.isEmpty() ? new String[0] : text.split("\n", -1)) {
            (line.startsWith("+") ? include : exclude).add(unescaped(line.substring(1)));
        }
        return new TableFilter(include, exclude);
    }

    private static String escaped(String pattern) {
        return pattern.replace("\\", "\\\\").replace("\n", "\\n");
    }

    private static String unescaped(String text) {
        StringBuilder pattern = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
                c = text.charAt(i) == 'n' ? '\n' : text.charAt(i);
            }
            pattern.append(c);
        }
        return pattern.toString();
    }
}
