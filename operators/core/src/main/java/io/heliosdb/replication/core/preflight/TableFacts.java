package io.heliosdb.replication.core.preflight;

import io.heliosdb.replication.model.TableId;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A relation as the catalog describes it, as far as preflight needs it.
 *
 * @param kind {@code pg_class.relkind}
 * @param partitionRoot the topmost parent if it is a partition, else null
 * @param replicaIdentity {@code d} default, {@code n} nothing, {@code f} full, {@code i} index
 * @param pages size at the last analyze, in pages of 8 KiB
 */
public record TableFacts(
        TableId id,
        char kind,
        @Nullable TableId partitionRoot,
        boolean unlogged,
        char replicaIdentity,
        long pages,
        Access access,
        List<Column> columns,
        List<Index> indexes) {

    public TableFacts {
        columns = List.copyOf(columns);
        indexes = List.copyOf(indexes);
    }

    /**
     * What the role of the session may do.
     *
     * @param usage of the schema
     * @param rowSecurity whether policies hide rows from the role
     */
    public record Access(boolean usage, boolean select, boolean write, boolean rowSecurity) {}

    /**
     * One column.
     *
     * @param type what {@code format_type} says with {@code search_path = pg_catalog}
     * @param filled whether there is a default or identity
     */
    public record Column(
            String name, String type, boolean notNull, boolean generated, boolean filled) {}

    /**
     * One index.
     *
     * @param immediate false if a deferrable constraint brings it
     * @param whole false if it is partial or over expressions
     * @param identity whether REPLICA IDENTITY USING INDEX names it
     * @param columns key columns in index order
     */
    public record Index(
            String name,
            boolean primary,
            boolean unique,
            boolean immediate,
            boolean valid,
            boolean whole,
            boolean identity,
            List<String> columns) {
        public Index {
            columns = List.copyOf(columns);
        }
    }

    public boolean isTable() {
        return kind == 'r' || kind == 'p';
    }

    public boolean isPartitioned() {
        return kind == 'p';
    }

    /** Names of columns that are published by default: not the generated ones. */
    public List<String> plainColumns() {
        return columns.stream().filter(it -> !it.generated()).map(Column::name).toList();
    }

    public @Nullable Column column(String name) {
        for (Column column : columns) {
            if (column.name().equals(name)) {
                return column;
            }
        }
        return null;
    }

    Optional<Index> primaryKey() {
        return indexes.stream().filter(Index::primary).findFirst();
    }

    /** Whether PostgreSQL accepts the index as replica identity, and sends all of it. */
    boolean canIdentify(Index index) {
        return index.unique()
                && index.immediate()
                && index.valid()
                && index.whole()
                && index.columns().stream()
                        .allMatch(
                                name -> {
                                    Column column = column(name);
                                    return column != null
                                            && column.notNull()
                                            && !column.generated();
                                });
    }

    /**
     * The columns that UPDATE and DELETE tell of the old row; empty if there is no identity, so
     * that PostgreSQL refuses these commands once the table is published.
     */
    List<String> identityColumns() {
        return switch (replicaIdentity) {
            case 'f' -> plainColumns();
            case 'i' ->
                    indexes.stream()
                            .filter(Index::identity)
                            .findFirst()
                            .map(Index::columns)
                            .orElse(List.of());
            case 'd' ->
                    // A deferrable primary key is not a replica identity.
                    primaryKey().filter(Index::immediate).map(Index::columns).orElse(List.of());
            default -> List.of();
        };
    }

    /** The cheapest index that could be the replica identity and holds the column. */
    Optional<Index> identityCandidate(String column) {
        return indexes.stream()
                .filter(it -> canIdentify(it) && it.columns().contains(column))
                .min(
                        Comparator.comparing((Index it) -> !it.primary())
                                .thenComparing(it -> it.columns().size())
                                .thenComparing(Index::name));
    }

    /** What it is, for a message. */
    String kindName() {
        return switch (kind) {
            case 'v' -> "a view";
            case 'm' -> "a materialized view";
            case 'f' -> "a foreign table";
            default -> "a table";
        };
    }
}
