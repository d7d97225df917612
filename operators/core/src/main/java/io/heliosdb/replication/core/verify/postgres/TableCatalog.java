package io.heliosdb.replication.core.verify.postgres;

import io.heliosdb.replication.core.schema.ScopedTable;
import io.heliosdb.replication.core.verify.VerifiedTable;
import io.heliosdb.replication.model.TableId;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The tables to compare, as they look at each end. */
final class TableCatalog {

    private final Map<TableId, VerifiedTable> tables = new TreeMap<>();
    private final Map<TableId, TableColumns> atSource;
    private final Map<String, Map<TableId, TableColumns>> atTargets = new HashMap<>();

    /**
     * Reads the catalogs; a target that fails is left out.
     *
     * @param failed takes target and message
     */
    TableCatalog(
            List<ScopedTable> scoped,
            Frozen source,
            Collection<TargetEnd> targets,
            java.util.function.BiConsumer<String, String> failed)
            throws SQLException {
        List<TableId> ids = scoped.stream().map(ScopedTable::table).toList();
        atSource = TableColumns.read(source.keeper(), ids);
        for (TargetEnd target : List.copyOf(targets)) {
            try {
                atTargets.put(target.name(), TableColumns.read(target.frozen().keeper(), ids));
            } catch (SQLException e) {
                failed.accept(target.name(), String.valueOf(e.getMessage()));
            }
        }
        for (ScopedTable table : scoped) {
            TableColumns columns = atSource.get(table.table());
            if (columns != null) {
                tables.put(table.table(), verified(table, columns));
            }
        }
    }

    /** By name. */
    Collection<VerifiedTable> tables() {
        return tables.values();
    }

    VerifiedTable table(TableId id) {
        VerifiedTable table = tables.get(id);
        if (table == null) {
            throw new IllegalArgumentException("no table " + id);
        }
        return table;
    }

    TableColumns atSource(VerifiedTable table) {
        TableColumns columns = atSource.get(table.id());
        if (columns == null) {
            throw new IllegalArgumentException("no table " + table.id());
        }
        return columns;
    }

    @Nullable TableColumns atTarget(String target, VerifiedTable table) {
        return atTargets.getOrDefault(target, Map.of()).get(table.id());
    }

    /** What keeps the table of a target from being compared, or null. */
    @Nullable String lack(String target, VerifiedTable table) {
        TableColumns columns = atTarget(target, table);
        if (columns == null) {
            return "the table does not exist in the target";
        }
        List<String> missing = new ArrayList<>(table.compared());
        missing.removeAll(columns.types().keySet());
        return missing.isEmpty()
                ? null
                : "the target's table has no column " + String.join(", ", missing);
    }

    private VerifiedTable verified(ScopedTable table, TableColumns columns) {
        List<String> published = table.published().columns();
        List<String> key = published.containsAll(columns.key()) ? columns.key() : List.of();
        List<String> compared = new ArrayList<>(published);
        boolean allPublished =
                columns.types().keySet().stream()
                        .allMatch(
                                name ->
                                        published.contains(name)
                                                || columns.generated().contains(name));
        if (!key.isEmpty() && allPublished) {
            // With a column list, or where the target has a plain column instead, a generated
            // column is nothing that replication could bring.
            columns.generated().stream()
                    .filter(name -> !published.contains(name))
                    .filter(name -> isGeneratedAtTargets(table.table(), name))
                    .forEach(compared::add);
        }
        return new VerifiedTable(
                table.table(),
                table.key(),
                key,
                published,
                compared,
                table.published().rowFilter());
    }

    private boolean isGeneratedAtTargets(TableId table, String column) {
        return atTargets.values().stream()
                .map(columns -> columns.get(table))
                .allMatch(columns -> columns == null || columns.generated().contains(column));
    }
}
