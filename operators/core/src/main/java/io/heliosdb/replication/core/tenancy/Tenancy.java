package io.heliosdb.replication.core.tenancy;

import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.config.TenancyConfig;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Answers how the tenant of a row of a table is found; the rules and their order stand at {@link
 * TenancyConfig}.
 */
public final class Tenancy {

    private final TenancyConfig config;
    private final @Nullable Pattern schemaPattern;

    public Tenancy(TenancyConfig config) {
        this.config = config;
        this.schemaPattern =
                config.schemaPattern() == null ? null : Pattern.compile(config.schemaPattern());
    }

    /** The tenant key of a table with these columns. */
    public TenantKey keyOf(TableId table, Collection<String> columns) {
        if (config.referenceTables().contains(table)) {
            return new TenantKey.Whole(TenantId.REFERENCE);
        }
        String override = config.columnByTable().get(table);
        if (override != null) {
            return columns.contains(override)
                    ? new TenantKey.Column(override)
                    : new TenantKey.None();
        }
        if (schemaPattern != null) {
            Matcher matcher = schemaPattern.matcher(table.schema());
            if (matcher.matches() && !matcher.group(1).isBlank()) {
                return new TenantKey.Whole(new TenantId(matcher.group(1)));
            }
        }
        String column = config.column();
        return column != null && columns.contains(column)
                ? new TenantKey.Column(column)
                : new TenantKey.None();
    }
}
