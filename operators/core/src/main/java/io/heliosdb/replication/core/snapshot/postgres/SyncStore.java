package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.SourceSnapshot;
import io.heliosdb.replication.model.TableId;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the target remembers of first copies, and who may write. All methods work in the session's
 * open transaction; the caller commits.
 */
final class SyncStore {

    private static final Logger LOG = LoggerFactory.getLogger(SyncStore.class);

    private final Connection target;

    SyncStore(Connection target) {
        this.target = target;
    }

    /** A finished first copy. */
    record Entry(Claim.SyncedTable synced, long rows, long bytes) {}

    /** A table of a replication. */
    record Key(String replication, TableId table) {}

    /** Creates the table of marks if it is missing; commits. */
    void createMarks() throws SQLException {
        try (Statement statement = target.createStatement()) {
            if (!marksExist(statement)) {
                statement.execute(SyncSql.LOCK_COPY_MARK);
                statement.execute(SyncSql.CREATE_COPY_MARK);
            }
            target.commit();
        }
    }

    private static boolean marksExist(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery(SyncSql.COPY_MARK_EXISTS)) {
            row.next();
            return row.getBoolean(1);
        }
    }

    /** The finished first copies of these members. */
    Map<Key, Entry> entries(Collection<Member> members) throws SQLException {
        Map<Key, Entry> entries = new HashMap<>();
        try (PreparedStatement query = target.prepareStatement(SyncSql.TABLE_SYNC_ROWS)) {
            query.setArray(1, ids(members));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    TableId table = new TableId(row.getString(2), row.getString(3));
                    entries.put(
                            new Key(row.getString(1), table),
                            new Entry(
                                    new Claim.SyncedTable(
                                            table,
                                            SourceSnapshot.parse(row.getString(4)),
                                            Lsn.parse(row.getString(5)).value()),
                                    row.getLong(6),
                                    row.getLong(7)));
                }
            }
        }
        return entries;
    }

    /**
     * The tables in which rows of these members are known to be of a copy that does not count:
     * unfinished ones, finished ones of replications that never got to stream, and what others of
     * the tenant have left to be removed when they ended.
     */
    Set<Key> leftovers(Collection<Member> members, Set<Key> finished) throws SQLException {
        Set<Key> leftovers = marks(SyncSql.MARKS, members);
        Set<String> neverStreamed = neverStreamed(members);
        finished.stream()
                .filter(key -> neverStreamed.contains(key.replication()))
                .forEach(leftovers::add);
        leftovers.addAll(due(members));
        return leftovers;
    }

    /** The tables of a first copy that lack something although they were copied. */
    Set<Key> lacking(Collection<Member> members) throws SQLException {
        return marks(SyncSql.MARKS_AT_FIRST, members);
    }

    private Set<Key> marks(String sql, Collection<Member> members) throws SQLException {
        Set<Key> marks = new HashSet<>();
        try (PreparedStatement query = target.prepareStatement(sql)) {
            query.setArray(1, ids(members));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    marks.add(
                            new Key(
                                    row.getString(1),
                                    new TableId(row.getString(2), row.getString(3))));
                }
            }
        }
        return marks;
    }

    /** Replications, of these, whose first copy is not behind them. */
    Set<String> neverStreamed(Collection<Member> members) throws SQLException {
        Set<String> replications = new HashSet<>();
        try (PreparedStatement query = target.prepareStatement(SyncSql.NEVER_STREAMED)) {
            query.setArray(1, ids(members));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    replications.add(row.getString(1));
                }
            }
        }
        return replications;
    }

    private Set<Key> due(Collection<Member> members) throws SQLException {
        Set<Key> due = new HashSet<>();
        try (PreparedStatement query = target.prepareStatement(SyncSql.REMOVAL_DUE)) {
            query.setArray(
                    1,
                    target.createArrayOf("text", members.stream().map(Member::tenant).toArray()));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    String tenant = row.getString(1);
                    TableId table = new TableId(row.getString(2), row.getString(3));
                    members.stream()
                            .filter(it -> it.tenant().equals(tenant))
                            .forEach(it -> due.add(new Key(it.id().value(), table)));
                }
            }
        }
        return due;
    }

    /**
     * A table has become another: what first copies that were broken off have left in it is known
     * under the name under which its rows come now.
     *
     * @param from the name that it had, under which its rows came, or of the table {@code above}
     */
    void moved(TableId to, TableId from, TableId above, Collection<Member> members)
            throws SQLException {
        try (PreparedStatement statement = target.prepareStatement(SyncSql.MARK_MOVED)) {
            statement.setString(1, to.schema());
            statement.setString(2, to.name());
            statement.setArray(3, ids(members));
            statement.setString(4, from.schema());
            statement.setString(5, from.name());
            statement.setString(6, above.schema());
            statement.setString(7, above.name());
            statement.executeUpdate();
        }
    }

    /** Rows have come to a table that was copied before: first copies copy it again. */
    void lacks(TableId table, Collection<Member> members) throws SQLException {
        change(SyncSql.MARK_LACKING, table, members);
    }

    /** Nobody will copy these tables: their rows come under other names. */
    void unmark(Collection<TableId> tables, Collection<Member> members) throws SQLException {
        for (TableId table : tables) {
            change(SyncSql.UNMARK, table, members);
        }
    }

    /** Numbers of rows in the target by tenant ("" if the table is one tenant's as a whole). */
    Map<String, Long> existing(TablePlan table, Collection<Member> members) throws SQLException {
        Map<String, Long> counts = new HashMap<>();
        List<Member> possible = table.possible(members);
        if (!possible.isEmpty()) {
            try (Statement statement = target.createStatement();
                    ResultSet row = statement.executeQuery(table.countExisting(possible))) {
                while (row.next()) {
                    counts.put(row.getString(1), row.getLong(2));
                }
            }
        }
        return counts;
    }

    void wipe(TablePlan table, Collection<Member> members) throws SQLException {
        List<Member> possible = table.possible(members);
        if (!possible.isEmpty()) {
            try (Statement statement = target.createStatement()) {
                statement.executeUpdate(table.delete(possible));
            }
        }
    }

    void mark(TableId table, Collection<Member> members) throws SQLException {
        change(SyncSql.FORGET, table, members);
        change(SyncSql.MARK, table, members);
    }

    private void change(String sql, TableId table, Collection<Member> members) throws SQLException {
        try (PreparedStatement statement = target.prepareStatement(sql)) {
            statement.setString(1, table.schema());
            statement.setString(2, table.name());
            statement.setArray(3, ids(members));
            statement.executeUpdate();
        }
    }

    void finish(
            TableId table,
            ExportedSnapshot snapshot,
            List<Member> members,
            List<TablePlan.Counts> counts)
            throws SQLException {
        try (PreparedStatement upsert = target.prepareStatement(SyncSql.FINISH)) {
            upsert.setString(1, table.schema());
            upsert.setString(2, table.name());
            upsert.setString(3, snapshot.visible().toString());
            upsert.setString(4, snapshot.upperLsn());
            upsert.setArray(5, ids(members));
            upsert.setArray(6, longs(counts.stream().map(it -> it.rows).toArray()));
            upsert.setArray(7, longs(counts.stream().map(it -> it.bytes).toArray()));
            upsert.executeUpdate();
        }
        change(SyncSql.UNMARK, table, members);
    }

    /**
     * Holds the epochs of these members until the end of the transaction; returns the members that
     * lost theirs.
     */
    List<Member> lost(Collection<Member> members, String holdEpochs) throws SQLException {
        Map<String, Long> epochs = new HashMap<>();
        try (PreparedStatement query = target.prepareStatement(holdEpochs)) {
            query.setArray(1, ids(members));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    epochs.put(row.getString(1), row.getLong(2));
                }
            }
        }
        List<Member> lost = new ArrayList<>();
        for (Member member : members) {
            Long epoch = epochs.get(member.id().value());
            if (epoch == null || epoch != member.epoch()) {
                lost.add(member);
            }
        }
        return lost;
    }

    /**
     * Records what was found in a table that was compared.
     *
     * @param rows of the source, by member
     */
    void mended(TablePlan table, List<Member> members, long[] rows, Mending mending)
            throws SQLException {
        List<Mending.Found> found =
                members.stream()
                        .map(it -> mending.found(table.keyColumn() == null ? "" : it.tenant()))
                        .toList();
        try (PreparedStatement upsert = target.prepareStatement(SyncSql.MENDED)) {
            upsert.setString(1, table.table().schema());
            upsert.setString(2, table.table().name());
            upsert.setArray(3, ids(members));
            upsert.setArray(4, longs(Arrays.stream(rows).boxed().toArray()));
            upsert.setArray(5, longs(found.stream().map(it -> it.missing).toArray()));
            upsert.setArray(6, longs(found.stream().map(it -> it.extra).toArray()));
            upsert.setArray(7, longs(found.stream().map(it -> it.differing).toArray()));
            upsert.executeUpdate();
        }
        for (int i = 0; i < found.size(); i++) {
            if (found.get(i).all() > 0) {
                LOG.warn(
                        "rows mended replication={} table={} missing={} extra={} differing={}",
                        members.get(i).id(),
                        table.table(),
                        found.get(i).missing,
                        found.get(i).extra,
                        found.get(i).differing);
            }
        }
    }

    /** Writes the figures of these members. */
    void progress(List<Member> members) throws SQLException {
        try (PreparedStatement update = target.prepareStatement(SyncSql.PROGRESS)) {
            update.setArray(1, ids(members));
            update.setArray(2, ids(members));
            update.setArray(3, longs(members.stream().map(Member::epoch).toArray()));
            update.setArray(4, longs(members.stream().map(it -> it.rows.sum()).toArray()));
            update.setArray(5, longs(members.stream().map(it -> it.bytes.sum()).toArray()));
            update.setArray(6, longs(members.stream().map(it -> it.expectedRows()).toArray()));
            update.executeUpdate();
        }
    }

    /** Writes what these members wait for; null for nothing any more. */
    void reason(List<Member> members, @Nullable String reason) throws SQLException {
        try (PreparedStatement update = target.prepareStatement(SyncSql.REASON)) {
            update.setString(1, reason);
            update.setArray(2, ids(members));
            update.setArray(3, longs(members.stream().map(Member::epoch).toArray()));
            update.executeUpdate();
        }
    }

    private Array ids(Collection<Member> members) throws SQLException {
        return target.createArrayOf(
                "text", members.stream().map(member -> member.id().value()).toArray());
    }

    private Array longs(Object[] values) throws SQLException {
        return target.createArrayOf("int8", values);
    }
}
