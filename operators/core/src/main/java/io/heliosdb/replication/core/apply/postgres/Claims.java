package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.ApplyException.Kind;
import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.core.apply.ClaimRequest;
import io.heliosdb.replication.core.apply.Resync;
import io.heliosdb.replication.core.apply.StateReport;
import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.ingest.SourceTimeline;
import io.heliosdb.replication.model.Epoch;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.SourceSnapshot;
import io.heliosdb.replication.model.TableId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes the right to write for a replication, gives it back, and says so where it got none. */
final class Claims {

    private record Held(
            String source,
            Position position,
            ReplicationState state,
            String tenant,
            ResyncRecord resync,
            long timeline,
            boolean leaving) {

        /** Up to where the source still has what was applied; null for all of it. */
        @Nullable Lsn lostBehind(SourceTimeline now) {
            return now.lacks(timeline, position.commitLsn())
                    ? now.sharedUpTo(timeline).orElse(null)
                    : null;
        }
    }

    private final Backend backend;
    private final TargetTransaction transaction;

    Claims(Backend backend, TargetTransaction transaction) {
        this.backend = backend;
        this.transaction = transaction;
    }

    Claim claim(ClaimRequest request) {
        return transaction.whole("BEGIN", () -> claimed(request));
    }

    private Claim claimed(ClaimRequest request) throws StatementFailure, Rejection {
        ReplicationSpec spec = request.spec();
        SourceIdentity source = request.source();
        String id = spec.id().value();
        String tenant = spec.tenant().value();
        List<Boolean> admitted =
                backend.select(
                        ApplySql.CLAIM_CREATE,
                        row -> row.getBoolean(1),
                        tenant,
                        id,
                        source.toString(),
                        tenant);
        if (!admitted.get(0)) {
            throw new ApplyException(
                    Kind.RETRY_LANE,
                    ErrorCode.TARGET_BUSY,
                    "",
                    "rows of tenant " + tenant + " are being removed here",
                    null);
        }
        Held held =
                backend.select(
                                ApplySql.CLAIM_LOCK,
                                row ->
                                        new Held(
                                                row.getString(1),
                                                new Position(
                                                        Lsn.parse(row.getString(2)),
                                                        row.getLong(3)),
                                                ReplicationState.valueOf(row.getString(4)),
                                                row.getString(5),
                                                ResyncRecord.read(row, 6),
                                                row.getLong(9),
                                                row.getBoolean(10)),
                                id)
                        .get(0);
        if (held.leaving()) {
            throw new Rejection(
                    ErrorCode.TARGET_NOT_READY,
                    "",
                    "replication " + id + " has ended, and its rows are to be removed here");
        }
        List<Claim.SyncedTable> recorded =
                backend.select(
                        ApplySql.SYNCED_TABLES,
                        row ->
                                new Claim.SyncedTable(
                                        new TableId(row.getString(1), row.getString(2)),
                                        SourceSnapshot.parse(row.getString(3)),
                                        Lsn.parse(row.getString(4)).value()),
                        id);
        boolean fresh = held.position().equals(Position.START) && recorded.isEmpty();
        if (!fresh && !held.source().equals(source.toString())) {
            throw new Rejection(
                    ErrorCode.TARGET_NOT_READY,
                    "",
                    ("replication %s was fed from source %s, this is %s; its rows and positions do not"
                                    + " fit together. To begin anew from this one, comparing and"
                                    + " mending: stop the job, and 'heliosdb-cli resync --all"
                                    + " --new-slot'")
                            .formatted(id, held.source(), source));
        }
        if (!fresh && !held.tenant().equals(tenant)) {
            throw new Rejection(
                    ErrorCode.TARGET_NOT_READY,
                    "",
                    ("replication %s carried tenant %s, now it is %s; its position says nothing of"
                                    + " the new tenant. Use another name for the new tenant's"
                                    + " replication")
                            .formatted(id, held.tenant(), tenant));
        }
        ResyncRecord resync = held.resync().after(request);
        List<Claim.SyncedTable> synced = recorded;
        Position progress = held.position();
        if (resync.isNewerThan(held.resync())) {
            forget(id, recorded, resync.pending());
            backend.select(
                    ApplySql.FORGET_MENDED, row -> row.getString(1), (Object) new String[] {id});
            backend.select(ApplySql.ANSWER_ERROR, row -> row.getString(1), id);
            synced =
                    recorded.stream().filter(it -> !resync.pending().concerns(it.table())).toList();
            if (resync.pending().isWhole()) {
                progress = Position.after(new Lsn(resync.pending().commandLsn()));
            }
        }
        Lsn lostBehind =
                progress.equals(held.position()) ? held.lostBehind(request.timeline()) : null;
        return raised(request, held, progress, synced, resync, lostBehind);
    }

    private Claim raised(
            ClaimRequest request,
            Held held,
            Position progress,
            List<Claim.SyncedTable> synced,
            ResyncRecord resync,
            @Nullable Lsn lostBehind)
            throws StatementFailure {
        return backend.select(
                        ApplySql.CLAIM_RAISE,
                        row ->
                                new Claim(
                                        new Epoch(row.getLong(1)),
                                        progress,
                                        held.state(),
                                        synced,
                                        FilterText.read(row.getString(2)),
                                        resync.pending(),
                                        lostBehind,
                                        new Claim.Totals(
                                                row.getLong(3),
                                                row.getLong(4),
                                                row.getLong(5),
                                                row.getLong(6),
                                                row.getLong(7))),
                        request.source().toString(),
                        request.spec().tenant().value(),
                        FilterText.write(request.known()),
                        FilterText.write(request.now()),
                        Lsn.format(progress.commitLsn().value()),
                        progress.ordinal(),
                        resync.tables(),
                        resync.lsn(),
                        resync.why(),
                        lostBehind == null ? request.timeline().timeline() : 0,
                        request.spec().id().value())
                .get(0);
    }

    /** What was copied before does not count any more. */
    private void forget(String id, List<Claim.SyncedTable> synced, Resync resync)
            throws StatementFailure {
        List<TableId> tables =
                synced.stream().map(Claim.SyncedTable::table).filter(resync::concerns).toList();
        if (!tables.isEmpty()) {
            backend.select(
                    ApplySql.FORGET_COPIES,
                    row -> row.getString(1),
                    tables.stream().map(TableId::schema).toArray(String[]::new),
                    tables.stream().map(TableId::name).toArray(String[]::new),
                    id);
        }
    }

    Epoch reportUnclaimed(
            ReplicationSpec spec, SourceIdentity source, Epoch lastHeld, StateReport report) {
        List<Long> recorded =
                alone(
                        ApplySql.REPORT_UNCLAIMED,
                        spec.id().value(),
                        source.toString(),
                        spec.tenant().value(),
                        report.state().name(),
                        report.code() == null ? null : report.code().name(),
                        report.reason(),
                        lastHeld.value());
        return recorded.isEmpty() ? lastHeld : new Epoch(recorded.get(0));
    }

    void release(ReplicationId replication, Epoch epoch) {
        alone(ApplySql.GIVE_BACK, replication.value(), epoch.value());
    }

    /** One statement in a transaction of its own. */
    private List<Long> alone(String sql, @Nullable Object... parameters) {
        try {
            return backend.select(sql, row -> row.getLong(1), parameters);
        } catch (StatementFailure e) {
            transaction.rollbackAfter(e);
            throw Refusals.of(e);
        }
    }
}
