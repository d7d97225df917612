package io.heliosdb.replication.core.feed;

import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.TableFilter;
import java.util.List;

/** What a store may want, for tests. */
public final class Wanted {

    private Wanted() {}

    public static DesiredReplication running(String id, long version) {
        return replication(id, version, false, 0, 0, 0, false);
    }

    public static DesiredReplication paused(String id, long version) {
        return replication(id, version, true, 0, 0, 0, false);
    }

    public static DesiredReplication ended(String id, long version) {
        return replication(id, version, false, 0, 0, 0, true);
    }

    public static DesiredReplication replication(
            String id,
            long version,
            boolean paused,
            int resync,
            int retry,
            long skip,
            boolean ended) {
        return new DesiredReplication(
                new ReplicationSpec(
                        new ReplicationId(id),
                        new TenantId("t" + id),
                        "main",
                        TableFilter.ALL,
                        Tier.STANDARD,
                        50,
                        paused,
                        ExistingRows.FAIL),
                version,
                resync,
                retry,
                skip,
                false,
                ended,
                ended);
    }

    /** The same with an order to leave out only the DDL of a transaction. */
    public static DesiredReplication skippingDdl(String id, long version, int retry, long skip) {
        DesiredReplication it = replication(id, version, false, 0, retry, skip, false);
        return new DesiredReplication(
                it.spec(), version, 0, retry, skip, true, it.ended(), it.cleanup());
    }

    public static SealedTarget target(String name, long version, int... secret) {
        byte[] bytes = new byte[secret.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) secret[i];
        }
        return new SealedTarget(name, "jdbc:postgresql://h:1/d", "u", bytes, 2, 1 << 20, version);
    }

    public static SpecUpserts of(DesiredReplication... replications) {
        return new SpecUpserts(List.of(), List.of(replications));
    }
}
