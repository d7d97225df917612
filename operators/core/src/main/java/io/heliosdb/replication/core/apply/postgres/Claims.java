package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.core.apply.StateReport;
import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.model.Epoch;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.SourceSnapshot;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.TableFilter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes the right to write for a replication, gives it back, and says so where it got none. */
final class Claims {

    private record Held(String source, Position position, ReplicationState state, String tenant) {}

    private final Backend backend;
    private final TargetTransaction transaction;

    Claims(Backend backend, TargetTransaction transaction) {
        this.backend = backend;
        this.transaction = transaction;
    }

    Claim claim(
            ReplicationSpec spec,
            SourceIdentity source,
            @Nullable TableFilter known,
            @Nullable TableFilter now) {
        try {
            transaction.run("BEGIN");
            Claim claim = claimed(spec, source, known, now);
            transaction.run("COMMIT");
            return claim;
        } catch (StatementFailure e) {
            transaction.rollbackAfter(e);
            throw Refusals.of(e);
        } catch (Rejection e) {
            transaction.rollback();
            throw Refusals.of(e);
        } catch (RuntimeException e) {
            transaction.rollback();
            throw e;
        }
    }

    private Claim claimed(
            ReplicationSpec spec,
            SourceIdentity source,
            @Nullable TableFilter known,
            @Nullable TableFilter now)
            throws StatementFailure, Rejection, ApplyException {
        String id = spec.id().value();
        String tenant = spec.tenant().value();
        backend.select(
                ApplySql.CLAIM_CREATE, row -> row.getString(1), id, source.toString(), tenant);
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
                                                row.getString(5)),
                                id)
                        .get(0);
        List<Claim.SyncedTable> synced =
                backend.select(
                        ApplySql.SYNCED_TABLES,
                        row ->
                                new Claim.SyncedTable(
                                        new TableId(row.getString(1), row.getString(2)),
                                        SourceSnapshot.parse(row.getString(3)),
                                        Lsn.parse(row.getString(4)).value()),
                        id);
        boolean fresh = held.position().equals(Position.START) && synced.isEmpty();
        if (!fresh && !held.source().equals(source.toString())) {
            throw new Rejection(
                    ErrorCode.TARGET_NOT_READY,
                    "",
                    ("replication %s was fed from source %s, this is %s; its rows and positions do not"
                                    + " fit together. To start anew, empty its tables and run: DELETE FROM"
                                    + " heliosdb.table_sync WHERE replication_id = '%s'; DELETE FROM"
                                    + " heliosdb.replication_progress WHERE replication_id = '%s'")
                            .formatted(id, held.source(), source, id, id));
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
        return backend.select(
                        ApplySql.CLAIM_RAISE,
                        row ->
                                new Claim(
                                        new Epoch(row.getLong(1)),
                                        held.position(),
                                        held.state(),
                                        synced,
                                        FilterText.read(row.getString(2))),
                        source.toString(),
                        tenant,
                        FilterText.write(known),
                        FilterText.write(now),
                        id)
                .get(0);
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
