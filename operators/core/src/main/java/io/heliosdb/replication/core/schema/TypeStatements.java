package io.heliosdb.replication.core.schema;

import io.heliosdb.replication.model.TableId;
import java.util.List;
import java.util.stream.Collectors;

/** Writes the statement that creates a type from the parts the catalog query gives. */
public final class TypeStatements {

    private TypeStatements() {}

    /**
     * @param kind {@code typtype}
     * @param parts labels (enum), attributes (composite), base with options and then constraints
     *     (domain), options (range)
     */
    public static TypeDefinition definition(TableId id, char kind, List<String> parts) {
        String name = id.quoted();
        return switch (kind) {
            case 'e' ->
                    new TypeDefinition(
                            id,
                            "CREATE TYPE "
                                    + name
                                    + " AS ENUM "
                                    + parts.stream()
                                            .map(TypeStatements::literal)
                                            .collect(Collectors.joining(", ", "(", ")")),
                            parts);
            case 'c' ->
                    new TypeDefinition(id, "CREATE TYPE " + name + " AS " + list(parts), List.of());
            case 'd' ->
                    new TypeDefinition(
                            id,
                            parts.stream()
                                    // Nothing has values of it yet.
                                    .map(part -> part.replaceFirst(" NOT VALID$", ""))
                                    .collect(
                                            Collectors.joining(
                                                    " ", "CREATE DOMAIN " + name + " AS ", "")),
                            List.of());
            case 'r' ->
                    new TypeDefinition(
                            id, "CREATE TYPE " + name + " AS RANGE " + list(parts), List.of());
            default -> throw new IllegalArgumentException("type " + id + " of kind " + kind);
        };
    }

    private static String list(List<String> parts) {
        return "(" + String.join(", ", parts) + ")";
    }

    public static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
