package io.heliosdb.replication.core.verify;

import io.heliosdb.replication.model.Lsn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The whole comparison.
 *
 * @param sourcePosition the source was read as of exactly here
 * @param replications ordered by id
 */
public record VerifyReport(
        Lsn sourcePosition,
        Duration duration,
        List<ReplicationResult> replications,
        List<ForeignRows> foreignRows) {

    public VerifyReport {
        replications = List.copyOf(replications);
        foreignRows = List.copyOf(foreignRows);
    }

    /** The most severe outcome; foreign rows are a difference. */
    public Outcome verdict() {
        List<Outcome> outcomes = new ArrayList<>();
        replications.forEach(replication -> outcomes.add(replication.outcome()));
        foreignRows.forEach(rows -> outcomes.add(Outcome.DIFFERENT));
        return Outcome.worst(outcomes);
    }

    /** Replications with this outcome. */
    public long count(Outcome outcome) {
        return replications.stream().filter(result -> result.outcome() == outcome).count();
    }

    /** Rows of the source that were compared. */
    public long rows() {
        return replications.stream()
                .flatMap(result -> result.tables().stream())
                .mapToLong(TableResult::sourceRows)
                .sum();
    }
}
