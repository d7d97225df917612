package io.heliosdb.replication.core.schema.postgres;

import io.heliosdb.replication.core.schema.Catalog;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.core.schema.TypeDefinition;
import io.heliosdb.replication.core.schema.TypeStatements;
import io.heliosdb.replication.model.TableId;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds enum labels of the source that the target's type of the same name lacks. */
final class EnumLabels {

    private EnumLabels() {}

    /**
     * One text per missing label of the types of these columns, with the statement that adds it.
     */
    static List<String> missing(
            Ddl ddl, Catalog source, TableDefinition table, List<String> columns)
            throws SQLException {
        List<String> problems = new ArrayList<>();
        for (TypeDefinition type : source.types()) {
            if (type.labels().isEmpty() || !uses(table, columns, type.id())) {
                continue;
            }
            additions(ddl, type)
                    .forEach(
                            (label, statement) ->
                                    problems.add(
                                            "target type "
                                                    + type.id()
                                                    + " lacks the label "
                                                    + label
                                                    + "; mend it with: "
                                                    + statement
                                                    + ";"));
        }
        return problems;
    }

    /**
     * What adds each label that a type of the target lacks, in their order; nothing if there is no
     * such type.
     */
    static Map<String, String> additions(Ddl ddl, TypeDefinition type) throws SQLException {
        Map<String, String> statements = new LinkedHashMap<>();
        Set<String> there = labels(ddl, type.id());
        for (String label : type.labels()) {
            if (!there.isEmpty() && !there.contains(label)) {
                statements.put(
                        label,
                        "ALTER TYPE "
                                + type.id().quoted()
                                + " ADD VALUE "
                                + TypeStatements.literal(label)
                                + place(type.labels(), label, there));
            }
        }
        return statements;
    }

    /** Values are ordered as their labels are: at the end it would sort otherwise. */
    private static String place(List<String> labels, String label, Set<String> there) {
        int index = labels.indexOf(label);
        if (index > 0) {
            return " AFTER " + TypeStatements.literal(labels.get(index - 1));
        }
        return labels.stream()
                .filter(there::contains)
                .findFirst()
                .map(next -> " BEFORE " + TypeStatements.literal(next))
                .orElse("");
    }

    private static boolean uses(TableDefinition table, List<String> columns, TableId type) {
        return table.columns().stream()
                .filter(column -> columns.contains(column.name()))
                .map(column -> column.keyType().replace("\"", ""))
                .anyMatch(name -> name.equals(type.toString()) || name.equals(type + "[]"));
    }

    private static Set<String> labels(Ddl ddl, TableId type) throws SQLException {
        Set<String> labels = new HashSet<>();
        try (PreparedStatement query = ddl.connection().prepareStatement(TargetSql.ENUM_LABELS)) {
            query.setString(1, type.schema());
            query.setString(2, type.name());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    labels.add(row.getString(1));
                }
            }
        }
        return labels;
    }
}
