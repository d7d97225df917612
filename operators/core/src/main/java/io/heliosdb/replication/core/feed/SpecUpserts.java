package io.heliosdb.replication.core.feed;

import java.util.List;

/**
 * Versioned, idempotent upserts: what is not named stays as it is, and of two versions of the same
 * the higher one holds, in whatever order they come.
 */
public record SpecUpserts(List<SealedTarget> targets, List<DesiredReplication> replications) {

    public SpecUpserts {
        targets = List.copyOf(targets);
        replications = List.copyOf(replications);
    }

    public boolean isEmpty() {
        return targets.isEmpty() && replications.isEmpty();
    }
}
