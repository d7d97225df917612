package io.heliosdb.replication.core.apply.postgres;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heliosdb.replication.model.RelationDescriptor;
import java.nio.charset.StandardCharsets;

/** A change as people read it. */
final class ChangeText {

    private ChangeText() {}

    static String operation(byte[] bytes, int change) {
        return switch (bytes[change]) {
            case Changes.INSERT -> "INSERT";
            case Changes.UPDATE -> "UPDATE";
            case Changes.DELETE -> "DELETE";
            default -> "TRUNCATE";
        };
    }

    /** What a DDL change says, in JSON. */
    static String ddl(byte[] bytes, int change) {
        int length = Changes.i32(bytes, change + 3);
        String text = new String(bytes, change + 7, length, StandardCharsets.UTF_8);
        return JsonNodeFactory.instance.objectNode().put("ddl", text).toString();
    }

    /** The row as JSON, by column: the new one, or of a DELETE what is known of the old one. */
    static String json(RelationDescriptor relation, byte[] bytes, int change) {
        if (bytes[change] == Changes.TRUNCATE) {
            return "null";
        }
        int tuple =
                bytes[change] == Changes.DELETE
                        ? Changes.oldTuple(change)
                        : Changes.newTuple(bytes, change);
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        int at = tuple + 2;
        for (RelationDescriptor.Column column : relation.columns()) {
            int end = Changes.columnEnd(bytes, at);
            if (bytes[at] == Changes.NULL) {
                row.putNull(column.name());
            } else if (bytes[at] != Changes.UNCHANGED) {
                row.put(
                        column.name(),
                        new String(bytes, at + 5, end - at - 5, StandardCharsets.UTF_8));
            }
            at = end;
        }
        return row.toString();
    }
}
