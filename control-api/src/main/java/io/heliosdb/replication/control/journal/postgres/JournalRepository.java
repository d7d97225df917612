package io.heliosdb.replication.control.journal.postgres;

import com.fasterxml.jackson.databind.JsonNode;
import io.heliosdb.replication.control.journal.Journal.Checkpoint;
import io.heliosdb.replication.control.journal.Journal.Conflict;
import io.heliosdb.replication.control.journal.Journal.Event;
import io.heliosdb.replication.control.journal.Journal.Refused;
import io.heliosdb.replication.control.journal.Journal.TableSync;
import io.heliosdb.replication.control.json.Json;
import io.heliosdb.replication.control.store.postgres.MetadataStore;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.UUID;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** Reads the journal. */
public final class JournalRepository {

    private final MetadataStore store;

    public JournalRepository(MetadataStore store) {
        this.store = store;
    }

    /** A part of a list, and how long the whole is. */
    public record Page<T>(List<T> items, long total) {}

    public Page<Event> events(
            UUID id, @Nullable String severity, @Nullable String type, int offset, int limit) {
        return store.with(
                handle -> {
                    Query items = handle.createQuery(JournalSql.EVENTS);
                    Query count = handle.createQuery(JournalSql.COUNT_EVENTS);
                    for (Query query : List.of(items, count)) {
                        query.bind("severity", severity).bind("type", type);
                    }
                    return page(
                            items,
                            count,
                            id,
                            offset,
                            limit,
                            (row, context) ->
                                    new Event(
                                            row.getLong("id"),
                                            row.getString("event_type"),
                                            row.getString("severity"),
                                            row.getString("message"),
                                            json(row, "details"),
                                            row.getString("actor"),
                                            time(row, "created_at")));
                });
    }

    public Page<Checkpoint> checkpoints(UUID id, int offset, int limit) {
        return store.with(
                handle ->
                        page(
                                handle.createQuery(JournalSql.CHECKPOINTS),
                                handle.createQuery(JournalSql.COUNT_CHECKPOINTS),
                                id,
                                offset,
                                limit,
                                (row, context) ->
                                        new Checkpoint(
                                                row.getLong("id"),
                                                row.getLong("lsn"),
                                                whole(row, "transaction_id"),
                                                time(row, "checkpoint_time"),
                                                json(row, "table_checkpoints"),
                                                row.getLong("rows_replicated"),
                                                row.getLong("bytes_replicated"),
                                                decimal(row, "lag_seconds"))));
    }

    public Page<Conflict> conflicts(UUID id, int offset, int limit) {
        return store.with(
                handle ->
                        page(
                                handle.createQuery(JournalSql.CONFLICTS),
                                handle.createQuery(JournalSql.COUNT_CONFLICTS),
                                id,
                                offset,
                                limit,
                                (row, context) ->
                                        new Conflict(
                                                row.getLong("id"),
                                                time(row, "detected_at"),
                                                row.getString("position"),
                                                row.getString("table_name"),
                                                row.getString("conflict_type"),
                                                row.getString("resolution"),
                                                row.getString("reason"),
                                                json(row, "source_row"),
                                                json(row, "target_row"))));
    }

    public Page<Refused> quarantine(UUID id, int offset, int limit) {
        return store.with(
                handle ->
                        page(
                                handle.createQuery(JournalSql.QUARANTINE),
                                handle.createQuery(JournalSql.COUNT_QUARANTINE),
                                id,
                                offset,
                                limit,
                                (row, context) ->
                                        new Refused(
                                                row.getString("position"),
                                                row.getString("table_name"),
                                                row.getString("operation"),
                                                row.getString("sqlstate"),
                                                row.getString("message"),
                                                json(row, "row_data"),
                                                time(row, "quarantined_at"),
                                                timeOrNull(row, "resolved_at"))));
    }

    public List<TableSync> sync(UUID id) {
        return store.with(
                handle ->
                        handle.createQuery(JournalSql.SYNC)
                                .bind("id", id)
                                .map(
                                        (row, context) ->
                                                new TableSync(
                                                        row.getString("table_name"),
                                                        row.getString("state"),
                                                        row.getLong("rows_copied"),
                                                        row.getLong("bytes_copied"),
                                                        whole(row, "rows_estimated"),
                                                        timeOrNull(row, "started_at"),
                                                        timeOrNull(row, "completed_at")))
                                .list());
    }

    /** Bytes per second of the last first copies, per table; empty if there were none. */
    public OptionalDouble copyRate() {
        Optional<Double> rate =
                store.with(
                        handle ->
                                handle.createQuery(JournalSql.COPY_RATE)
                                        .map((row, context) -> Optional.ofNullable(decimal(row, 1)))
                                        .one());
        return rate.map(OptionalDouble::of).orElseGet(OptionalDouble::empty);
    }

    private static <T> Page<T> page(
            Query items, Query count, UUID id, int offset, int limit, RowMapper<T> mapper) {
        long total = count.bind("id", id).mapTo(Long.class).one();
        return new Page<>(
                items.bind("id", id).bind("offset", offset).bind("limit", limit).map(mapper).list(),
                total);
    }

    private static @Nullable JsonNode json(ResultSet row, String column) throws SQLException {
        return Json.readColumn(row.getString(column), JsonNode.class);
    }

    private static Instant time(ResultSet row, String column) throws SQLException {
        return row.getTimestamp(column).toInstant();
    }

    private static @Nullable Instant timeOrNull(ResultSet row, String column) throws SQLException {
        Timestamp time = row.getTimestamp(column);
        return time == null ? null : time.toInstant();
    }

    private static @Nullable Long whole(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    private static @Nullable Double decimal(ResultSet row, String column) throws SQLException {
        double value = row.getDouble(column);
        return row.wasNull() ? null : value;
    }

    private static @Nullable Double decimal(ResultSet row, int column) throws SQLException {
        double value = row.getDouble(column);
        return row.wasNull() ? null : value;
    }
}
