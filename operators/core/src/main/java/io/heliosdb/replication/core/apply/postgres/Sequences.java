package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.sequence.SequenceGoal;
import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves sequences of a target on; never back, but for those that begin again. */
final class Sequences {

    private static final Logger LOG = LoggerFactory.getLogger(Sequences.class);

    private final Backend backend;
    private final TargetTransaction transaction;

    /** That may not be moved, and are in the log. */
    private final Set<TableId> told = new HashSet<>();

    Sequences(Backend backend, TargetTransaction transaction) {
        this.backend = backend;
        this.transaction = transaction;
    }

    private record Moved(int index, boolean allowed) {}

    List<SequenceGoal> advance(List<SequenceGoal> goals) {
        try {
            Set<Integer> there = new HashSet<>();
            for (Moved moved : run(goals)) {
                there.add(moved.index);
                if (!moved.allowed && told.add(goals.get(moved.index).sequence())) {
                    LOG.warn(
                            "sequence not carried, SELECT and UPDATE are not granted sequence={}",
                            goals.get(moved.index).sequence());
                }
            }
            List<SequenceGoal> missing = new ArrayList<>();
            for (int i = 0; i < goals.size(); i++) {
                if (!there.contains(i)) {
                    missing.add(goals.get(i));
                }
            }
            return missing;
        } catch (StatementFailure e) {
            transaction.rollbackAfter(e);
            throw Refusals.of(e);
        }
    }

    private List<Moved> run(List<SequenceGoal> goals) throws StatementFailure {
        return backend.select(
                ApplySql.ADVANCE_SEQUENCES,
                row -> new Moved(row.getInt(1) - 1, row.getBoolean(2)),
                texts(goals.stream().map(goal -> goal.sequence().quoted()).toList()),
                texts(goals.stream().map(goal -> goal.table().quoted()).toList()),
                texts(goals.stream().map(SequenceGoal::column).toList()),
                texts(goals.stream().map(goal -> String.valueOf(goal.atLeast())).toList()),
                texts(goals.stream().map(goal -> String.valueOf(goal.value())).toList()),
                texts(goals.stream().map(goal -> String.valueOf(goal.upward())).toList()),
                texts(goals.stream().map(goal -> String.valueOf(goal.cycles())).toList()));
    }

    private static Object texts(List<String> texts) {
        return texts.toArray(String[]::new);
    }
}
