package io.heliosdb.replication.core.apply;

import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.ingest.SourceTimeline;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.config.TableFilter;
import org.jspecify.annotations.Nullable;

/**
 * What is to be claimed, and recorded with it.
 *
 * @param known the filter that the caller takes to be stored; null for none
 * @param now what is to be stored in its place, or in any's if nothing was applied yet
 * @param timeline of the source
 * @param begin a resync that the caller has taken up; recorded unless the target knows it already
 * @param done a resync that is carried out; forgotten if it is the one that is recorded
 */
public record ClaimRequest(
        ReplicationSpec spec,
        SourceIdentity source,
        SourceTimeline timeline,
        @Nullable TableFilter known,
        @Nullable TableFilter now,
        @Nullable Resync begin,
        @Nullable Resync done) {

    public ClaimRequest(
            ReplicationSpec spec,
            SourceIdentity source,
            @Nullable TableFilter known,
            @Nullable TableFilter now) {
        this(spec, source, SourceTimeline.UNKNOWN, known, now, null, null);
    }
}
