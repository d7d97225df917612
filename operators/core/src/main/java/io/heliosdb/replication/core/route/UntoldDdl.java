package io.heliosdb.replication.core.route;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heliosdb.replication.model.RelationDescriptor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads DDL from how the stream describes a table, where no event trigger tells of it: columns that
 * came, and columns that went. Both at a time may be a renaming, which nobody can tell: that is
 * left to people.
 */
final class UntoldDdl {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private UntoldDdl() {}

    /**
     * What {@code capture.sql} would have told; null for nothing.
     *
     * @param columns of the source's table now, with their types
     */
    static @Nullable String message(
            RelationDescriptor before,
            RelationDescriptor after,
            Map<String, String> columns,
            String publication) {
        List<String> came = new ArrayList<>();
        List<String> gone = new ArrayList<>();
        for (RelationDescriptor.Column column : after.columns()) {
            if (before.indexOf(column.name()) < 0 && columns.containsKey(column.name())) {
                came.add(column.name());
            }
        }
        for (RelationDescriptor.Column column : before.columns()) {
            // What is still there has only left the publication.
            if (after.indexOf(column.name()) < 0 && !columns.containsKey(column.name())) {
                gone.add(column.name());
            }
        }
        if (!before.table().equals(after.table())
                || !came.isEmpty() && !gone.isEmpty()
                || retyped(before, after)
                || !isNumbered(before, after)) {
            return unclear(before, after, gone, came);
        }
        if (came.isEmpty() && gone.isEmpty()) {
            return null;
        }
        ObjectNode change = JSON.objectNode();
        change.set("before", table(before, columns));
        change.set("after", table(after, columns));
        change.set("publicationsBefore", JSON.arrayNode().add(publication));
        change.set("publications", JSON.arrayNode().add(publication));
        // Nobody tells what rows of before read in a column that came.
        change.put("rewritten", !came.isEmpty());
        ObjectNode message = envelope("columns of " + after.table());
        message.set("tables", JSON.arrayNode().add(change));
        return message.toString();
    }

    /** Whether each column has a number of its own. */
    private static boolean isNumbered(RelationDescriptor before, RelationDescriptor after) {
        Map<Integer, String> names = new HashMap<>();
        for (RelationDescriptor relation : List.of(before, after)) {
            for (RelationDescriptor.Column column : relation.columns()) {
                String other = names.putIfAbsent(number(column.name()), column.name());
                if (other != null && !other.equals(column.name())) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean retyped(RelationDescriptor before, RelationDescriptor after) {
        for (RelationDescriptor.Column column : after.columns()) {
            int index = before.indexOf(column.name());
            if (index >= 0
                    && (before.columns().get(index).typeOid() != column.typeOid()
                            || before.columns().get(index).typeModifier()
                                    != column.typeModifier())) {
                return true;
            }
        }
        return false;
    }

    private static String unclear(
            RelationDescriptor before,
            RelationDescriptor after,
            List<String> gone,
            List<String> came) {
        String what =
                "table "
                        + before.table()
                        + " was altered at the source without being told of (columns gone "
                        + gone
                        + ", come "
                        + came
                        + (before.table().equals(after.table())
                                ? ""
                                : ", now called " + after.table())
                        + "): it may be a renaming or another type. ALTER TABLE "
                        + before.table().quoted()
                        + " accordingly";
        return unclear(what);
    }

    /** Something that is left to people, in words. */
    static String unclear(String what) {
        ObjectNode message = envelope(what);
        message.set(
                "others",
                JSON.arrayNode().add(JSON.objectNode().put("kind", "unclear").put("name", what)));
        return message.toString();
    }

    private static ObjectNode envelope(String command) {
        return JSON.objectNode().put("version", 1).put("tag", "RELATION").put("command", command);
    }

    /**
     * Stays the same from one event to the next, as the number of a column must, which a position
     * in the table does not.
     */
    private static int number(String column) {
        return column.hashCode() & Integer.MAX_VALUE;
    }

    private static ObjectNode table(RelationDescriptor relation, Map<String, String> types) {
        ArrayNode columns = JSON.arrayNode();
        ArrayNode identity = JSON.arrayNode();
        for (RelationDescriptor.Column column : relation.columns()) {
            int number = number(column.name());
            String type = types.getOrDefault(column.name(), "text");
            columns.add(
                    JSON.objectNode()
                            .put("number", number)
                            .put("name", column.name())
                            .put("type", type)
                            .put("keyType", type));
            if (column.identity()) {
                identity.add(number);
            }
        }
        ObjectNode table =
                JSON.objectNode()
                        .put("schema", relation.table().schema())
                        .put("name", relation.table().name())
                        .put("kind", "r")
                        .put("persistence", "p")
                        .put("replicaIdentity", "d");
        table.set("columns", columns);
        table.set("identityNumbers", identity);
        return table;
    }
}
