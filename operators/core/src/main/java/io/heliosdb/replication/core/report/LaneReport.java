package io.heliosdb.replication.core.report;

import io.heliosdb.replication.core.apply.Conflict;
import io.heliosdb.replication.core.apply.QuarantinedRow;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TableId;

/** What lanes tell, on its way to the metadata store. Each may come twice. */
public sealed interface LaneReport {

    /** How a replication is. Of several that wait, the newest of each state counts. */
    record Status(ReplicationReport report) implements LaneReport {}

    /**
     * A Flink checkpoint is complete, and holds this replication up to this position.
     *
     * @param rows applied by then, since it began
     */
    record Covered(
            ReplicationId replication,
            long checkpoint,
            long lsn,
            long rows,
            long bytes,
            long lagMicros,
            long atEpochMillis)
            implements LaneReport {}

    /** A table of a first copy: it is to be copied, or all its rows are. */
    record Table(
            ReplicationId replication,
            TableId table,
            boolean done,
            long rows,
            long bytes,
            long atEpochMillis)
            implements LaneReport {}

    /** The target has refused a change, and keeps it. */
    record Quarantined(ReplicationId replication, QuarantinedRow row, long atEpochMillis)
            implements LaneReport {}

    /** A change found no row in the target and was left out. */
    record Conflicted(Conflict conflict, long atEpochMillis) implements LaneReport {}

    /**
     * How small what a replication keeps has become since the job began. The newest counts.
     *
     * @param figures as {@code CompressionFigures.text}
     */
    record Compressed(ReplicationId replication, String figures, long atEpochMillis)
            implements LaneReport {}

    /**
     * Something happened.
     *
     * @param severity Info, Warning, Error or Critical
     * @param details JSON
     */
    record Note(
            ReplicationId replication,
            String type,
            String severity,
            String message,
            String details,
            long atEpochMillis)
            implements LaneReport {}
}
