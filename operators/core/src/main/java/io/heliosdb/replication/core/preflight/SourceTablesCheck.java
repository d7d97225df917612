package io.heliosdb.replication.core.preflight;

import io.heliosdb.replication.core.preflight.CarriedTables.Carried;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Judges the carried tables at the source: permissions, identity, what is published of them. */
public final class SourceTablesCheck {

    private final CatalogFacts catalog;
    private final @Nullable PublicationFacts publication;
    private final String role;
    private final ReplicaIdentityCheck identity;
    private final List<Finding> findings = new ArrayList<>();

    private SourceTablesCheck(
            CatalogFacts catalog,
            @Nullable PublicationFacts publication,
            String role,
            ReplicaIdentityCheck identity) {
        this.catalog = catalog;
        this.publication = publication;
        this.role = TableId.quote(role);
        this.identity = identity;
    }

    /**
     * @param role that the job connects as
     * @param nullKeys asked only where the answer decides about the cheapest fix
     */
    public static List<Finding> check(
            CatalogFacts catalog,
            CarriedTables carried,
            @Nullable PublicationFacts publication,
            String role,
            NullKeys nullKeys) {
        SourceTablesCheck check =
                new SourceTablesCheck(
                        catalog, publication, role, new ReplicaIdentityCheck(catalog, nullKeys));
        carried.all().forEach(check::check);
        return check.findings;
    }

    private void check(Carried carried) {
        TableFacts table = carried.table();
        if (table.unlogged()) {
            findings.add(
                    Finding.warning(
                            ErrorCode.TABLE_NOT_ROUTABLE,
                            Finding.sourceTable(table.id()),
                            "is unlogged: its changes are not in the WAL and cannot be replicated",
                            "ALTER TABLE " + table.id().quoted() + " SET LOGGED;"));
            return;
        }
        access(table);
        if (isKeyPublishable(carried)) {
            identity(carried);
            columnList(carried);
        }
    }

    private void access(TableFacts table) {
        String subject = Finding.sourceTable(table.id());
        if (!table.access().usage() || !table.access().select()) {
            findings.add(
                    Finding.error(
                            ErrorCode.SOURCE_NOT_READY,
                            subject,
                            "role " + role + " may not read it, so no first copy is possible",
                            table.access().usage()
                                    ? new String[] {grantSelect(table)}
                                    : new String[] {
                                        "GRANT USAGE ON SCHEMA "
                                                + TableId.quote(table.id().schema())
                                                + " TO "
                                                + role
                                                + ";",
                                        grantSelect(table)
                                    }));
        }
        if (table.access().rowSecurity()) {
            findings.add(
                    Finding.error(
                            ErrorCode.SOURCE_NOT_READY,
                            subject,
                            "row level security hides rows from role "
                                    + role
                                    + ": the first copy would lack them",
                            "ALTER ROLE " + role + " BYPASSRLS;"));
        }
    }

    private String grantSelect(TableFacts table) {
        return "GRANT SELECT ON " + table.id().quoted() + " TO " + role + ";";
    }

    private boolean isKeyPublishable(Carried carried) {
        String key = carried.keyColumn();
        if (key == null || carried.publishedColumns().contains(key)) {
            return true;
        }
        TableFacts.Column column = carried.table().column(key);
        boolean generated = column != null && column.generated();
        findings.add(
                Finding.error(
                        ErrorCode.TABLE_NOT_ROUTABLE,
                        Finding.sourceTable(carried.id()),
                        generated
                                ? "tenant key '"
                                        + key
                                        + "' is a generated column, which is not published:"
                                        + " nobody could tell whose rows they are"
                                : "publication does not publish the tenant key '"
                                        + key
                                        + "': nobody could tell whose rows they are",
                        generated ? new String[0] : withoutColumnList(carried)));
        return false;
    }

    /** Identities of partitions come first: the index of the root takes over theirs. */
    private void identity(Carried carried) {
        // What the stream says about a partitioned table is said by its root if published via it.
        boolean viaRoot = publication == null || publication.viaRoot();
        boolean full = viaRoot && carried.table().replicaIdentity() == 'f';
        for (TableFacts leaf : catalog.leavesOf(carried.id())) {
            if (full && carried.table().isPartitioned() && leaf.replicaIdentity() != 'f') {
                findings.add(ReplicaIdentityCheck.notFullAsItsRoot(leaf));
            } else {
                identity.check(leaf, carried.keyColumn()).ifPresent(findings::add);
            }
        }
        if (!carried.table().isPartitioned() || viaRoot) {
            identity.check(carried.table(), carried.keyColumn()).ifPresent(findings::add);
        }
    }

    private void columnList(Carried carried) {
        PublicationFacts.Entry entry = carried.entry();
        if (entry == null) {
            return;
        }
        if (entry.columns().size() < carried.table().plainColumns().size()) {
            List<String> left = new ArrayList<>(carried.table().plainColumns());
            left.removeAll(entry.columns());
            findings.add(
                    Finding.warning(
                            ErrorCode.SOURCE_NOT_READY,
                            Finding.sourceTable(carried.id()),
                            "columns "
                                    + String.join(", ", left)
                                    + " are not published and not replicated",
                            withoutColumnList(carried)));
        }
        if (entry.rowFilter() != null) {
            findings.add(
                    Finding.warning(
                            ErrorCode.SOURCE_NOT_READY,
                            Finding.sourceTable(carried.id()),
                            "only rows that meet the publication's filter are replicated: "
                                    + entry.rowFilter()));
        }
    }

    private String[] withoutColumnList(Carried carried) {
        if (publication == null) {
            return new String[0];
        }
        String alter = "ALTER PUBLICATION " + TableId.quote(publication.name());
        return new String[] {
            alter + " DROP TABLE " + carried.id().quoted() + ";",
            alter + " ADD TABLE " + carried.id().quoted() + ";"
        };
    }
}
