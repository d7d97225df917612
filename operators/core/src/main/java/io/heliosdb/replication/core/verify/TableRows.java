package io.heliosdb.replication.core.verify;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rows of one table at one end, in one snapshot. */
public interface TableRows {

    /** Count and hash sum per tenant (its text form; the empty string for NULL). */
    Map<String, Aggregate> aggregates();

    /** The rows with these keys, of any tenant. With {@code values}, if asked for. */
    List<KeyedRow> byKey(Collection<RowKey> keys, boolean withValues);

    /**
     * Aggregates of the rows of a tenant by bucket: the lowest bits of the hash of the key, or of
     * the row where there is no key.
     *
     * @param mask number of buckets - 1
     */
    Map<Long, Aggregate> buckets(String tenant, long mask);

    /** The rows of a tenant in these buckets; without key, {@code key} is the row's ctid. */
    List<HashedRow> inBuckets(String tenant, long mask, Collection<Long> buckets);

    /**
     * One row.
     *
     * @param hash over the compared columns
     * @param values the compared columns; null if not asked for
     */
    record KeyedRow(RowKey key, String tenant, long hash, @Nullable byte @Nullable [][] values) {}

    /** One row's key (or place) and hash. */
    record HashedRow(RowKey key, long hash) {}
}
