package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.TenantTransaction;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.TableFilter;

/** Makes records of the keyed stream. */
final class Stream {

    private Stream() {}

    static LaneInput start(String replication, boolean paused) {
        return new LaneInput.Start(spec(replication, paused), 1, new long[0]);
    }

    static ReplicationSpec spec(String replication, boolean paused) {
        return new ReplicationSpec(
                new ReplicationId(replication),
                new TenantId(replication),
                "main",
                TableFilter.ALL,
                Tier.STANDARD,
                50,
                paused,
                ExistingRows.FAIL);
    }

    static TenantTransaction transaction(
            String replication, long lsn, int part, boolean last, int bytes) {
        byte[] changes = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            changes[i] = (byte) (lsn * 31 + i % 17);
        }
        return new TenantTransaction(
                new ReplicationId(replication),
                lsn,
                lsn * 1000,
                lsn,
                part,
                last,
                0,
                1,
                new long[] {7},
                changes);
    }

    static LaneInput data(String replication, long lsn) {
        return new LaneInput.Transaction(transaction(replication, lsn, 0, true, 100));
    }

    static LaneInput part(String replication, long lsn, int part, boolean last, int bytes) {
        return new LaneInput.Transaction(transaction(replication, lsn, part, last, bytes));
    }
}
