package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.LaneBatch;
import io.heliosdb.replication.core.apply.SkippedTables;
import io.heliosdb.replication.model.TenantTransaction;
import java.util.List;
import java.util.Objects;

/** Counts the changes that will be written, before they are looked at. */
final class RowCounts {

    private RowCounts() {}

    static long[] of(List<LaneBatch> group) {
        return group.stream().mapToLong(RowCounts::of).toArray();
    }

    private static long of(LaneBatch batch) {
        if (batch.skipped() == SkippedTables.NONE) {
            return batch.rows();
        }
        long rows = 0;
        for (TenantTransaction transaction : batch.transactions()) {
            rows += transaction.rows() - skipped(batch, transaction);
        }
        return rows;
    }

    private static long skipped(LaneBatch batch, TenantTransaction transaction) {
        boolean[] skips = new boolean[transaction.relations().length];
        boolean any = false;
        for (int i = 0; i < skips.length; i++) {
            if (transaction.relations()[i] == TenantTransaction.DDL) {
                continue;
            }
            skips[i] =
                    batch.skipped()
                            .skips(
                                    transaction.xid(),
                                    transaction.commitLsn(),
                                    Objects.requireNonNull(
                                                    batch.relations()
                                                            .apply(transaction.relations()[i]))
                                            .table());
            any |= skips[i];
        }
        if (!any) {
            return 0;
        }
        long skipped = 0;
        byte[] bytes = transaction.changes();
        for (int at = 0; at < bytes.length; at = Changes.changeEnd(bytes, at)) {
            boolean skip = bytes[at] != Changes.DDL && skips[Changes.u16(bytes, at + 1)];
            skipped += skip ? 1 : 0;
        }
        return skipped;
    }
}
