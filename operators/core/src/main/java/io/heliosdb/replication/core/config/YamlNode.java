package io.heliosdb.replication.core.config;

import java.util.List;
import java.util.Map;

/**
 * A YAML value that remembers where it stands. Scalars keep their text: the reader decides types.
 */
sealed interface YamlNode {

    Mark mark();

    /** "a text", "a list" or "a section", for messages. */
    String kind();

    /** Line and column, both from 1. */
    record Mark(int line, int column) implements Comparable<Mark> {
        @Override
        public int compareTo(Mark other) {
            return line != other.line
                    ? Integer.compare(line, other.line)
                    : Integer.compare(column, other.column);
        }
    }

    record Scalar(Mark mark, String text) implements YamlNode {
        @Override
        public String kind() {
            return text.isEmpty() ? "nothing" : "the single value '" + text + "'";
        }
    }

    /** A key without value, {@code ~} or {@code null}. */
    record Empty(Mark mark) implements YamlNode {
        @Override
        public String kind() {
            return "nothing";
        }
    }

    record Sequence(Mark mark, List<YamlNode> items) implements YamlNode {
        @Override
        public String kind() {
            return "a list";
        }
    }

    /** Entries in the order of the file. */
    record Mapping(Mark mark, Map<String, Entry> entries) implements YamlNode {
        @Override
        public String kind() {
            return "a section of keys";
        }
    }

    /** A key with the place of the key itself. */
    record Entry(Mark keyMark, YamlNode value) {}
}
