package io.heliosdb.replication.control.connection;

import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.SourceConfig;
import io.heliosdb.replication.model.config.TenancyConfig;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What makes a database readable: its slot and publication, and how the tenant of a row is found.
 *
 * @param slot belongs to the one job of this source
 */
public record SourceRole(String slot, String publication, TenantKeys tenancy) {

    /**
     * As {@link TenancyConfig} has it.
     *
     * @param tables {@code schema.table} to key column, for tables whose key differs
     * @param referenceTables {@code schema.table}
     */
    public record TenantKeys(
            @Nullable String column,
            @Nullable Map<String, String> tables,
            @Nullable String schemaPattern,
            @Nullable List<String> referenceTables) {}

    public SourceRole {
        config(
                new DatabaseConfig(
                        "jdbc:postgresql://localhost/x",
                        "x",
                        io.heliosdb.replication.model.config.Secret.EMPTY),
                slot,
                publication);
        tenancy(tenancy);
    }

    public SourceConfig config(DatabaseConfig database) {
        return config(database, slot, publication);
    }

    private static SourceConfig config(DatabaseConfig database, String slot, String publication) {
        try {
            return new SourceConfig(
                    database,
                    slot,
                    publication,
                    SourceConfig.DEFAULT_HEARTBEAT,
                    SourceConfig.DEFAULT_STATUS);
        } catch (IllegalArgumentException e) {
            throw ControlException.invalid("source", String.valueOf(e.getMessage()));
        }
    }

    public TenancyConfig tenancyConfig() {
        return tenancy(tenancy);
    }

    private static TenancyConfig tenancy(TenantKeys keys) {
        Map<TableId, String> columns = new LinkedHashMap<>();
        if (keys.tables() != null) {
            keys.tables().forEach((table, column) -> columns.put(table(table), column));
        }
        Set<TableId> references = new HashSet<>();
        if (keys.referenceTables() != null) {
            keys.referenceTables().forEach(name -> references.add(table(name)));
        }
        try {
            return new TenancyConfig(keys.column(), columns, keys.schemaPattern(), references);
        } catch (IllegalArgumentException e) {
            throw ControlException.invalid("source.tenancy", String.valueOf(e.getMessage()));
        }
    }

    private static TableId table(String name) {
        int dot = name.indexOf('.');
        if (dot <= 0 || dot == name.length() - 1) {
            throw ControlException.invalid(
                    "source.tenancy", "tables are named schema.table, got '" + name + "'");
        }
        return new TableId(name.substring(0, dot), name.substring(dot + 1));
    }
}
