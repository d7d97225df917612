package io.heliosdb.replication.core.apply.postgres;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * The statements on one table. All change rows of that table only, take ROW EXCLUSIVE, and are not
 * idempotent by themselves: the progress row makes the transaction so.
 *
 * <p>Row statements have numbered parameters for EXECUTE, of the column's type. Set statements have
 * {@code ?} parameters, each a {@code text[]}: see {@link TextColumns}. Parameters come in the
 * order of the tuple's columns; those of a row to find come behind those to write.
 */
final class TableSql {

    private final TablePlan plan;
    private final Map<Object, String> cache = new HashMap<>();
    private final String table;

    /** The rows of the table itself: those of tables that inherit from it are not its own. */
    private final String own;

    /** Inserts one row: all written columns. */
    final String insertRow;

    /** Inserts rows of arrays: all written columns. */
    final String insertSet;

    /** Reads rows of COPY's text format: all written columns. */
    final String copy;

    /** Deletes the row with this key. */
    final String deleteRow;

    private record Shape(String kind, BitSet columns, BitSet more) {}

    private static final BitSet NONE = new BitSet();

    TableSql(TablePlan plan) {
        this.plan = plan;
        this.table = plan.table.quoted();
        this.own = plan.partitioned ? table : "ONLY " + table;
        List<String> columns = new ArrayList<>();
        List<String> parameters = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (int i = 0; i < plan.width(); i++) {
            if (plan.written[i]) {
                columns.add(plan.names[i]);
                parameters.add("$" + columns.size() + "::" + plan.types[i]);
                values.add(plan.value(i, "v.c" + i));
            }
        }
        String into = table + " (" + String.join(", ", columns) + ")";
        insertRow =
                "INSERT INTO %s OVERRIDING SYSTEM VALUE VALUES (%s)"
                        .formatted(into, String.join(", ", parameters));
        BitSet all = new BitSet();
        for (int i = 0; i < plan.width(); i++) {
            all.set(i, plan.written[i]);
        }
        insertSet =
                "INSERT INTO %s OVERRIDING SYSTEM VALUE SELECT %s FROM %s"
                        .formatted(into, String.join(", ", values), unnest(all, false));
        copy = "COPY " + into + " FROM STDIN";
        deleteRow = "DELETE FROM %s WHERE %s".formatted(own, keyIs(1));
    }

    /**
     * Deletes all rows of one tenant; the parameter is the tenant. The type's equality, which an
     * index can serve, may take more than the router takes (citext, char(n)): the text decides.
     *
     * @param castable whether the tenant is a value of the key's type; if not, only the text can
     *     tell
     */
    String deleteTenant(boolean castable) {
        int i = plan.tenantColumn;
        // A cast to text would trim char(n).
        String text = "pg_catalog.format('%%s', %s) = $1::text".formatted(plan.names[i]);
        return "DELETE FROM %s WHERE %s%s"
                .formatted(
                        own,
                        text,
                        castable
                                ? " AND " + plan.equal(i, plan.names[i], plan.value(i, "$1::text"))
                                : "");
    }

    String deleteAll() {
        return "DELETE FROM " + own;
    }

    /** Which columns an update sets: not the unchanged ones, and the key only if it changes. */
    BitSet set(BitSet unchanged, boolean withKey) {
        BitSet set = new BitSet();
        for (int i = 0; i < plan.width(); i++) {
            set.set(i, plan.settable[i] && !unchanged.get(i) && (withKey || !plan.isKey(i)));
        }
        return set;
    }

    /** Sets these columns of the row with this key. */
    String updateRow(BitSet set) {
        return cached(
                new Shape("update row", set, NONE),
                () ->
                        "UPDATE %s SET %s WHERE %s"
                                .formatted(own, assignments(set), keyIs(set.cardinality() + 1)));
    }

    /**
     * Gives the row with this key a new key and new values, where UPDATE may not: deletes it and
     * inserts it again.
     */
    String moveRow(BitSet unchanged) {
        return cached(new Shape("move row", unchanged, NONE), () -> move(unchanged, this::keyIs));
    }

    /** As above, of one row of those that equal the old row; {@code nulls} are its null columns. */
    String moveSame(BitSet unchanged, BitSet nulls) {
        return cached(
                new Shape("move same", unchanged, nulls),
                () -> move(unchanged, parameter -> oneLike(nulls, parameter)));
    }

    /**
     * @param where which row, by the number of the first parameter that is free for it
     */
    private String move(BitSet unchanged, IntFunction<String> where) {
        List<String> columns = new ArrayList<>();
        List<String> values = new ArrayList<>();
        int parameter = 0;
        for (int i = 0; i < plan.width(); i++) {
            if (plan.written[i]) {
                columns.add(plan.names[i]);
                values.add(
                        unchanged.get(i)
                                ? "old." + plan.names[i]
                                : "$" + ++parameter + "::" + plan.types[i]);
            }
        }
        for (String extra : plan.extras) {
            columns.add(extra);
            values.add("old." + extra);
        }
        return """
               WITH old AS (DELETE FROM %s WHERE %s RETURNING *)
               INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM old\
               """
                .formatted(
                        own,
                        where.apply(parameter + 1),
                        table,
                        String.join(", ", columns),
                        String.join(", ", values));
    }

    /** Deletes one row of those that equal the old row; {@code nulls} are its null columns. */
    String deleteSame(BitSet nulls) {
        return cached(
                new Shape("delete same", nulls, NONE),
                () -> "DELETE FROM %s WHERE %s".formatted(own, oneLike(nulls, 1)));
    }

    /** Sets these columns of one row of those that equal the old row. */
    String updateSame(BitSet set, BitSet nulls) {
        return cached(
                new Shape("update same", set, nulls),
                () ->
                        "UPDATE %s SET %s WHERE %s"
                                .formatted(
                                        own,
                                        assignments(set),
                                        oneLike(nulls, set.cardinality() + 1)));
    }

    /**
     * Updates rows by key; arrays: key columns and set columns in tuple order. With lanes, a last
     * array says whose row it is, and the result is the number of rows found per lane.
     */
    String updateSet(BitSet set, boolean lanes) {
        return cached(
                new Shape(lanes ? "update set by lane" : "update set", set, NONE),
                () -> {
                    List<String> assignments = new ArrayList<>();
                    set.stream()
                            .forEach(
                                    i ->
                                            assignments.add(
                                                    plan.names[i]
                                                            + " = "
                                                            + plan.value(i, "v.c" + i)));
                    BitSet columns = (BitSet) set.clone();
                    for (int i : plan.key) {
                        columns.set(i);
                    }
                    return perLane(
                            "UPDATE %s AS t SET %s FROM %s WHERE %s"
                                    .formatted(
                                            own,
                                            String.join(", ", assignments),
                                            unnest(columns, lanes),
                                            keyJoins()),
                            lanes);
                });
    }

    /** Deletes rows by key; arrays: key columns; lanes as above. */
    String deleteSet(boolean lanes) {
        return cached(
                new Shape(lanes ? "delete set by lane" : "delete set", NONE, NONE),
                () -> {
                    BitSet columns = new BitSet();
                    for (int i : plan.key) {
                        columns.set(i);
                    }
                    return perLane(
                            "DELETE FROM %s AS t USING %s WHERE %s"
                                    .formatted(own, unnest(columns, lanes), keyJoins()),
                            lanes);
                });
    }

    private static String perLane(String change, boolean lanes) {
        return lanes
                ? "WITH changed AS (%s RETURNING v.lane) SELECT lane, count(*) FROM changed GROUP BY lane"
                        .formatted(change)
                : change;
    }

    private String parameter(int column, int number) {
        return "$" + number + "::" + plan.types[column];
    }

    private String keyIs(int firstParameter) {
        List<String> terms = new ArrayList<>();
        for (int i : plan.key) {
            String value = parameter(i, firstParameter + terms.size());
            terms.add(plan.equal(i, plan.names[i], value));
        }
        return String.join(" AND ", terms);
    }

    private String keyJoins() {
        List<String> terms = new ArrayList<>();
        for (int i : plan.key) {
            terms.add(plan.equal(i, "t." + plan.names[i], plan.value(i, "v.c" + i)));
        }
        return String.join(" AND ", terms);
    }

    /**
     * A null is asked for by name, as an index serves {@code =} and not IS NOT DISTINCT FROM. A
     * ctid is unique in one partition only.
     */
    private String oneLike(BitSet nulls, int firstParameter) {
        List<String> terms = new ArrayList<>();
        int parameter = firstParameter;
        for (int i = 0; i < plan.width(); i++) {
            if (nulls.get(i)) {
                terms.add(TablePlan.isNull(plan.names[i], true));
            } else {
                terms.add(plan.same(i, plan.names[i], parameter(i, parameter++)));
            }
        }
        String where = String.join(" AND ", terms);
        return plan.partitioned
                ? "(tableoid, ctid) = (SELECT tableoid, ctid FROM %s WHERE %s LIMIT 1)"
                        .formatted(own, where)
                : "ctid = (SELECT ctid FROM %s WHERE %s LIMIT 1)".formatted(own, where);
    }

    private String assignments(BitSet set) {
        List<String> assignments = new ArrayList<>();
        set.stream()
                .forEach(
                        i ->
                                assignments.add(
                                        "%s = $%d::%s"
                                                .formatted(
                                                        plan.names[i],
                                                        assignments.size() + 1,
                                                        plan.types[i])));
        return String.join(", ", assignments);
    }

    private static String unnest(BitSet columns, boolean lanes) {
        List<String> arrays = new ArrayList<>();
        List<String> aliases = new ArrayList<>();
        columns.stream()
                .forEach(
                        i -> {
                            arrays.add("?::text[]");
                            aliases.add("c" + i);
                        });
        if (lanes) {
            arrays.add("?::text[]");
            aliases.add("lane");
        }
        return "unnest(%s) AS v(%s)"
                .formatted(String.join(", ", arrays), String.join(", ", aliases));
    }

    private String cached(Shape shape, Supplier<String> sql) {
        String known = cache.get(shape);
        if (known == null) {
            known = sql.get();
            cache.put(
                    new Shape(
                            shape.kind(),
                            (BitSet) shape.columns().clone(),
                            (BitSet) shape.more().clone()),
                    known);
        }
        return known;
    }
}
