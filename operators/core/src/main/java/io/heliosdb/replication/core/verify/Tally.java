package io.heliosdb.replication.core.verify;

import io.heliosdb.replication.core.verify.KeyDifference.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The books of one table of one replication while it is compared. */
final class Tally {

    final Tracked replication;
    final @Nullable TableChanges changes;
    final long targetRows;

    /** Rows that no change touched: what the target should hold of them, and what it holds. */
    Aggregate expected;

    Aggregate actual;

    /** Touched rows that both aggregates no longer contain: key hash to what was taken out. */
    final Map<Long, Aggregate> sourceTaken = new HashMap<>();

    final Map<Long, Aggregate> targetTaken = new HashMap<>();

    private final List<KeyDifference> differences = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final int namedKeys;
    private boolean more;
    private boolean differs;
    private boolean inexact;
    private long touchedPresent;

    Tally(
            Tracked replication,
            @Nullable TableChanges changes,
            Aggregate source,
            Aggregate target,
            int namedKeys) {
        this.replication = replication;
        this.changes = changes;
        this.expected = changes != null && changes.cleared() ? Aggregate.NONE : source;
        this.actual = target;
        this.targetRows = target.count();
        this.namedKeys = namedKeys;
        if (changes instanceof RowChanges rows) {
            expected = expected.plus(rows.total());
        }
    }

    String tenant() {
        return replication.spec().tenant().value();
    }

    boolean isUnknown() {
        return changes != null && changes.unknown() != null;
    }

    void takeFromSource(long keyHash, long rowHash) {
        if (changes != null && !changes.cleared()) {
            expected = expected.minus(rowHash);
            sourceTaken.merge(keyHash, Aggregate.NONE.plus(rowHash), Aggregate::plus);
        }
    }

    void takeFromTarget(long keyHash, long rowHash) {
        actual = actual.minus(rowHash);
        targetTaken.merge(keyHash, Aggregate.NONE.plus(rowHash), Aggregate::plus);
    }

    void touchedIsThere() {
        touchedPresent++;
    }

    /** A touched row of which only its presence could be compared. */
    void comparedByPresence() {
        inexact = true;
    }

    void differ(Kind kind, String key, List<String> columns) {
        differs = true;
        if (differences.size() < namedKeys) {
            differences.add(new KeyDifference(kind, key, columns));
        } else {
            more = true;
        }
    }

    void moreDifferences() {
        more = true;
    }

    boolean isFull() {
        return differences.size() >= namedKeys;
    }

    void note(String note) {
        notes.add(note);
    }

    TableResult result(VerifiedTable table) {
        boolean equal = expected.equals(actual);
        Outcome outcome;
        if (isUnknown()) {
            // Behind, and equal nevertheless: the target holds what the source holds even now.
            boolean settled = equal && replication.isBehind();
            outcome = settled ? Outcome.EQUAL : Outcome.BEHIND;
            if (!settled && changes != null) {
                notes.add("not comparable exactly: " + changes.unknown());
            }
        } else if (differs || !equal) {
            outcome = Outcome.DIFFERENT;
        } else if (inexact) {
            outcome = Outcome.BEHIND;
            notes.add(
                    "rows changed after the target's position were compared by presence only; all"
                            + " others are equal");
        } else {
            outcome = Outcome.EQUAL;
        }
        differences.sort(
                java.util.Comparator.comparing(KeyDifference::kind)
                        .thenComparing(each -> each.key().length())
                        .thenComparing(KeyDifference::key));
        return new TableResult(
                table.id(),
                outcome,
                expected.count() + touchedPresent,
                targetRows,
                changes == null ? 0 : changes.size(),
                differences,
                more,
                notes);
    }
}
