package io.heliosdb.replication.core.preflight;

import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.config.Glob;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.model.config.ReplicationRule;
import io.heliosdb.replication.model.config.TargetConfig;
import io.heliosdb.replication.model.config.TenancyConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Holds the names in the configuration against the tables that exist. */
public final class NamesCheck {

    private final PipelineConfig config;
    private final CatalogFacts source;
    private final List<Finding> findings = new ArrayList<>();

    private NamesCheck(PipelineConfig config, CatalogFacts source) {
        this.config = config;
        this.source = source;
    }

    public static List<Finding> check(
            PipelineConfig config, CatalogFacts source, CarriedTables carried) {
        NamesCheck check = new NamesCheck(config, source);
        check.tenancy(config.tenancy());
        config.targets().forEach(check::referenceTables);
        for (ReplicationRule rule : config.replications()) {
            check.filters(rule);
            if (!carried.hasAny(rule)) {
                check.findings.add(
                        Finding.warning(
                                ErrorCode.CONFIG_INVALID,
                                "replication " + rule.name(),
                                "carries no table: no table that its filter accepts can have rows"
                                        + " of tenant '"
                                        + rule.tenant()
                                        + "'"));
            }
        }
        return check.findings;
    }

    private void tenancy(TenancyConfig tenancy) {
        new TreeMap<>(tenancy.columnByTable())
                .forEach(
                        (id, column) -> {
                            TableFacts table = source.table(id);
                            if (table == null) {
                                unknown("tenancy", "tables", id);
                            } else if (table.column(column) == null) {
                                findings.add(
                                        Finding.error(
                                                ErrorCode.CONFIG_INVALID,
                                                "tenancy",
                                                "table "
                                                        + id
                                                        + " has no column '"
                                                        + column
                                                        + "', which 'tables' names as its tenant"
                                                        + " key"));
                            }
                        });
        for (TableId id : new TreeSet<>(tenancy.referenceTables())) {
            if (source.table(id) == null) {
                unknown("tenancy", "reference-tables", id);
            }
        }
        String column = tenancy.column();
        if (column != null
                && source.tables().stream().allMatch(table -> table.column(column) == null)) {
            findings.add(
                    Finding.warning(
                            ErrorCode.CONFIG_INVALID,
                            "tenancy",
                            "no table of the source has the tenant key column '" + column + "'"));
        }
    }

    /** Nobody gets reference tables unasked, and a target with tenants mostly needs them. */
    private void referenceTables(TargetConfig target) {
        List<ReplicationRule> rules =
                config.replications().stream()
                        .filter(rule -> rule.target().equals(target.name()))
                        .toList();
        List<ReplicationRule> ofReference =
                rules.stream()
                        .filter(rule -> rule.tenant().equals(TenantId.REFERENCE.value()))
                        .toList();
        String missing =
                config.tenancy().referenceTables().stream()
                        .filter(
                                table ->
                                        ofReference.stream()
                                                .noneMatch(rule -> rule.tables().accepts(table)))
                        .sorted()
                        .map(TableId::toString)
                        .collect(Collectors.joining(", "));
        if (!rules.isEmpty() && !missing.isEmpty()) {
            findings.add(
                    Finding.warning(
                            ErrorCode.CONFIG_INVALID,
                            "target " + target.name(),
                            "no replication carries the reference tables "
                                    + missing
                                    + " to it: add one with tenant: "
                                    + TenantId.REFERENCE.value()));
        }
    }

    private void filters(ReplicationRule rule) {
        String subject = "replication " + rule.name();
        for (String pattern : rule.tables().include()) {
            if (Glob.isPattern(pattern)) {
                continue;
            }
            TableId id = TableId.parse(pattern);
            TableFacts table = source.table(id);
            if (table == null) {
                unknown(subject, "tables.include", id);
            } else {
                included(rule, table);
            }
        }
        for (String pattern : rule.tables().exclude()) {
            TableId id = Glob.isPattern(pattern) ? null : TableId.parse(pattern);
            if (id != null && source.table(id) == null) {
                findings.add(
                        Finding.warning(
                                ErrorCode.CONFIG_INVALID,
                                subject,
                                "table '"
                                        + id
                                        + "' of tables.exclude "
                                        + source.explainMissing(id)));
            }
        }
    }

    private void included(ReplicationRule rule, TableFacts table) {
        TenantKey key =
                new Tenancy(config.tenancy())
                        .keyOf(
                                table.id(),
                                table.columns().stream().map(TableFacts.Column::name).toList());
        boolean isReference = rule.tenant().equals("_reference");
        String problem = null;
        if (key instanceof TenantKey.None) {
            problem = "has no tenant key and is no reference table";
        } else if (key instanceof TenantKey.Whole whole && !rule.covers(whole.tenant())) {
            problem = "belongs to tenant '" + whole.tenant() + "' as a whole";
        } else if (key instanceof TenantKey.Column && isReference) {
            problem = "is not among the reference tables";
        }
        if (problem != null) {
            findings.add(
                    Finding.error(
                            ErrorCode.CONFIG_INVALID,
                            "replication " + rule.name(),
                            "table '"
                                    + table.id()
                                    + "' of tables.include is never carried: it "
                                    + problem));
        }
    }

    private void unknown(String subject, String key, TableId id) {
        findings.add(
                Finding.error(
                        ErrorCode.CONFIG_INVALID,
                        subject,
                        "table '" + id + "' of " + key + " " + source.explainMissing(id)));
    }
}
