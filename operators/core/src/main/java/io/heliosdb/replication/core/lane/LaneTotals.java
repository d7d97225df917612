package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.Claim;

/**
 * What was done for a replication since it began. Rows, transactions and conflicts are the target's
 * own counts; bytes are of changes as they came, and may lack some after a crash.
 *
 * @param expectedRows of the first copy that runs, or ran last
 */
record LaneTotals(
        long transactions,
        long rows,
        long bytes,
        long conflicts,
        long rowsCopied,
        long bytesCopied,
        long expectedRows) {

    static final LaneTotals NONE = new LaneTotals(0, 0, 0, 0, 0, 0, 0);

    LaneTotals withBytes(long known) {
        return new LaneTotals(
                transactions, rows, known, conflicts, rowsCopied, bytesCopied, expectedRows);
    }

    LaneTotals claimed(Claim.Totals found) {
        return new LaneTotals(
                found.transactions(),
                found.rows(),
                bytes,
                found.conflicts(),
                found.rowsCopied(),
                found.bytesCopied(),
                expectedRows);
    }

    LaneTotals applied(ApplyWork.Applied applied) {
        return new LaneTotals(
                transactions + applied.transactions(),
                rows + applied.rows(),
                bytes + applied.bytes(),
                conflicts + applied.conflicts(),
                rowsCopied,
                bytesCopied,
                expectedRows);
    }

    LaneTotals copied(long copiedRows, long copiedBytes, long expected) {
        return new LaneTotals(
                transactions, rows, bytes, conflicts, copiedRows, copiedBytes, expected);
    }
}
