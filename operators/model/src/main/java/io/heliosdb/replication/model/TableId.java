package io.heliosdb.replication.model;

import java.io.Serializable;

/** A table by schema and name, as they stand in the catalog (no quotes, case kept). */
public record TableId(String schema, String name) implements Comparable<TableId>, Serializable {

    public TableId {
        if (schema.isEmpty() || name.isEmpty()) {
            throw new IllegalArgumentException(
                    "table needs schema and name: '" + schema + "'.'" + name + "'");
        }
    }

    /** Reads {@code schema.name} or {@code name} (then in schema {@code public}), unquoted. */
    public static TableId parse(String text) {
        int dot = text.indexOf('.');
        return dot < 0
                ? new TableId("public", text)
                : new TableId(text.substring(0, dot), text.substring(dot + 1));
    }

    /** The identifier for use in SQL: both parts quoted. */
    public String quoted() {
        return quote(schema) + "." + quote(name);
    }

    /** Quotes one identifier for use in SQL. */
    public static String quote(String identifier) {
        if (identifier.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("identifier contains a NUL character");
        }
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    @Override
    public int compareTo(TableId other) {
        int bySchema = schema.compareTo(other.schema);
        return bySchema != 0 ? bySchema : name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return schema + "." + name;
    }
}
