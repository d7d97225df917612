package io.heliosdb.replication.core.apply;

import io.heliosdb.replication.model.Epoch;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.TenantTransaction;
import java.util.List;
import java.util.function.LongFunction;

/**
 * Consecutive tenant transactions (or parts of one large transaction) of one replication, to be
 * applied in this order.
 *
 * @param epoch the claimed epoch; the apply fails with FENCED if the target has a newer one
 * @param acknowledgedLsn commit LSN up to which the target has acknowledged, 0 for none; the apply
 *     fails with STREAM_GAP if the target stands before it, because what was acknowledged is not
 *     kept any more
 * @param transactions in position order; whole transactions, except in a streamed apply
 * @param relations descriptor by fingerprint; complete for these transactions
 * @param skipped rows that the first copy has brought
 * @param patient whether a unique value that is taken is to be reported as {@link
 *     ApplyException.Kind#PLACE_TAKEN} rather than judged
 * @param ddl what is done with DDL, and of which tables
 */
public record LaneBatch(
        ReplicationId replication,
        TenantId tenant,
        Epoch epoch,
        long acknowledgedLsn,
        List<TenantTransaction> transactions,
        LongFunction<RelationDescriptor> relations,
        SkippedTables skipped,
        boolean patient,
        DdlScope ddl) {

    public LaneBatch {
        transactions = List.copyOf(transactions);
    }

    public LaneBatch(
            ReplicationId replication,
            TenantId tenant,
            Epoch epoch,
            long acknowledgedLsn,
            List<TenantTransaction> transactions,
            LongFunction<RelationDescriptor> relations,
            SkippedTables skipped) {
        this(
                replication,
                tenant,
                epoch,
                acknowledgedLsn,
                transactions,
                relations,
                skipped,
                false,
                DdlScope.ALL);
    }

    /** The same for other transactions. */
    public LaneBatch with(List<TenantTransaction> others) {
        return new LaneBatch(
                replication,
                tenant,
                epoch,
                acknowledgedLsn,
                others,
                relations,
                skipped,
                patient,
                ddl);
    }

    /** The last transaction: its position becomes the progress. */
    public TenantTransaction lastTransaction() {
        return transactions.get(transactions.size() - 1);
    }

    public long rows() {
        long rows = 0;
        for (TenantTransaction transaction : transactions) {
            rows += transaction.rows();
        }
        return rows;
    }
}
