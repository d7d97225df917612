package io.heliosdb.replication.core.schema;

import io.heliosdb.replication.core.schema.TableDefinition.Column;
import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compares a table of the source with the table of the same name in the target. */
public final class SchemaCheck {

    private SchemaCheck() {}

    /**
     * Something that keeps rows from being replicated.
     *
     * @param column null if it concerns the whole table
     * @param fix statement that mends it, to be run in the target
     */
    public record Finding(TableId table, @Nullable String column, String problem, String fix) {

        @Override
        public String toString() {
            return "target table "
                    + table
                    + (column == null ? " " : ", column " + column + ": ")
                    + problem
                    + "; mend it with: "
                    + fix;
        }
    }

    /**
     * What is wrong with the target table for the published columns of the source table; empty if
     * nothing. Columns that only the target has are fine if they may stay empty.
     */
    public static List<Finding> compare(
            PublishedTable published, TableDefinition source, TableDefinition target) {
        List<Finding> findings = new ArrayList<>();
        for (String name : published.columns()) {
            Column wanted = source.column(name);
            if (wanted != null && !wanted.isGenerated()) {
                compareColumn(target.id(), wanted, target.column(name), findings);
            }
        }
        for (Column column : target.columns()) {
            boolean written = published.columns().contains(column.name());
            if (!written && !column.isGenerated() && column.isRequired()) {
                findings.add(
                        new Finding(
                                target.id(),
                                column.name(),
                                "is NOT NULL without default, and the source does not send it",
                                alter(target.id(), column.name(), "DROP NOT NULL")));
            }
        }
        return findings;
    }

    private static void compareColumn(
            TableId table, Column wanted, @Nullable Column found, List<Finding> findings) {
        String name = wanted.name();
        if (found == null) {
            findings.add(
                    new Finding(
                            table,
                            name,
                            "is missing (" + wanted.type() + " in the source)",
                            "ALTER TABLE "
                                    + table.quoted()
                                    + " ADD COLUMN "
                                    + TableId.quote(name)
                                    + " "
                                    + wanted.type()
                                    + ";"));
        } else if (!found.type().equals(wanted.type())) {
            findings.add(
                    new Finding(
                            table,
                            name,
                            "is of type " + found.type() + ", in the source " + wanted.type(),
                            alter(
                                    table,
                                    name,
                                    "TYPE "
                                            + wanted.type()
                                            + " USING "
                                            + TableId.quote(name)
                                            + "::text::"
                                            + wanted.type())));
        } else if (found.isGenerated()) {
            findings.add(
                    new Finding(
                            table,
                            name,
                            "is generated, in the source it is not",
                            alter(table, name, "DROP EXPRESSION")));
        }
    }

    private static String alter(TableId table, String column, String action) {
        return "ALTER TABLE "
                + table.quoted()
                + " ALTER COLUMN "
                + TableId.quote(column)
                + " "
                + action
                + ";";
    }
}
