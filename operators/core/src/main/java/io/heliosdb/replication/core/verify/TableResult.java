package io.heliosdb.replication.core.verify;

import io.heliosdb.replication.model.TableId;
import java.util.List;

/**
 * One table of one replication.
 *
 * @param sourceRows rows of the tenant that the target should hold at its position
 * @param targetRows rows of the tenant that it holds
 * @param changedRows keys changed between the two snapshots, compared one by one
 * @param differences the first of them, ordered by kind and key
 * @param moreDifferences whether there are more than {@code differences} names
 * @param notes what a reader must know beside the figures
 */
public record TableResult(
        TableId table,
        Outcome outcome,
        long sourceRows,
        long targetRows,
        long changedRows,
        List<KeyDifference> differences,
        boolean moreDifferences,
        List<String> notes) {

    public TableResult {
        differences = List.copyOf(differences);
        notes = List.copyOf(notes);
    }

    static TableResult note(TableId table, Outcome outcome, long source, long target, String note) {
        return new TableResult(table, outcome, source, target, 0, List.of(), false, List.of(note));
    }
}
