package io.heliosdb.replication.core.apply.postgres;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;

/**
 * Writes the waiting changes of a table in the cheapest shape for their number.
 *
 * <p>Measured on PostgreSQL 17, 7 columns, µs per row of the target's backend (client apart):
 *
 * <pre>
 *   rows per statement       4     16     64    256   1000  10000
 *   insert  script          11    9.0    9.9    8.9    8.4
 *           unnest          28    5.8    3.9    3.2    3.0
 *           COPY            29    9.0    3.7    2.4    2.0
 *   update  script          20   16.3   14.5   14.8   14.0   13.0
 *           unnest          19   12.0    8.1    8.2    8.0    6.3
 *           COPY + staging  94   29.8   13.3    9.4    8.2    5.7    (slower by the clock: two round trips, two scans)
 * </pre>
 *
 * So there is no staging table: unnest of binary arrays is as good from the first row on.
 */
final class SetWriter {

    /** Up to here, single statements in the script save the round trip. */
    static final int SCRIPT_ROWS = 10;

    /** From here, COPY's second round trip is paid. */
    static final int COPY_ROWS = 150;

    /** Beyond, literals would cost more memory than the round trip costs time. */
    private static final int MAX_SCRIPT_BYTES = 256 << 10;

    private static final int MAX_SET_ROWS = 10_000;
    private static final int MAX_SET_BYTES = 8 << 20;

    private final RowWriter writer;
    private final Backend backend;
    private final Segments segments;
    private final RowStatements statements;
    private final TextColumns columns = new TextColumns();
    private int few = SCRIPT_ROWS;
    private boolean alwaysNet;
    private long[] expected = {};
    private long[] found = {};

    SetWriter(RowWriter writer, Backend backend, Segments segments, RowStatements statements) {
        this.writer = writer;
        this.backend = backend;
        this.segments = segments;
        this.statements = statements;
    }

    /** Starts a transaction, in which few rows may be written one by one, or net. */
    void start(boolean net) {
        alwaysNet = net;
    }

    /** Writes all changes of this table and empties it. */
    void write(TableWork work) throws StatementFailure {
        int size = work.changes.size();
        if (size == 0) {
            return;
        }
        few = work.bytes() <= MAX_SCRIPT_BYTES ? SCRIPT_ROWS : 0;
        if (size <= few && !alwaysNet) {
            rowByRow(work);
        } else if (work.onlyInserts()) {
            insert(work.plan, newTuples(work.changes));
        } else {
            net(work);
        }
        work.clear();
    }

    private void rowByRow(TableWork work) throws StatementFailure {
        for (int i = 0; i < work.changes.size(); i++) {
            statements.change(work.plan, work.changes.get(i));
            writer.runIfFull();
        }
    }

    private References newTuples(References changes) {
        References tuples = new References();
        for (int i = 0; i < changes.size(); i++) {
            tuples.add(changes.get(i) + 3); // an insert: op and relation stand before the tuple
        }
        return tuples;
    }

    private void net(TableWork work) throws StatementFailure {
        TablePlan plan = work.plan;
        int size = work.changes.size();
        NetChanges net = new NetChanges(segments, plan.key, plan.width(), size);
        for (int i = 0; i < size; i++) {
            if (!net.add(work.changes.get(i))) {
                rowByRow(work);
                return;
            }
        }
        for (int lane : net.lost()) {
            writer.addConflicts(lane, 1);
        }
        delete(plan, net.deletes(), work.severalLanes());
        for (Map.Entry<BitSet, References> update : net.updates().entrySet()) {
            update(plan, update.getKey(), update.getValue(), work.severalLanes());
        }
        insert(plan, net.inserts());
    }

    private void insert(TablePlan plan, References rows) throws StatementFailure {
        if (rows.size() <= few) {
            for (int i = 0; i < rows.size(); i++) {
                statements.insert(plan, rows.get(i), Segments.offset(rows.get(i)));
            }
            writer.runIfFull();
        } else if (rows.size() >= COPY_ROWS) {
            writer.runScript();
            backend.copy(plan, segments, rows);
        } else {
            BitSet written = new BitSet();
            for (int i = 0; i < plan.width(); i++) {
                written.set(i, plan.written[i]);
            }
            unnest(plan, plan.sql.insertSet, destinations(plan, written), rows, Finds.NONE, false);
        }
    }

    private void delete(TablePlan plan, References keys, boolean lanes) throws StatementFailure {
        if (keys.size() <= few) {
            for (int i = 0; i < keys.size(); i++) {
                statements.delete(plan, keys.get(i), Segments.offset(keys.get(i)));
            }
            writer.runIfFull();
        } else {
            BitSet key = keyColumns(plan);
            unnest(
                    plan,
                    plan.sql.deleteSet(lanes),
                    destinations(plan, key),
                    keys,
                    Finds.DELETES,
                    lanes);
        }
    }

    private void update(TablePlan plan, BitSet unchanged, References rows, boolean lanes)
            throws StatementFailure {
        BitSet set = plan.sql.set(unchanged, false);
        if (set.isEmpty()) {
            return;
        }
        if (rows.size() <= few) {
            for (int i = 0; i < rows.size(); i++) {
                int row = Segments.offset(rows.get(i));
                statements.update(plan, rows.get(i), row, row);
            }
            writer.runIfFull();
        } else {
            BitSet sent = keyColumns(plan);
            sent.or(set);
            unnest(
                    plan,
                    plan.sql.updateSet(set, lanes),
                    destinations(plan, sent),
                    rows,
                    Finds.UPDATES,
                    lanes);
        }
    }

    /** What becomes of the rows that a statement finds. */
    private enum Finds {
        NONE,
        UPDATES,
        DELETES
    }

    private void unnest(
            TablePlan plan,
            String sql,
            int[] destinations,
            References rows,
            Finds finds,
            boolean lanes)
            throws StatementFailure {
        writer.runScript();
        int width = Arrays.stream(destinations).max().orElseThrow() + 1;
        int i = 0;
        while (i < rows.size()) {
            columns.start(lanes ? width + 1 : width);
            expect(lanes);
            while (i < rows.size()
                    && columns.rows() < MAX_SET_ROWS
                    && columns.bytes() < MAX_SET_BYTES) {
                long row = rows.get(i++);
                columns.add(segments.bytes(row), Segments.offset(row), destinations);
                if (lanes) {
                    int lane = segments.lane(row);
                    columns.add(width, Integer.toString(lane));
                    expected[lane]++;
                }
                columns.endRow();
            }
            run(plan, sql, finds, lanes, segments.lane(rows.get(0)));
        }
    }

    private void expect(boolean lanes) {
        if (lanes) {
            expected = new long[writer.lanes()];
            found = new long[writer.lanes()];
        }
    }

    private void run(TablePlan plan, String sql, Finds finds, boolean lanes, int onlyLane)
            throws StatementFailure {
        boolean delete = finds == Finds.DELETES;
        if (lanes) {
            backend.setByLane(sql, columns.arrays(), found);
            for (int lane = 0; lane < expected.length; lane++) {
                long missing = Math.max(0, expected[lane] - found[lane]);
                writer.missing(plan, delete, lane, missing, expected[lane]);
            }
            return;
        }
        long changed = backend.set(sql, columns.arrays());
        if (finds != Finds.NONE) {
            long missing = Math.max(0, columns.rows() - changed);
            writer.missing(plan, delete, onlyLane, missing, columns.rows());
        }
    }

    private static BitSet keyColumns(TablePlan plan) {
        BitSet columns = new BitSet();
        for (int i : plan.key) {
            columns.set(i);
        }
        return columns;
    }

    private static int[] destinations(TablePlan plan, BitSet columns) {
        int[] destinations = new int[plan.width()];
        int next = 0;
        for (int i = 0; i < destinations.length; i++) {
            destinations[i] = columns.get(i) ? next++ : -1;
        }
        return destinations;
    }
}
