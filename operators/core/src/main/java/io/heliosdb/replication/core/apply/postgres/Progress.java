package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.ApplyException.Kind;
import io.heliosdb.replication.core.apply.LaneBatch;
import io.heliosdb.replication.core.apply.postgres.SqlScript.Part;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.TenantTransaction;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** Reads and moves the progress rows of a group of batches. */
final class Progress {

    /** A progress row, as far as the apply is concerned. */
    record Row(String replication, long epoch, Position position) {}

    private final Backend backend;
    private final SqlScript script;
    private final boolean origin;

    Progress(Backend backend, SqlScript script, boolean origin) {
        this.backend = backend;
        this.script = script;
        this.origin = origin;
    }

    /**
     * Appends the compare-and-set of all these, in order of replication id.
     *
     * @param rows rows that will be written, per batch
     */
    void move(List<LaneBatch> group, long[] rows) {
        if (group.size() == 1) {
            moveOne(group.get(0), rows[0]);
        } else {
            moveMany(group, rows);
        }
    }

    private void moveOne(LaneBatch batch, long rows) {
        TenantTransaction last = batch.lastTransaction();
        TenantTransaction first = batch.transactions().get(0);
        script.execute(origin ? ApplySql.MOVE_ONE_WITH_ORIGIN : ApplySql.MOVE_ONE);
        script.value(batch.replication().value());
        script.value(batch.epoch().value());
        script.value(Lsn.format(last.commitLsn()));
        script.value(Position.WHOLE);
        script.value(last.commitEpochMicros());
        script.value(transactions(batch));
        script.value(rows);
        script.value(Lsn.format(first.commitLsn()));
        script.value(Position.WHOLE);
        script.value(Lsn.format(batch.acknowledgedLsn()));
        script.end(Part.PROGRESS, 0);
    }

    private void moveMany(List<LaneBatch> group, long[] rows) {
        script.execute(origin ? ApplySql.MOVE_MANY_WITH_ORIGIN : ApplySql.MOVE_MANY);
        script.value(texts(group, batch -> batch.replication().value()));
        script.value(numbers(group, batch -> batch.epoch().value()));
        script.value(texts(group, batch -> Lsn.format(batch.lastTransaction().commitLsn())));
        script.value(numbers(group, batch -> Position.WHOLE));
        script.value(numbers(group, batch -> batch.lastTransaction().commitEpochMicros()));
        script.value(numbers(group, Progress::transactions));
        StringBuilder counts = new StringBuilder();
        for (long count : rows) {
            counts.append(counts.isEmpty() ? '{' : ',').append(count);
        }
        script.value(counts.append('}').toString());
        script.value(texts(group, batch -> Lsn.format(batch.transactions().get(0).commitLsn())));
        script.value(numbers(group, batch -> Position.WHOLE));
        script.value(texts(group, batch -> Lsn.format(batch.acknowledgedLsn())));
        if (origin) {
            TenantTransaction latest = latest(group);
            script.value(Lsn.format(latest.commitLsn()));
            script.value(latest.commitEpochMicros());
        }
        script.end(Part.PROGRESS, 0);
    }

    private static TenantTransaction latest(List<LaneBatch> group) {
        TenantTransaction latest = group.get(0).lastTransaction();
        for (LaneBatch batch : group) {
            TenantTransaction last = batch.lastTransaction();
            if (Long.compareUnsigned(last.commitLsn(), latest.commitLsn()) > 0) {
                latest = last;
            }
        }
        return latest;
    }

    /** Whole transactions in a batch: a large one counts with its last part. */
    private static long transactions(LaneBatch batch) {
        return batch.transactions().stream().filter(TenantTransaction::last).count();
    }

    /**
     * What remains to be applied of a batch whose compare-and-set was refused; empty if the target
     * has it all. That is how an ambiguous commit is resolved.
     *
     * @throws ApplyException FENCED, or REJECTED with STREAM_GAP if the target was set back
     */
    List<LaneBatch> remaining(List<LaneBatch> group) throws StatementFailure {
        Map<String, Row> rows = read(ApplySql.READ, group);
        return group.stream()
                .map(batch -> remaining(batch, rows.get(batch.replication().value())))
                .filter(batch -> !batch.transactions().isEmpty())
                .toList();
    }

    /** Reads the row of this batch and keeps claims waiting until the end of the transaction. */
    LaneBatch remainingOfStream(LaneBatch batch) throws StatementFailure {
        return remaining(
                batch,
                read(ApplySql.READ_FOR_STREAM, List.of(batch)).get(batch.replication().value()));
    }

    private static LaneBatch remaining(
            LaneBatch batch, @org.jspecify.annotations.Nullable Row row) {
        if (row == null || row.epoch() != batch.epoch().value()) {
            throw new ApplyException(
                    Kind.FENCED,
                    ErrorCode.FENCED,
                    "",
                    "replication %s is held by epoch %s, not by ours, %s"
                            .formatted(
                                    batch.replication(),
                                    row == null ? "none (no progress row)" : row.epoch(),
                                    batch.epoch()),
                    null);
        }
        requireNotSetBack(batch, row);
        List<TenantTransaction> left =
                batch.transactions().stream()
                        .filter(transaction -> transaction.position().isAfter(row.position()))
                        .toList();
        return batch.with(left);
    }

    private static void requireNotSetBack(LaneBatch batch, Row row) {
        Lsn acknowledged = new Lsn(batch.acknowledgedLsn());
        if (acknowledged.isAfter(row.position().commitLsn())) {
            throw new ApplyException(
                    Kind.REJECTED,
                    ErrorCode.STREAM_GAP,
                    "",
                    "the target stands at %s but had acknowledged %s: it was set back, and what lies between is gone from the stream. To compare and mend it: heliosdb-cli resync --replication '%s'"
                            .formatted(row.position().commitLsn(), acknowledged, row.replication()),
                    null);
        }
    }

    private Map<String, Row> read(String sql, List<LaneBatch> group) throws StatementFailure {
        Map<String, Row> rows = new HashMap<>();
        String[] ids =
                group.stream().map(batch -> batch.replication().value()).toArray(String[]::new);
        for (Row row :
                backend.select(
                        sql,
                        result ->
                                new Row(
                                        result.getString(1),
                                        result.getLong(2),
                                        new Position(
                                                Lsn.parse(result.getString(3)), result.getLong(4))),
                        (Object) ids)) {
            rows.put(row.replication(), row);
        }
        return rows;
    }

    /** Appends the counts of updates and deletes that found no row. */
    void addConflicts(LaneBatch batch, long conflicts) {
        script.execute(ApplySql.ADD_CONFLICTS);
        script.value(batch.replication().value());
        script.value(batch.epoch().value());
        script.value(conflicts);
        script.end(Part.CONTROL, 0);
    }

    static <T> String texts(List<T> items, Function<T, String> text) {
        StringBuilder array = new StringBuilder("{");
        for (T item : items) {
            array.append(array.length() == 1 ? "\"" : ",\"")
                    .append(text.apply(item).replace("\\", "\\\\").replace("\"", "\\\""))
                    .append('"');
        }
        return array.append('}').toString();
    }

    static <T> String numbers(List<T> items, ToLongFunction<T> number) {
        StringBuilder array = new StringBuilder("{");
        for (T item : items) {
            array.append(array.length() == 1 ? "" : ",").append(number.applyAsLong(item));
        }
        return array.append('}').toString();
    }
}
