package io.heliosdb.replication.core.preflight;

import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.model.config.ReplicationRule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tables of the source that some replication carries, or would carry if they were published,
 * under the names under which their changes go out.
 */
public final class CarriedTables {

    private final List<ReplicationRule> rules;
    private final List<Carried> tables = new ArrayList<>();

    /**
     * A table, and where its rows' tenant stands (never {@link TenantKey.None}).
     *
     * @param entry how it is published, or null if it is not
     */
    public record Carried(TableFacts table, TenantKey key, PublicationFacts.@Nullable Entry entry) {

        public TableId id() {
            return table.id();
        }

        /** The tenant key column, or null if all rows belong to one tenant. */
        public @Nullable String keyColumn() {
            return key instanceof TenantKey.Column column ? column.name() : null;
        }

        List<String> publishedColumns() {
            return entry == null ? table.plainColumns() : entry.columns();
        }
    }

    /**
     * @param publication null if there is none
     */
    public CarriedTables(
            PipelineConfig config, CatalogFacts source, @Nullable PublicationFacts publication) {
        this.rules = config.replications();
        Tenancy tenancy = new Tenancy(config.tenancy());
        if (publication != null) {
            for (PublicationFacts.Entry entry : publication.entries().values()) {
                TableFacts table = source.table(entry.table());
                if (table != null) {
                    // With a column list the key may be missing; that is told, so the table counts.
                    add(new Carried(table, tenancy.keyOf(table.id(), names(table)), entry));
                }
            }
        }
        for (TableFacts table : source.tables()) {
            if (table.partitionRoot() == null
                    && (publication == null || !publication.covers(table, source))) {
                add(new Carried(table, tenancy.keyOf(table.id(), names(table)), null));
            }
        }
    }

    private static Collection<String> names(TableFacts table) {
        return table.columns().stream().map(TableFacts.Column::name).toList();
    }

    private void add(Carried candidate) {
        if (rules.stream().anyMatch(rule -> carries(rule, candidate))) {
            tables.add(candidate);
        }
    }

    public List<Carried> all() {
        return List.copyOf(tables);
    }

    /** Whether the rule carries any table. */
    public boolean hasAny(ReplicationRule rule) {
        return tables.stream().anyMatch(it -> carries(rule, it));
    }

    /** The tables that go to a target. */
    public List<Carried> to(String target) {
        return tables.stream()
                .filter(
                        it ->
                                rules.stream()
                                        .anyMatch(
                                                rule ->
                                                        rule.target().equals(target)
                                                                && carries(rule, it)))
                .toList();
    }

    /** Whether rows of the table can belong to a tenant of the rule, and its filter accepts it. */
    public static boolean carries(ReplicationRule rule, Carried table) {
        if (!rule.tables().accepts(table.id())) {
            return false;
        }
        if (table.key() instanceof TenantKey.Whole whole) {
            return rule.covers(whole.tenant());
        }
        return table.key() instanceof TenantKey.Column
                && !rule.tenant().equals(TenantId.REFERENCE.value());
    }
}
