package io.heliosdb.replication.core.preflight;

import io.heliosdb.replication.core.preflight.CarriedTables.Carried;
import io.heliosdb.replication.core.schema.PublishedTable;
import io.heliosdb.replication.core.schema.SchemaCheck;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.TargetConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Holds the tables of a target against those of the source. A table that is missing is fine if it
 * can be created: the first copy does that.
 */
public final class TargetTablesCheck {

    private final TargetConfig target;
    private final TargetServerFacts facts;
    private final CatalogFacts catalog;
    private final Definitions definitions;
    private final String role;
    private final List<Finding> findings = new ArrayList<>();
    private final Set<String> closedSchemas = new TreeSet<>();
    private final Set<String> missingSchemas = new TreeSet<>();

    /** The carried tables as they are defined on both sides, where they exist. */
    public record Definitions(
            Map<TableId, TableDefinition> source, Map<TableId, TableDefinition> target) {}

    private TargetTablesCheck(
            TargetConfig target,
            TargetServerFacts facts,
            CatalogFacts catalog,
            Definitions definitions) {
        this.target = target;
        this.facts = facts;
        this.catalog = catalog;
        this.definitions = definitions;
        this.role = TableId.quote(facts.server().role());
    }

    public static List<Finding> check(
            TargetConfig target,
            TargetServerFacts facts,
            CatalogFacts catalog,
            Definitions definitions,
            List<Carried> carried) {
        TargetTablesCheck check = new TargetTablesCheck(target, facts, catalog, definitions);
        carried.forEach(check::table);
        check.schemas();
        return check.findings;
    }

    private void table(Carried carried) {
        TableFacts found = catalog.relation(carried.id());
        if (found == null) {
            Boolean creates = facts.schemas().get(carried.id().schema());
            if (creates == null && !facts.createsSchemas()) {
                missingSchemas.add(carried.id().schema());
            } else if (Boolean.FALSE.equals(creates)) {
                closedSchemas.add(carried.id().schema());
            }
        } else if (!found.isTable()) {
            error(
                    ErrorCode.TARGET_INCOMPATIBLE,
                    found.id(),
                    "is " + found.kindName() + ", in the source a table");
        } else {
            TableDefinition wanted = definitions.source().get(carried.id());
            TableDefinition there = definitions.target().get(carried.id());
            if (wanted != null && there != null) {
                columns(carried, wanted, there);
            }
            key(carried, found);
            access(found);
        }
    }

    /** Rows are found by the source's key; without an index each change reads the whole table. */
    private void key(Carried carried, TableFacts found) {
        List<String> key =
                carried.table().primaryKey().map(TableFacts.Index::columns).orElse(List.of());
        boolean findable =
                found.indexes().stream()
                        .anyMatch(
                                it ->
                                        it.unique()
                                                && it.valid()
                                                && it.whole()
                                                && key.containsAll(it.columns()));
        boolean complete = key.stream().allMatch(column -> found.column(column) != null);
        if (!key.isEmpty() && !findable && complete) {
            findings.add(
                    Finding.warning(
                            ErrorCode.TARGET_NOT_READY,
                            "target " + target.name() + " table " + found.id(),
                            "has no unique index over the source's primary key ("
                                    + String.join(", ", key)
                                    + "): every update and delete reads the whole table, and no"
                                    + " duplicate is refused",
                            "CREATE UNIQUE INDEX ON "
                                    + found.id().quoted()
                                    + " ("
                                    + String.join(", ", key.stream().map(TableId::quote).toList())
                                    + ");"));
        }
    }

    private void columns(Carried carried, TableDefinition wanted, TableDefinition found) {
        PublishedTable published =
                new PublishedTable(carried.id(), carried.publishedColumns(), null);
        for (SchemaCheck.Finding finding : SchemaCheck.compare(published, wanted, found)) {
            error(
                    ErrorCode.TARGET_INCOMPATIBLE,
                    finding.table(),
                    (finding.column() == null ? "" : "column '" + finding.column() + "' ")
                            + finding.problem(),
                    finding.fix());
        }
    }

    private void access(TableFacts found) {
        if (!found.access().usage()) {
            closedSchemas.add(found.id().schema());
        }
        if (!found.access().select() || !found.access().write()) {
            error(
                    ErrorCode.TARGET_NOT_READY,
                    found.id(),
                    "role " + role + " may not write it",
                    "GRANT SELECT, INSERT, UPDATE, DELETE ON "
                            + found.id().quoted()
                            + " TO "
                            + role
                            + ";");
        }
        if (found.access().rowSecurity()) {
            error(
                    ErrorCode.TARGET_NOT_READY,
                    found.id(),
                    "row level security applies to role " + role + ": rows would be refused",
                    "ALTER ROLE " + role + " BYPASSRLS;");
        }
    }

    private void schemas() {
        String subject = "target " + target.name();
        for (String schema : closedSchemas) {
            findings.add(
                    Finding.error(
                            ErrorCode.TARGET_NOT_READY,
                            subject,
                            "role "
                                    + role
                                    + " may not use, or not create tables in, schema '"
                                    + schema
                                    + "'",
                            "GRANT USAGE, CREATE ON SCHEMA "
                                    + TableId.quote(schema)
                                    + " TO "
                                    + role
                                    + ";"));
        }
        if (!missingSchemas.isEmpty()) {
            findings.add(
                    Finding.error(
                            ErrorCode.TARGET_NOT_READY,
                            subject,
                            "schemas "
                                    + String.join(", ", missingSchemas)
                                    + " are missing, and role "
                                    + role
                                    + " may not create them",
                            "GRANT CREATE ON DATABASE "
                                    + TableId.quote(facts.server().database())
                                    + " TO "
                                    + role
                                    + ";"));
        }
    }

    private void error(ErrorCode code, TableId table, String message, String... fix) {
        findings.add(
                Finding.error(code, "target " + target.name() + " table " + table, message, fix));
    }
}
