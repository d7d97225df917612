package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.snapshot.postgres.TablePlan.Part;
import io.heliosdb.replication.core.snapshot.postgres.TablePlan.Range;
import io.heliosdb.replication.model.TableId;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Cuts the tables of a group into tasks and estimates their rows. Works in the source's session
 * that exported the snapshot.
 */
final class Planner {

    /** PostgreSQL 14 and later read a ctid range without reading the rest. */
    private static final int RANGES_SINCE = 14;

    private static final long LEAST_PAGES = 512;
    private static final long MOST_PAGES = 16_384;
    private static final long ROWS_PER_UNKNOWN_PAGE = 80;

    private final Connection source;
    private final int workers;

    Planner(Connection source, int workers) {
        this.source = source;
        this.workers = workers;
    }

    /** The tasks, largest first. */
    List<CopyTask> plan(List<TablePlan> tables) throws SQLException {
        Map<TablePlan, List<Part>> parts = readParts(tables);
        List<CopyTask> tasks = new ArrayList<>();
        for (TablePlan table : tables) {
            excludeImpossible(table);
            List<CopyTask> own = new ArrayList<>();
            for (Part part : parts.getOrDefault(table, List.of())) {
                if (!table.mend) {
                    own.addAll(cut(table, part));
                }
                estimate(table, part);
            }
            if (table.mend) {
                table.parts = parts.getOrDefault(table, List.of());
                long pages = table.parts.stream().mapToLong(Part::pages).sum();
                own.add(
                        new CopyTask(
                                table, null, null, pages, List.copyOf(table.members.keySet())));
            }
            if (own.isEmpty()) {
                // A partitioned table without partitions: nothing to read, yet to be recorded.
                own.add(new CopyTask(table, null, null, 0, List.copyOf(table.members.keySet())));
            }
            table.openTasks.set(own.size());
            table.alone = own.size() == 1;
            tasks.addAll(own);
        }
        tasks.sort(Comparator.comparingLong(CopyTask::pages).reversed());
        return tasks;
    }

    private Map<TablePlan, List<Part>> readParts(List<TablePlan> tables) throws SQLException {
        Map<TablePlan, List<Part>> parts = new HashMap<>();
        try (PreparedStatement query = source.prepareStatement(SyncSql.PARTS)) {
            query.setArray(1, texts(tables.stream().map(it -> it.table().schema()).toArray()));
            query.setArray(2, texts(tables.stream().map(it -> it.table().name()).toArray()));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    parts.computeIfAbsent(tables.get(row.getInt(1) - 1), it -> new ArrayList<>())
                            .add(
                                    new Part(
                                            new TableId(row.getString(2), row.getString(3)),
                                            row.getLong(4),
                                            row.getLong(5)));
                }
            }
        }
        return parts;
    }

    private List<CopyTask> cut(TablePlan table, Part part) throws SQLException {
        List<Member> members = List.copyOf(table.members.keySet());
        if (part.pages() < 2 * LEAST_PAGES
                || source.getMetaData().getDatabaseMajorVersion() < RANGES_SINCE
                || !scansAll(table, part)) {
            return List.of(new CopyTask(table, part, null, part.pages(), members));
        }
        long step = Math.min(MOST_PAGES, Math.max(LEAST_PAGES, part.pages() / (workers * 4L) + 1));
        List<CopyTask> tasks = new ArrayList<>();
        for (long from = 0; from < part.pages(); from += step) {
            boolean last = from + step >= part.pages();
            Range range = new Range(from, last ? -1 : from + step);
            tasks.add(new CopyTask(table, part, range, step, members));
        }
        return tasks;
    }

    /** Whether PostgreSQL would read the whole relation for these tenants, rather than an index. */
    private boolean scansAll(TablePlan table, Part part) throws SQLException {
        if (table.keyColumn() == null) {
            return true;
        }
        try (Statement statement = source.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "EXPLAIN " + table.select(part, null, table.members.keySet()))) {
            return row.next() && row.getString(1).startsWith("Seq Scan");
        }
    }

    /**
     * A tenant whose id is no value of the key's type (tenant "acme" and an integer key) has no
     * rows; its id must not get into the query.
     */
    private void excludeImpossible(TablePlan table) throws SQLException {
        List<Member> members = new ArrayList<>(table.members.keySet());
        if (table.keyColumn() == null || table.keyType().equals("text")) {
            return;
        }
        if (!isValid(table, members)) {
            for (Member member : members) {
                if (!isValid(table, List.of(member))) {
                    table.impossible.add(member);
                }
            }
        }
    }

    private boolean isValid(TablePlan table, List<Member> members) throws SQLException {
        Savepoint savepoint = source.setSavepoint();
        try (Statement statement = source.createStatement()) {
            statement.execute("SELECT " + TablePlan.array(members) + "::" + table.keyType() + "[]");
            return true;
        } catch (SQLException e) {
            if (e.getSQLState() == null || !e.getSQLState().startsWith("22")) {
                throw e;
            }
            source.rollback(savepoint);
            return false;
        } finally {
            source.releaseSavepoint(savepoint);
        }
    }

    private void estimate(TablePlan table, Part part) throws SQLException {
        double rows = part.rows() >= 0 ? part.rows() : part.pages() * ROWS_PER_UNKNOWN_PAGE;
        String key = table.keyColumn();
        Map<String, Double> share = new HashMap<>();
        double otherShare = key == null ? 1 : 1.0 / table.members.size();
        if (key != null) {
            try (PreparedStatement query = source.prepareStatement(SyncSql.KEY_STATISTICS)) {
                query.setString(1, part.relation().schema());
                query.setString(2, part.relation().name());
                query.setString(3, key);
                try (ResultSet row = query.executeQuery()) {
                    if (row.next()) {
                        otherShare = shares(row, rows, share);
                    }
                }
            }
        }
        for (Member member : table.members.keySet()) {
            member.estimatedRows += rows * share.getOrDefault(member.tenant(), otherShare);
        }
    }

    /** Fills the shares of the most common values; returns the share of each other value. */
    private static double shares(ResultSet row, double rows, Map<String, Double> share)
            throws SQLException {
        double left = 1;
        Array values = row.getArray(1);
        Array frequencies = row.getArray(2);
        if (values != null && frequencies != null) {
            String[] value = (String[]) values.getArray();
            Object[] frequency = (Object[]) frequencies.getArray();
            for (int i = 0; i < value.length; i++) {
                double part = ((Number) frequency[i]).doubleValue();
                share.put(value[i], part);
                left -= part;
            }
        }
        double distinct = row.getDouble(3);
        double others = (distinct < 0 ? -distinct * rows : distinct) - share.size();
        return others > 0 && left > 0 ? left / others : 0;
    }

    private Array texts(Object[] values) throws SQLException {
        return source.createArrayOf("text", values);
    }
}
