package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How tuples of one relation of the source go into one table of the target. Arrays are by column of
 * the tuple.
 *
 * <p>A row is found by the columns of a unique key of the target that the source's old tuples
 * carry; failing that by the replica identity; failing that (FULL, no key) by the whole row. The
 * tenant is part of what finds it wherever the old tuples carry it: a replication never touches the
 * row of another tenant that has come to have the same key.
 */
final class TablePlan {

    final TableId table;
    final RelationDescriptor relation;

    /** Quoted names. */
    final String[] names;

    final String[] types;

    /** Whether INSERT and COPY write it: all but generated columns. */
    final boolean[] written;

    /** Whether UPDATE may set it. */
    final boolean[] settable;

    private final TargetTable.Column[] columns;

    /** Indexes of the columns that identify a row, ascending; empty if only the whole row does. */
    final int[] key;

    /** Whether a unique index of the target serves the key. */
    final boolean unique;

    /** Where the tenant of a row stands. */
    final TenantKey tenant;

    /** Index of the tenant key column, -1 if there is none. */
    final int tenantColumn;

    /** Whether a key column is GENERATED ALWAYS AS IDENTITY, so that UPDATE cannot change it. */
    final boolean fixedKey;

    /**
     * Whether a column that is no key is GENERATED ALWAYS AS IDENTITY. At the source it can have
     * been set to its next value; here the row must be deleted and inserted for that.
     */
    final boolean fixedValue;

    /**
     * Whether old rows cannot be told apart by what the stream says of them: a column of their key
     * is generated, and generated columns are not in the stream.
     */
    final boolean ambiguous;

    final boolean partitioned;

    /** Quoted names of columns that only the target has and that are not generated. */
    final List<String> extras;

    /** The statements on this table. */
    final TableSql sql;

    TablePlan(RelationDescriptor relation, TargetTable target, TenantKey tenant) {
        this.relation = relation;
        this.table = target.id();
        this.partitioned = target.partitioned();
        int width = relation.columns().size();
        names = new String[width];
        types = new String[width];
        written = new boolean[width];
        settable = new boolean[width];
        columns = new TargetTable.Column[width];
        boolean[] fixed = new boolean[width];
        for (int i = 0; i < width; i++) {
            TargetTable.Column column =
                    Objects.requireNonNull(target.column(relation.columns().get(i).name()));
            names[i] = TableId.quote(column.name());
            types[i] = column.type();
            written[i] = !column.generated();
            settable[i] = !column.generated() && !column.identityAlways();
            columns[i] = column;
            fixed[i] = column.identityAlways();
        }
        int[] uniqueKey = uniqueKeyOf(relation, target);
        unique = uniqueKey.length > 0;
        this.tenant = tenant;
        tenantColumn =
                tenant instanceof TenantKey.Column column ? relation.indexOf(column.name()) : -1;
        key = withTenant(unique ? uniqueKey : identityOf(relation));
        fixedKey = Arrays.stream(key).anyMatch(i -> fixed[i]);
        fixedValue = IntStream.range(0, width).anyMatch(i -> fixed[i] && !isKey(i));
        ambiguous = relation.replicaIdentity() != 'f' && !unique && lacksGenerated(target);
        extras = extras(relation, target);
        sql = new TableSql(this);
    }

    int width() {
        return names.length;
    }

    /** A text of the source as a value of the column's type, read as the type's input reads it. */
    String value(int column, String text) {
        // An array is always read by the input of its elements' type.
        return columns[column].readByCast()
                ? "(ARRAY[%s]::text::%s[])[1]".formatted(text, types[column])
                : text + "::" + types[column];
    }

    /** That the type's {@code =} holds, which an index can serve. */
    String equal(int column, String left, String value) {
        String type = columns[column].domainOf();
        String cast = type == null ? "" : "::" + type;
        return left + cast + " " + columns[column].equals() + " " + value + cast;
    }

    /** That both have the same text, and an index serves it where it can. */
    String same(int column, String left, String value) {
        return columns[column].exact()
                ? equal(column, left, value)
                : "%s AND format('%%s', %s) = format('%%s', %s)"
                        .formatted(isNull(left, false), left, value);
    }

    /** Whether there is no value. {@code (,) IS NULL} is true of a record that is there. */
    static String isNull(String name, boolean expected) {
        return name + (expected ? " IS NOT DISTINCT FROM NULL" : " IS DISTINCT FROM NULL");
    }

    boolean keyed() {
        return key.length > 0;
    }

    boolean isKey(int column) {
        return Arrays.binarySearch(key, column) >= 0;
    }

    private static int[] uniqueKeyOf(RelationDescriptor relation, TargetTable target) {
        Set<String> identity = Set.copyOf(relation.identityColumns());
        for (List<String> unique : target.uniqueKeys()) {
            if (identity.containsAll(unique)) {
                return unique.stream().mapToInt(relation::indexOf).sorted().toArray();
            }
        }
        return new int[0];
    }

    private int[] withTenant(int[] found) {
        boolean carried = tenantColumn >= 0 && relation.columns().get(tenantColumn).identity();
        if (found.length == 0 || !carried) {
            return found;
        }
        return IntStream.concat(Arrays.stream(found), IntStream.of(tenantColumn))
                .distinct()
                .sorted()
                .toArray();
    }

    private boolean lacksGenerated(TargetTable target) {
        return key.length == 0
                || target.uniqueKeys().stream()
                        .filter(unique -> unique.stream().anyMatch(target::generates))
                        .anyMatch(
                                unique ->
                                        unique.stream()
                                                .filter(name -> !target.generates(name))
                                                .allMatch(relation.identityColumns()::contains));
    }

    private static int[] identityOf(RelationDescriptor relation) {
        return relation.replicaIdentity() == 'f'
                ? new int[0]
                : relation.identityColumns().stream()
                        .mapToInt(relation::indexOf)
                        .sorted()
                        .toArray();
    }

    private static List<String> extras(RelationDescriptor relation, TargetTable target) {
        Set<String> known =
                relation.columns().stream()
                        .map(RelationDescriptor.Column::name)
                        .collect(Collectors.toSet());
        List<String> extras = new ArrayList<>();
        for (TargetTable.Column column : target.columns()) {
            if (!known.contains(column.name()) && !column.generated()) {
                extras.add(TableId.quote(column.name()));
            }
        }
        return extras;
    }
}
