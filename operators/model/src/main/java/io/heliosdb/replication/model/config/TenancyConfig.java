package io.heliosdb.replication.model.config;

import io.heliosdb.replication.model.TableId;
import java.io.Serializable;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * How the tenant of a row is found.
 *
 * <p>In this order: a reference table belongs to tenant {@code _reference}; an override names the
 * tenant key column of a table; a schema that matches {@code schemaPattern} belongs to the tenant
 * in the pattern's first group; else {@code column}, if the table has it. A table for which nothing
 * applies is not replicated.
 *
 * @param column default tenant key column, or null
 * @param columnByTable tenant key column of tables that differ
 * @param schemaPattern regular expression with one group, matched against the whole schema name, or
 *     null
 * @param referenceTables tables without tenant that every target gets
 */
public record TenancyConfig(
        @Nullable String column,
        Map<TableId, String> columnByTable,
        @Nullable String schemaPattern,
        Set<TableId> referenceTables)
        implements Serializable {

    public TenancyConfig {
        columnByTable = Map.copyOf(columnByTable);
        referenceTables = Set.copyOf(referenceTables);
        if (column == null && columnByTable.isEmpty() && schemaPattern == null) {
            throw new IllegalArgumentException(
                    "tenancy needs a column, a column per table or a schema-pattern");
        }
        if (schemaPattern != null) {
            try {
                if (Pattern.compile(schemaPattern).matcher("").groupCount() != 1) {
                    throw new IllegalArgumentException(
                            "schema-pattern needs exactly one group, the tenant: '"
                                    + schemaPattern
                                    + "'");
                }
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(
                        "schema-pattern is not a regular expression: " + e.getMessage(), e);
            }
        }
    }
}
