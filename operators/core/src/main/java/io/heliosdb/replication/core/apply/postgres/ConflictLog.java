package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.Conflict;
import io.heliosdb.replication.core.apply.LaneBatch;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.TenantTransaction;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What of a target transaction found no row, a few of them in detail: single statements know their
 * change, statements for many rows only how many they lack.
 */
final class ConflictLog {

    private static final int MOST = 20;

    private final List<Conflict> found = new ArrayList<>();
    private LaneBatch[] batches = {};

    void start(int lanes) {
        found.clear();
        batches = new LaneBatch[lanes];
    }

    void lane(int lane, LaneBatch batch) {
        batches[lane] = batch;
    }

    List<Conflict> found() {
        return List.copyOf(found);
    }

    /**
     * @param reference to the change, or to the tuple that is left of several changes of the row
     */
    void row(TablePlan plan, boolean delete, Segments segments, long reference) {
        if (found.size() >= MOST) {
            return;
        }
        LaneBatch batch = batches[segments.lane(reference)];
        TenantTransaction transaction = segments.transaction(reference);
        byte[] bytes = segments.bytes(reference);
        int at = Segments.offset(reference);
        boolean change = bytes[at] == Changes.UPDATE || bytes[at] == Changes.DELETE;
        if (transaction == null || !change) {
            long lsn = (transaction == null ? batch.lastTransaction() : transaction).commitLsn();
            add(batch, lsn, -1, plan, delete, "the target has no row of this key", null);
            return;
        }
        RelationDescriptor relation =
                batch.relations().apply(transaction.relations()[Changes.u16(bytes, at + 1)]);
        add(
                batch,
                transaction.commitLsn(),
                transaction.firstOrdinal() + Changes.indexOf(bytes, at),
                plan,
                delete,
                "the target has no row of this key",
                relation == null ? null : ChangeText.json(relation, bytes, at));
    }

    void rows(TablePlan plan, boolean delete, int lane, long missing, long of) {
        if (missing > 0 && found.size() < MOST) {
            add(
                    batches[lane],
                    batches[lane].lastTransaction().commitLsn(),
                    -1,
                    plan,
                    delete,
                    missing + " of " + of + " rows are not in the target",
                    null);
        }
    }

    private void add(
            LaneBatch batch,
            long commitLsn,
            long ordinal,
            TablePlan plan,
            boolean delete,
            String reason,
            @Nullable String row) {
        found.add(
                new Conflict(
                        batch.replication(),
                        commitLsn,
                        ordinal,
                        plan.table,
                        delete ? Conflict.Type.DELETE_MISSING : Conflict.Type.UPDATE_MISSING,
                        reason,
                        row));
    }
}
