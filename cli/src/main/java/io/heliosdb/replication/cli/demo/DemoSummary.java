package io.heliosdb.replication.cli.demo;

import io.heliosdb.replication.testkit.saas.TenantComparison;
import java.util.List;

/**
 * How a demo ended.
 *
 * @param verdict {@code equal}, {@code different} or {@code not caught up}
 * @param workloadTransactions that committed while it replicated
 * @param lagP50Ms of readings of all replications while they streamed, -1 if there were none
 * @param catchUpMs from the end of the workload until all was applied, -1 if it was not
 */
record DemoSummary(
        String verdict,
        int replications,
        long comparedTables,
        long comparedRows,
        long workloadTransactions,
        long workloadRows,
        long rowsCopied,
        long rowsApplied,
        long lagP50Ms,
        long lagP99Ms,
        long catchUpMs,
        List<TenantComparison.Difference> differences) {

    static final String EQUAL = "equal";
    static final String DIFFERENT = "different";
    static final String BEHIND = "not caught up";

    boolean isEqual() {
        return verdict.equals(EQUAL);
    }
}
