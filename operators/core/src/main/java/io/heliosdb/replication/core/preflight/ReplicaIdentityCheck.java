package io.heliosdb.replication.core.preflight;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Judges whether UPDATE and DELETE tell the tenant of the old row, and finds the cheapest way to
 * make them: an index that exists, then an index over primary key and tenant key, then FULL.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-altertable.html">REPLICA IDENTITY</a>
 */
final class ReplicaIdentityCheck {

    /** From here on (80 MB) NOT NULL is set without a scan under an exclusive lock. */
    private static final long LARGE_PAGES = 10_000;

    private final CatalogFacts catalog;
    private final NullKeys nullKeys;

    ReplicaIdentityCheck(CatalogFacts catalog, NullKeys nullKeys) {
        this.catalog = catalog;
        this.nullKeys = nullKeys;
    }

    /**
     * What is wrong with the identity of one table, if anything.
     *
     * @param keyColumn tenant key column, or null if all rows belong to one tenant
     */
    Optional<Finding> check(TableFacts table, @Nullable String keyColumn) {
        List<String> identity = table.identityColumns();
        if (identity.isEmpty()) {
            return Optional.of(withoutIdentity(table, keyColumn));
        }
        List<String> generated =
                identity.stream().filter(name -> isGenerated(table, name)).toList();
        if (!generated.isEmpty()) {
            return Optional.of(
                    Finding.error(
                            ErrorCode.TABLE_NOT_ROUTABLE,
                            Finding.sourceTable(table.id()),
                            "replica identity ("
                                    + String.join(", ", identity)
                                    + ") holds generated column '"
                                    + generated.get(0)
                                    + "', which is not in the stream: nobody could tell which row an"
                                    + " UPDATE or DELETE was",
                            identity(table, "FULL")));
        }
        if (keyColumn == null || identity.contains(keyColumn)) {
            return Optional.empty();
        }
        return Optional.of(
                Finding.error(
                        ErrorCode.TABLE_NOT_ROUTABLE,
                        Finding.sourceTable(table.id()),
                        "replica identity ("
                                + String.join(", ", identity)
                                + ") lacks the tenant key '"
                                + keyColumn
                                + "': nobody could tell whose row an UPDATE or DELETE was",
                        fix(table, keyColumn).toArray(String[]::new)));
    }

    /** A leaf of a table that is FULL and published via its root. */
    static Finding notFullAsItsRoot(TableFacts leaf) {
        return Finding.error(
                ErrorCode.TABLE_NOT_ROUTABLE,
                Finding.sourceTable(leaf.id()),
                "is not REPLICA IDENTITY FULL as its root is: its old rows would come in part, and"
                        + " nobody could tell whose they were",
                identity(leaf, "FULL"));
    }

    private static boolean isGenerated(TableFacts table, String name) {
        TableFacts.Column column = table.column(name);
        return column != null && column.generated();
    }

    private Finding withoutIdentity(TableFacts table, @Nullable String keyColumn) {
        List<String> fix = keyColumn == null ? fixWithoutKey(table) : fix(table, keyColumn);
        return Finding.warning(
                ErrorCode.TABLE_NOT_ROUTABLE,
                Finding.sourceTable(table.id()),
                "has no "
                        + (table.replicaIdentity() == 'd' ? "primary key and so no " : "")
                        + "replica identity: inserts are replicated, but once it is published the"
                        + " source refuses UPDATE and DELETE of the application",
                fix.toArray(String[]::new));
    }

    private static List<String> fixWithoutKey(TableFacts table) {
        return table.primaryKey().filter(table::canIdentify).isPresent()
                ? List.of(identity(table, "DEFAULT"))
                : List.of(identity(table, "FULL"));
    }

    private List<String> fix(TableFacts table, String keyColumn) {
        Optional<TableFacts.Index> existing = table.identityCandidate(keyColumn);
        if (existing.isPresent()) {
            return List.of(
                    existing.get().primary()
                            ? identity(table, "DEFAULT")
                            : usingIndex(table, existing.get().name()));
        }
        // A new immediate index over a deferrable key would break what the key allows.
        Optional<TableFacts.Index> key = table.primaryKey().filter(table::canIdentify);
        TableFacts.Column column = table.column(keyColumn);
        if (key.isEmpty()
                || column == null
                || column.generated()
                || !column.notNull() && nullKeys.exist(table.id(), keyColumn)) {
            return List.of(identity(table, "FULL"));
        }
        List<String> fix = new ArrayList<>();
        if (!column.notNull()) {
            fix.addAll(setNotNull(table, keyColumn));
        }
        Set<String> columns = new LinkedHashSet<>(key.get().columns());
        columns.add(keyColumn);
        String index = catalog.freeIndexName(table.id());
        fix.add(
                "CREATE UNIQUE INDEX "
                        // Not possible on a partitioned table; there it takes over the indexes
                        // that its partitions have got before.
                        + (table.isPartitioned() ? "" : "CONCURRENTLY ")
                        + TableId.quote(index)
                        + " ON "
                        + table.id().quoted()
                        + " ("
                        + String.join(", ", columns.stream().map(TableId::quote).toList())
                        + ");");
        fix.add(usingIndex(table, index));
        return fix;
    }

    private static List<String> setNotNull(TableFacts table, String column) {
        String alter = "ALTER TABLE " + table.id().quoted() + " ";
        String quoted = TableId.quote(column);
        String setNotNull = alter + "ALTER COLUMN " + quoted + " SET NOT NULL;";
        if (table.pages() < LARGE_PAGES) {
            return List.of(setNotNull);
        }
        // SET NOT NULL does not scan if a valid constraint proves it, and VALIDATE lets others
        // write meanwhile.
        String constraint = TableId.quote("heliosdb_not_null");
        return List.of(
                alter
                        + "ADD CONSTRAINT "
                        + constraint
                        + " CHECK ("
                        + quoted
                        + " IS NOT NULL) NOT VALID;",
                alter + "VALIDATE CONSTRAINT " + constraint + ";",
                setNotNull,
                alter + "DROP CONSTRAINT " + constraint + ";");
    }

    private static String usingIndex(TableFacts table, String index) {
        return identity(table, "USING INDEX " + TableId.quote(index));
    }

    private static String identity(TableFacts table, String what) {
        return "ALTER TABLE " + table.id().quoted() + " REPLICA IDENTITY " + what + ";";
    }
}
