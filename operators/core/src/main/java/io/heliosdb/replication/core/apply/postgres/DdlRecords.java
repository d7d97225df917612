package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.LaneBatch;
import io.heliosdb.replication.core.apply.SkipOrder;
import io.heliosdb.replication.core.ddl.ColumnTexts;
import io.heliosdb.replication.core.ddl.DdlMessage;
import io.heliosdb.replication.core.ddl.Migration;
import io.heliosdb.replication.core.ddl.TableChange;
import io.heliosdb.replication.core.ddl.TableShape;
import io.heliosdb.replication.core.ddl.postgres.DdlSql;
import io.heliosdb.replication.core.ddl.postgres.LeftSql;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.TableFilter;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the target remembers of DDL; see {@link DdlSql}. In the transaction of whoever calls. */
final class DdlRecords {

    private static final Logger LOG = LoggerFactory.getLogger(DdlRecords.class);

    /** An event of a source. */
    record Place(String source, long lsn, long ordinal) {
        String lsnText() {
            return Lsn.format(lsn);
        }
    }

    /** Something that was not done. */
    record Failed(
            LaneBatch batch,
            DdlMessage message,
            Place place,
            String item,
            List<String> statements,
            String reason) {}

    private final Backend backend;

    DdlRecords(Backend backend) {
        this.backend = backend;
    }

    /** What of this event is done or shall not be done. */
    Set<String> done(Place place) throws StatementFailure {
        Set<String> done = new HashSet<>();
        backend.select(
                DdlSql.ITEMS,
                row ->
                        row.getString(2).equals("FAILED")
                                ? done.size()
                                : done.add(row.getString(1)) ? 1 : 0,
                place.source(),
                place.lsnText(),
                place.ordinal());
        return done;
    }

    /** Whether somebody has altered the table for this event. */
    boolean isApplied(Place place, TableChange change) throws StatementFailure {
        return !backend.select(
                        DdlSql.IS_APPLIED,
                        row -> row.getInt(1),
                        place.source(),
                        place.lsnText(),
                        place.ordinal(),
                        "table " + change.id())
                .isEmpty();
    }

    /**
     * Whether the replication has come past the end of a table of that name, which is still there.
     */
    boolean hasPassedDrop(ReplicationId replication, Place place, TableId table)
            throws StatementFailure {
        return !backend.select(
                        DdlSql.PASSED_DROP,
                        row -> row.getInt(1),
                        place.source(),
                        replication.value(),
                        table.schema(),
                        table.name())
                .isEmpty();
    }

    /** Whether the table stands behind this event already: a copy has brought it further. */
    boolean isBehind(Place place, TableChange change) throws StatementFailure {
        if (change.oid() != 0
                && backend.select(
                                DdlSql.SHAPE_AT_BY_OID,
                                row -> isNotBefore(row, place),
                                place.source(),
                                change.oid())
                        .contains(true)) {
            return true;
        }
        for (TableId id : Set.copyOf(List.of(change.idBefore(), change.id()))) {
            for (boolean behind :
                    backend.select(
                            DdlSql.SHAPE_AT,
                            row -> isNotBefore(row, place),
                            place.source(),
                            id.schema(),
                            id.name())) {
                if (behind) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isNotBefore(ResultSet row, Place place) throws SQLException {
        int order = Long.compareUnsigned(Lsn.parse(row.getString(1)).value(), place.lsn());
        return order > 0 || order == 0 && row.getLong(2) >= place.ordinal();
    }

    void applied(
            LaneBatch batch, DdlMessage message, Place place, String item, List<String> statements)
            throws StatementFailure {
        record(batch, message, place, item, statements, "APPLIED", null, null, false);
    }

    /** A partition is about to leave its tree, or to go: which rows are its own. */
    void leaves(Place place, TableChange change) throws StatementFailure {
        TableShape before = change.before();
        TableShape after = change.after();
        if (before != null
                && before.definition().partitionOf() != null
                && (after == null || after.definition().partitionOf() == null)) {
            boolean stored =
                    !backend.select(
                                    LeftSql.STORE,
                                    row -> row.getString(1),
                                    after == null,
                                    place.source(),
                                    place.lsnText(),
                                    place.ordinal(),
                                    before.id().schema(),
                                    before.id().name())
                            .isEmpty();
            TableId root = before.root();
            if (!stored && root != null) {
                one(
                        LeftSql.STORE_BY_HAND,
                        place.source(),
                        place.lsnText(),
                        place.ordinal(),
                        before.id().schema(),
                        before.id().name(),
                        root.schema(),
                        root.name());
            }
        }
    }

    /** A copy has brought the table further: this only tells what came between. */
    void passed(
            LaneBatch batch,
            DdlMessage message,
            Place place,
            String item,
            TableChange change,
            boolean anew)
            throws StatementFailure {
        String own = item + " by " + batch.replication();
        record(batch, message, place, own, List.of(), "PASSED", null, change, anew);
    }

    /**
     * A table was brought to its next shape.
     *
     * @param anew whether every replication copies it again at this event
     */
    void applied(
            LaneBatch batch,
            DdlMessage message,
            Place place,
            String item,
            TableChange change,
            Migration migration,
            boolean anew)
            throws StatementFailure {
        record(batch, message, place, item, migration.statements(), "APPLIED", null, change, anew);
        TableShape before = change.before();
        TableShape after = change.after();
        if (before != null && (after == null || !before.id().equals(after.id()))) {
            forget(place, before.id());
        }
        if (before != null) {
            pending(place, before.id(), after, migration);
        } else if (after != null) {
            pending(place, after.id(), after, migration);
        }
        if (after != null) {
            one(
                    DdlSql.STORE_SHAPE,
                    place.source(),
                    after.id().schema(),
                    after.id().name(),
                    place.lsnText(),
                    place.ordinal(),
                    after.json());
        }
    }

    private void forget(Place place, TableId id) throws StatementFailure {
        one(DdlSql.FORGET_SHAPE, place.source(), id.schema(), id.name());
    }

    private void pending(
            Place place, TableId before, @Nullable TableShape after, Migration migration)
            throws StatementFailure {
        if (after == null) {
            one(DdlSql.FORGET_PENDING, place.source(), before.schema(), before.name(), null, null);
            return;
        }
        TableId id = after.id();
        if (!before.equals(id)) {
            one(
                    DdlSql.RENAME_PENDING,
                    id.schema(),
                    id.name(),
                    place.source(),
                    before.schema(),
                    before.name());
        }
        for (String key : migration.settled()) {
            one(DdlSql.FORGET_PENDING, place.source(), id.schema(), id.name(), key, key);
        }
        for (String key : migration.later()) {
            one(
                    DdlSql.STORE_PENDING,
                    place.source(),
                    id.schema(),
                    id.name(),
                    key,
                    place.lsnText(),
                    place.ordinal());
        }
    }

    void failed(Failed failure) {
        ended(failure, "FAILED", failure.reason());
    }

    /** Whether nobody does it any more. */
    boolean skipped(Failed failure, SkipOrder order) {
        return ended(
                failure, "SKIPPED", order.who() + ": " + order.reason() + ". " + failure.reason());
    }

    private boolean ended(Failed failure, String state, String reason) {
        try {
            record(
                    failure.batch(),
                    failure.message(),
                    failure.place(),
                    failure.item(),
                    failure.statements(),
                    state,
                    reason,
                    null,
                    false);
            return true;
        } catch (StatementFailure e) {
            LOG.warn("{} DDL not recorded sqlstate={}", state, e.sqlState());
            return false;
        }
    }

    private void record(
            LaneBatch batch,
            DdlMessage message,
            Place place,
            String item,
            List<String> statements,
            String state,
            @Nullable String reason,
            @Nullable TableChange change,
            boolean anew)
            throws StatementFailure {
        TableShape before = change == null ? null : change.before();
        TableShape after = change == null ? null : change.after();
        one(
                DdlSql.RECORD,
                place.source(),
                place.lsnText(),
                place.ordinal(),
                item,
                message.tag(),
                message.command(),
                Progress.texts(statements, it -> it),
                state,
                reason,
                batch.replication().value(),
                before == null ? null : before.id().schema(),
                before == null ? null : before.id().name(),
                before == null ? null : ColumnTexts.names(before),
                after == null ? null : after.id().schema(),
                after == null ? null : after.id().name(),
                after == null ? null : ColumnTexts.names(after),
                before == null || after == null ? null : ColumnTexts.added(before, after),
                anew,
                change == null ? 0L : change.oid());
    }

    /**
     * The replication lacks a table from here on: its filter is recorded without it, so that it is
     * copied again whatever happens. Returns the filter.
     */
    TableFilter leaveOut(ReplicationId replication, TableId table) throws StatementFailure {
        TableFilter known =
                Objects.requireNonNull(
                        backend.select(
                                        ApplySql.READ_FILTER,
                                        row ->
                                                Objects.requireNonNullElse(
                                                        FilterText.read(row.getString(1)),
                                                        TableFilter.ALL),
                                        replication.value())
                                .get(0));
        List<String> exclude = new ArrayList<>(known.exclude());
        exclude.add(table.toString());
        TableFilter without = new TableFilter(known.include(), exclude);
        one(ApplySql.STORE_FILTER, FilterText.write(without), replication.value());
        one(ApplySql.MARK_FOR_COPY, replication.value(), table.schema(), table.name());
        return without;
    }

    /** Whether the replication is to copy the table, and has not yet. */
    boolean isMarked(ReplicationId replication, TableId table) throws StatementFailure {
        return !backend.select(
                        ApplySql.IS_MARKED,
                        row -> row.getString(1),
                        replication.value(),
                        table.schema(),
                        table.name())
                .isEmpty();
    }

    /** Nothing of that name is to be copied any more. */
    void unmark(ReplicationId replication, TableId table) throws StatementFailure {
        one(ApplySql.UNMARK, replication.value(), table.schema(), table.name());
    }

    private void one(String sql, @Nullable Object... parameters) throws StatementFailure {
        backend.select(sql, row -> row, parameters);
    }
}
