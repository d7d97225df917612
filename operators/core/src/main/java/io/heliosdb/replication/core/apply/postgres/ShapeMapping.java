package io.heliosdb.replication.core.apply.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How changes of one shape of a table fit into a later shape of it: columns were renamed, dropped,
 * added. Immutable.
 */
final class ShapeMapping {

    /** A column of the later shape: where it stood, or what rows of before read in it. */
    private record Column(int number, String name, int from, @Nullable String missing) {}

    private final RelationDescriptor relation;
    private final @Nullable TableId table;
    private final List<Column> columns;
    private final boolean dropped;
    private final List<Named> names;

    /**
     * What the table was called between two positions.
     *
     * @param toLsn exclusive; the highest of all as long as it is called so
     */
    record Named(TableId table, long fromLsn, long toLsn) {}

    private ShapeMapping(
            RelationDescriptor relation,
            @Nullable TableId table,
            List<Column> columns,
            boolean dropped,
            List<Named> names) {
        this.names = names;
        this.relation = relation;
        this.table = table;
        this.columns = columns;
        this.dropped = dropped;
    }

    /**
     * Rows as they are.
     *
     * @param names of their columns by number
     */
    static ShapeMapping of(RelationDescriptor relation, Map<Integer, String> names) {
        Map<String, Integer> numbers = new LinkedHashMap<>();
        names.forEach((number, name) -> numbers.put(name, number));
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < relation.columns().size(); i++) {
            String name = relation.columns().get(i).name();
            // A column that the event does not know of is the target's business.
            columns.add(new Column(numbers.getOrDefault(name, -1 - i), name, i, null));
        }
        return new ShapeMapping(
                relation,
                relation.table(),
                columns,
                false,
                List.of(new Named(relation.table(), 0, -1)));
    }

    /** What the table is called, from the rows' position on. */
    List<Named> names() {
        return names;
    }

    private List<Named> names(long lsn, @Nullable TableId next) {
        List<Named> all = new ArrayList<>(names);
        Named last = all.remove(all.size() - 1);
        all.add(new Named(last.table, last.fromLsn, lsn));
        if (next != null) {
            all.add(new Named(next, lsn, -1));
        }
        return all;
    }

    /** By the next event behind them. */
    ShapeMapping then(ShapeLog.Entry entry) {
        if (entry.after() == null || entry.anew()) {
            return new ShapeMapping(
                    relation, null, List.of(), true, names(entry.lsn(), entry.after()));
        }
        List<Column> next = new ArrayList<>();
        for (Column column : columns) {
            String name = column.number < 0 ? column.name : entry.columnsAfter().get(column.number);
            if (name != null) {
                next.add(new Column(column.number, name, column.from, column.missing));
            }
        }
        entry.added()
                .forEach(
                        (number, missing) -> {
                            String name = entry.columnsAfter().get(number);
                            if (columns.stream().noneMatch(it -> it.number == number)) {
                                next.add(new Column(number, name, -1, missing));
                            }
                        });
        return new ShapeMapping(
                relation, entry.after(), next, false, names(entry.lsn(), entry.after()));
    }

    /** Whether the rows need not be written: the table is gone, or is copied again later. */
    boolean isDropped() {
        return dropped;
    }

    TableId table() {
        if (table == null) {
            throw new IllegalStateException("of no table");
        }
        return table;
    }

    /** The later shape, as the source would describe it. */
    RelationDescriptor descriptor() {
        List<RelationDescriptor.Column> described = new ArrayList<>();
        for (Column column : columns) {
            RelationDescriptor.Column was =
                    column.from < 0 ? null : relation.columns().get(column.from);
            described.add(
                    new RelationDescriptor.Column(
                            column.name,
                            was != null && was.identity(),
                            was == null ? 0 : was.typeOid(),
                            was == null ? -1 : was.typeModifier()));
        }
        return new RelationDescriptor(
                relation.oid(), table(), relation.replicaIdentity(), described);
    }

    /** One change in the later shape; truncates have none. */
    byte[] map(byte[] bytes, int change) {
        ByteBuilder mapped = new ByteBuilder(256);
        byte op = bytes[change];
        switch (op) {
            case Changes.INSERT -> {
                mapped.add(bytes, change, 3);
                tuple(bytes, change + 3, op, mapped);
            }
            case Changes.UPDATE -> {
                mapped.add(bytes, change, 4);
                if (Changes.hasOld(bytes, change)) {
                    tuple(bytes, change + 4, bytes[change + 3], mapped);
                }
                tuple(bytes, Changes.newTuple(bytes, change), op, mapped);
            }
            case Changes.DELETE -> {
                mapped.add(bytes, change, 4);
                tuple(bytes, change + 4, bytes[change + 3], mapped);
            }
            default -> mapped.add(bytes, change, Changes.changeEnd(bytes, change) - change);
        }
        return mapped.toArray();
    }

    /**
     * @param kind of change for a new tuple: an insert brings what was missing, an update leaves
     *     it; of old tuples whole rows have it, keys have not
     */
    private void tuple(byte[] bytes, int tuple, byte kind, ByteBuilder mapped) {
        mapped.add((byte) (columns.size() >>> 8));
        mapped.add((byte) columns.size());
        for (Column column : columns) {
            if (column.from >= 0) {
                int at = Changes.column(bytes, tuple, column.from);
                mapped.add(bytes, at, Changes.columnEnd(bytes, at) - at);
            } else if (kind == Changes.UPDATE) {
                mapped.add(Changes.UNCHANGED);
            } else if (column.missing == null || kind == 'K') {
                mapped.add(Changes.NULL);
            } else {
                byte[] value = column.missing.getBytes(UTF_8);
                mapped.add((byte) 't');
                mapped.add((byte) (value.length >>> 24));
                mapped.add((byte) (value.length >>> 16));
                mapped.add((byte) (value.length >>> 8));
                mapped.add((byte) value.length);
                mapped.add(value, 0, value.length);
            }
        }
    }
}
