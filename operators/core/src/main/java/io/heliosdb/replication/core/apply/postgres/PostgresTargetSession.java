package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.core.apply.ClaimRequest;
import io.heliosdb.replication.core.apply.LaneBatch;
import io.heliosdb.replication.core.apply.QuarantinedRow;
import io.heliosdb.replication.core.apply.Removal;
import io.heliosdb.replication.core.apply.SkipOrder;
import io.heliosdb.replication.core.apply.StateReport;
import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.core.apply.postgres.SqlScript.Part;
import io.heliosdb.replication.core.ddl.postgres.DdlSql;
import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.sequence.SequenceGoal;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.model.Epoch;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TableId;
import java.util.Comparator;
import java.util.List;

/** A session in a PostgreSQL target. */
final class PostgresTargetSession implements TargetSession {

    private final Backend backend;
    private final boolean origin;
    private final SqlScript script = new SqlScript();
    private final TargetTransaction transaction;
    private final Claims claims;
    private final GroupApply group;
    private final Sequences sequences;
    private final Skips skips;
    private final StreamedApply stream;
    private final DdlSettler settler;
    private final RowRemoval removal;

    /**
     * @param backend with {@link SessionSql#SETTINGS} in force
     * @param origin whether a replication origin is set up
     * @param settler of what DDL asks of rows
     */
    PostgresTargetSession(Backend backend, Tenancy tenancy, boolean origin, DdlSettler settler) {
        this.settler = settler;
        this.backend = backend;
        this.origin = origin;
        TablePlans plans = new TablePlans(backend, tenancy);
        Progress progress = new Progress(backend, script, origin);
        Refusals refusals = new Refusals(backend, script);
        ShapeLog shapes = new ShapeLog(backend);
        this.transaction = new TargetTransaction(backend, script, plans);
        DdlApply ddl = new DdlApply(backend, transaction, tenancy, shapes);
        RowWriter writer = new RowWriter(backend, plans, script, shapes, ddl);
        this.claims = new Claims(backend, transaction);
        this.group = new GroupApply(transaction, progress, writer, script, refusals, shapes, ddl);
        this.stream =
                new StreamedApply(
                        backend, transaction, progress, writer, script, refusals, shapes, ddl);
        this.sequences = new Sequences(backend, transaction);
        this.removal = new RowRemoval(backend, transaction, tenancy);
        this.skips = new Skips(backend, transaction, progress, script);
    }

    /**
     * Whether commits carry the source's position and time. Without it everything works, but local
     * writes and ours cannot be told apart in the target's WAL.
     */
    boolean originAvailable() {
        return origin;
    }

    /** How often the slow path was taken. */
    long replays() {
        return group.replays();
    }

    /** For tests that do not want to wait as long as {@link SessionSql#SETTINGS}. */
    void setLockTimeout(String timeout) throws StatementFailure {
        transaction.run("SET lock_timeout = '" + timeout + "'");
    }

    @Override
    public Claim claim(ClaimRequest request) {
        stream.requireNone();
        return claims.claim(request);
    }

    @Override
    public ApplyResult apply(List<LaneBatch> batches) {
        stream.requireNone();
        return group.apply(batches);
    }

    @Override
    public ApplyResult stream(LaneBatch parts) {
        return stream.add(parts);
    }

    @Override
    public ApplyResult commitStream(LaneBatch closing) {
        return stream.commit(closing);
    }

    @Override
    public void rollbackStream() {
        stream.rollback();
    }

    @Override
    public List<SequenceGoal> advanceSequences(List<SequenceGoal> goals) {
        stream.requireNone();
        return sequences.advance(goals);
    }

    @Override
    public void skip(LaneBatch piece, SkipOrder order) {
        stream.requireNone();
        skips.skip(piece, order);
    }

    @Override
    public void advance(List<Advance> advances) {
        stream.requireNone();
        if (advances.isEmpty()) {
            return;
        }
        List<Advance> sorted =
                advances.stream().sorted(Comparator.comparing(Advance::replication)).toList();
        script.execute(ApplySql.ADVANCE);
        script.value(Progress.texts(sorted, advance -> advance.replication().value()));
        script.value(Progress.numbers(sorted, advance -> advance.epoch().value()));
        script.value(
                Progress.texts(
                        sorted, advance -> Lsn.format(advance.position().commitLsn().value())));
        script.value(Progress.numbers(sorted, advance -> advance.position().ordinal()));
        script.value(Progress.numbers(sorted, Advance::sourceEpochMicros));
        script.value(Progress.numbers(sorted, advance -> advance.waiting().transactions()));
        script.value(Progress.numbers(sorted, advance -> advance.waiting().bytes()));
        script.value(Progress.texts(sorted, advance -> Lsn.format(advance.acknowledgedLsn())));
        script.value(Progress.numbers(sorted, advance -> advance.waiting().rows()));
        script.value(Progress.numbers(sorted, advance -> advance.waiting().storedBytes()));
        script.value(Progress.numbers(sorted, advance -> advance.waiting().oldestMicros()));
        script.value(Progress.texts(sorted, advance -> advance.waiting().compression()));
        script.value(Progress.texts(sorted, advance -> advance.waiting().service()));
        script.end(Part.CONTROL, 0);
        runScript();
        settle();
    }

    private void settle() {
        try {
            if (!backend.select(DdlSql.ANY_PENDING, row -> row.getInt(1)).isEmpty()) {
                settler.wake();
            }
        } catch (StatementFailure e) {
            throw Refusals.of(e);
        }
    }

    @Override
    public void report(ReplicationId replication, Epoch epoch, StateReport report) {
        stream.requireNone();
        script.execute(ApplySql.REPORT);
        script.value(replication.value());
        script.value(epoch.value());
        script.value(report.state().name());
        if (report.code() == null) {
            script.nullValue();
        } else {
            script.value(report.code().name());
        }
        if (report.reason() == null) {
            script.nullValue();
        } else {
            script.value(report.reason());
        }
        script.value(Lsn.format(report.refusedLsn()));
        script.end(Part.CONTROL, 0);
        runScript();
    }

    @Override
    public Epoch reportUnclaimed(
            ReplicationSpec spec, SourceIdentity source, Epoch lastHeld, StateReport report) {
        stream.requireNone();
        return claims.reportUnclaimed(spec, source, lastHeld, report);
    }

    @Override
    public void release(ReplicationId replication, Epoch epoch) {
        stream.requireNone();
        claims.release(replication, epoch);
    }

    @Override
    public Removal removeRows(ReplicationSpec ended) {
        stream.requireNone();
        return removal.remove(ended);
    }

    @Override
    public List<QuarantinedRow> quarantined(ReplicationId replication, long commitLsn) {
        stream.requireNone();
        try {
            return backend.select(
                    ApplySql.QUARANTINED,
                    row ->
                            new QuarantinedRow(
                                    commitLsn,
                                    row.getLong(1),
                                    new TableId(row.getString(2), row.getString(3)),
                                    row.getString(4),
                                    row.getString(5),
                                    row.getString(6),
                                    row.getString(7) == null ? "null" : row.getString(7)),
                    replication.value(),
                    Lsn.format(commitLsn));
        } catch (StatementFailure e) {
            transaction.rollbackAfter(e);
            throw Refusals.of(e);
        }
    }

    /** Runs a script of one statement in its own transaction. */
    private void runScript() throws ApplyException {
        try {
            backend.run(script, (index, count) -> {});
        } catch (StatementFailure e) {
            transaction.rollbackAfter(e);
            throw Refusals.of(e);
        }
    }

    @Override
    public void abort() {
        backend.abort();
    }

    @Override
    public void close() {
        settler.close();
        backend.close();
    }
}
