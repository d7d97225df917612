package io.heliosdb.replication.core.verify;

import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TableId;
import java.util.Set;

/**
 * One replication that can be compared, between its two snapshots.
 *
 * @param tables tables it carries
 * @param sourcePoint the source's snapshot holds exactly the transactions whose commit LSN is below
 * @param applied the target's snapshot holds exactly the transactions up to here
 */
public record Tracked(
        ReplicationSpec spec, Set<TableId> tables, Lsn sourcePoint, Position applied) {

    public Tracked {
        tables = Set.copyOf(tables);
    }

    TableChanges.Direction direction() {
        return isBehind() ? TableChanges.Direction.BACKWARD : TableChanges.Direction.FORWARD;
    }

    /** Whether the source's snapshot may hold transactions that the target's does not. */
    public boolean isBehind() {
        return applied.commitLsn().compareTo(sourcePoint) < 0;
    }

    /** Whether exactly one of the two snapshots holds this transaction. */
    boolean isBetween(long commitLsn) {
        Lsn commit = new Lsn(commitLsn);
        boolean inSource = commit.compareTo(sourcePoint) < 0;
        boolean inTarget = Position.after(commit).compareTo(applied) <= 0;
        return inSource != inTarget;
    }
}
