package io.heliosdb.replication.core.ddl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heliosdb.replication.core.schema.SequenceDefinition;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.core.schema.TypeStatements;
import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the JSON that {@code capture.sql} makes. */
public final class DdlJson {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int VERSION = 1;

    private DdlJson() {}

    static DdlMessage message(String json) {
        JsonNode message = tree(json);
        int version = message.path("version").asInt();
        if (version != VERSION) {
            throw new IllegalArgumentException("DDL message of version " + version);
        }
        List<ObjectChange> objects = new ArrayList<>();
        for (JsonNode type : message.path("types")) {
            objects.add(
                    new ObjectChange.OfType(
                            orNull(type.path("before"), DdlJson::type),
                            orNull(type.path("after"), DdlJson::type)));
        }
        for (JsonNode sequence : message.path("sequences")) {
            objects.add(
                    new ObjectChange.OfSequence(
                            orNull(sequence.path("before"), DdlJson::sequence),
                            orNull(sequence.path("after"), DdlJson::sequence)));
        }
        for (JsonNode other : message.path("others")) {
            objects.add(other(other));
        }
        return new DdlMessage(
                message.path("tag").asText(),
                message.path("command").asText(),
                rewritten(list(message.path("tables"), DdlJson::change)),
                objects,
                list(message.path("needed"), DdlJson::type));
    }

    /** Rows are written anew in partitions; the conversion is that of the table above them. */
    private static List<TableChange> rewritten(List<TableChange> changes) {
        boolean any = changes.stream().anyMatch(TableChange::rewritten);
        return changes.stream()
                .map(
                        it ->
                                any && it.after() != null && it.after().definition().partitioned()
                                        ? new TableChange(
                                                it.before(),
                                                it.after(),
                                                it.publishedBefore(),
                                                it.published(),
                                                true)
                                        : it)
                .toList();
    }

    private static JsonNode tree(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("DDL message: " + e.getOriginalMessage(), e);
        }
    }

    /** A table's definition by itself. */
    public static TableShape shape(String json) {
        return shape(tree(json));
    }

    private static TableChange change(JsonNode table) {
        return new TableChange(
                orNull(table.path("before"), DdlJson::shape),
                orNull(table.path("after"), DdlJson::shape),
                Set.copyOf(list(table.path("publicationsBefore"), JsonNode::asText)),
                Set.copyOf(list(table.path("publications"), JsonNode::asText)),
                table.path("rewritten").asBoolean());
    }

    private static TableShape shape(JsonNode table) {
        List<Integer> numbers = new ArrayList<>();
        Map<Integer, String> missing = new HashMap<>();
        for (JsonNode column : table.path("columns")) {
            numbers.add(column.path("number").asInt());
            if (column.hasNonNull("missing")) {
                missing.put(column.path("number").asInt(), column.path("missing").asText());
            }
        }
        Set<String> inherited = new HashSet<>();
        for (JsonNode constraint : table.path("constraints")) {
            if (constraint.path("inherited").asBoolean()) {
                inherited.add(constraint.path("name").asText());
            }
        }
        return new TableShape(
                definition(table),
                root(table),
                numbers,
                missing,
                Set.copyOf(list(table.path("identityNumbers"), JsonNode::asInt)),
                inherited,
                list(table.path("sequences"), DdlJson::sequence),
                table.toString(),
                (int) table.path("oid").asLong());
    }

    private static @Nullable TableId root(JsonNode table) {
        JsonNode root = table.path("root");
        return root.isArray() ? new TableId(root.path(0).asText(), root.path(1).asText()) : null;
    }

    private static TableDefinition definition(JsonNode table) {
        List<TableId> parents =
                new ArrayList<>(
                        list(
                                table.path("parents"),
                                parent ->
                                        new TableId(
                                                parent.path(0).asText(), parent.path(1).asText())));
        TableDefinition.Partition partition =
                table.path("partition").asBoolean() && !parents.isEmpty()
                        ? new TableDefinition.Partition(
                                parents.remove(0), table.path("bound").asText())
                        : null;
        return new TableDefinition(
                id(table),
                flag(table, "kind") == 'p',
                flag(table, "persistence") == 'u',
                list(table.path("columns"), DdlJson::column),
                list(table.path("constraints"), DdlJson::constraint),
                list(table.path("indexes"), DdlJson::index),
                list(table.path("options"), JsonNode::asText),
                text(table, "partitionKey"),
                partition,
                parents,
                flag(table, "replicaIdentity"));
    }

    private static TableDefinition.Column column(JsonNode column) {
        return new TableDefinition.Column(
                column.path("name").asText(),
                column.path("type").asText(),
                column.path("keyType").asText(),
                text(column, "collation"),
                text(column, "expression"),
                column.path("notNull").asBoolean(),
                flag(column, "identity"),
                flag(column, "generated"));
    }

    private static TableDefinition.Constraint constraint(JsonNode constraint) {
        return new TableDefinition.Constraint(
                constraint.path("name").asText(),
                flag(constraint, "kind"),
                constraint.path("definition").asText(),
                constraint.path("validated").asBoolean(),
                named(constraint, "otherSchema", "otherTable"));
    }

    private static TableDefinition.Index index(JsonNode index) {
        return new TableDefinition.Index(
                id(index),
                index.path("definition").asText(),
                index.path("ofConstraint").asBoolean(),
                index.path("identity").asBoolean(),
                named(index, "parentSchema", "parentName"));
    }

    private static SequenceDefinition sequence(JsonNode sequence) {
        TableId owner = named(sequence, "ownerSchema", "ownerTable");
        return new SequenceDefinition(
                id(sequence),
                sequence.path("type").asText(),
                sequence.path("start").asLong(),
                sequence.path("increment").asLong(),
                sequence.path("minimum").asLong(),
                sequence.path("maximum").asLong(),
                sequence.path("cache").asLong(),
                sequence.path("cycle").asBoolean(),
                owner == null
                        ? null
                        : new SequenceDefinition.Owner(
                                owner, sequence.path("ownerColumn").asText()),
                sequence.path("ofIdentity").asBoolean());
    }

    private static ObjectChange.UserType type(JsonNode type) {
        List<String> parts = list(type.path("parts"), JsonNode::asText);
        char kind = flag(type, "kind");
        return new ObjectChange.UserType(
                TypeStatements.definition(id(type), kind, parts),
                kind,
                parts,
                list(type.path("labelIds"), JsonNode::asLong));
    }

    private static ObjectChange other(JsonNode other) {
        String kind = other.path("kind").asText();
        return switch (kind) {
            case "extension" ->
                    new ObjectChange.Extension(
                            other.path("name").asText(), other.path("schema").asText());
            case "drop index" -> new ObjectChange.DroppedIndex(id(other));
            case "drop schema" -> new ObjectChange.DroppedSchema(other.path("name").asText());
            case "unclear" -> new ObjectChange.Unclear(other.path("name").asText());
            default -> throw new IllegalArgumentException("DDL message about a " + kind);
        };
    }

    private static TableId id(JsonNode named) {
        return new TableId(named.path("schema").asText(), named.path("name").asText());
    }

    private static @Nullable TableId named(JsonNode node, String schema, String name) {
        return node.hasNonNull(schema)
                ? new TableId(node.path(schema).asText(), node.path(name).asText())
                : null;
    }

    private static @Nullable String text(JsonNode node, String field) {
        return node.hasNonNull(field) ? node.path(field).asText() : null;
    }

    /** A "char" column; blank for the empty one. */
    private static char flag(JsonNode node, String field) {
        String text = node.path(field).asText();
        return text.isEmpty() ? ' ' : text.charAt(0);
    }

    private static <T> @Nullable T orNull(JsonNode node, Function<JsonNode, T> read) {
        return node.isMissingNode() || node.isNull() ? null : read.apply(node);
    }

    private static <T> List<T> list(JsonNode array, Function<JsonNode, T> read) {
        List<T> items = new ArrayList<>();
        array.forEach(item -> items.add(read.apply(item)));
        return items;
    }
}
