package io.heliosdb.replication.core.verify.postgres;

import io.heliosdb.replication.core.verify.Outcome;
import io.heliosdb.replication.core.verify.ReplicationResult;
import io.heliosdb.replication.core.verify.TableResult;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is found, by replication, while a verification goes on. */
final class Results {

    private final Map<ReplicationId, Entry> entries = new TreeMap<>();
    private final Lsn sourcePoint;

    Results(Lsn sourcePoint) {
        this.sourcePoint = sourcePoint;
    }

    private static final class Entry {
        final ReplicationSpec spec;
        final @Nullable Position position;
        final List<TableResult> tables = new ArrayList<>();
        Outcome outcome = Outcome.EQUAL;
        @Nullable String reason;

        Entry(ReplicationSpec spec, @Nullable Position position) {
            this.spec = spec;
            this.position = position;
        }
    }

    /** A replication that can be compared. */
    void open(ReplicationSpec spec, Position position, @Nullable String remark) {
        Entry entry = new Entry(spec, position);
        entry.reason = remark;
        entries.put(spec.id(), entry);
    }

    /** A replication that cannot. */
    void settle(ReplicationSpec spec, @Nullable Position position, Outcome outcome, String reason) {
        Entry entry = new Entry(spec, position);
        entry.outcome = outcome;
        entry.reason = reason;
        entries.put(spec.id(), entry);
    }

    boolean knows(ReplicationId replication) {
        return entries.containsKey(replication);
    }

    void add(ReplicationId replication, TableResult result) {
        entries.get(replication).tables.add(result);
    }

    /** The target of a replication that was being compared failed. */
    void unreachable(ReplicationId replication, String reason) {
        Entry entry = entries.get(replication);
        entry.outcome = Outcome.UNREACHABLE;
        entry.reason = reason;
    }

    List<ReplicationResult> list() {
        return entries.values().stream().map(this::result).toList();
    }

    private ReplicationResult result(Entry entry) {
        Outcome outcome = entry.outcome;
        for (TableResult table : entry.tables) {
            outcome = outcome.worse(table.outcome());
        }
        return new ReplicationResult(
                entry.spec.id(),
                entry.spec.tenant(),
                entry.spec.target(),
                outcome,
                entry.position,
                entry.position == null ? 0 : sourcePoint.bytesSince(entry.position.commitLsn()),
                entry.reason,
                entry.tables.stream().sorted((a, b) -> a.table().compareTo(b.table())).toList());
    }
}
