package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.model.ReplicationId;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The lanes of one engine, and which of them the next checkpoint must write. */
final class Lanes {

    private final Map<ReplicationId, Lane> byId = new HashMap<>();
    private final Set<Lane> changed = new LinkedHashSet<>();
    private Consumer<Lane> observer = lane -> {};

    /** Who hears of each change. */
    void observedBy(Consumer<Lane> hearer) {
        observer = hearer;
    }

    /** Takes in a lane that the store holds as it is. */
    void addRestored(Lane lane) {
        byId.put(lane.id(), lane);
    }

    void add(Lane lane) {
        addRestored(lane);
        changed(lane);
    }

    @Nullable Lane get(ReplicationId id) {
        return byId.get(id);
    }

    /** Forgets a lane; whoever still holds it sees it as removed. */
    @Nullable Lane remove(ReplicationId id) {
        Lane lane = byId.remove(id);
        if (lane != null) {
            lane.removed = true;
            changed.remove(lane);
        }
        return lane;
    }

    Collection<Lane> all() {
        return byId.values();
    }

    /** It may be in another state. */
    void touched(Lane lane) {
        observer.accept(lane);
    }

    /** The store does not hold this lane as it is now. */
    void changed(Lane lane) {
        if (!lane.removed) {
            changed.add(lane);
            touched(lane);
        }
    }

    /** Puts everything that a restart needs into the store; returns the bytes of heap freed. */
    long persist() {
        long freed = 0;
        for (Lane lane : changed) {
            freed += lane.persist();
        }
        changed.clear();
        return freed;
    }

    /** One figure for where the others of the target stand that are on their way, or copied. */
    long standOfThoseBehind(Lane lane) {
        long furthest =
                all().stream()
                        .filter(it -> it.spec.target().equals(lane.spec.target()))
                        .mapToLong(it -> it.progress.commitLsn().value())
                        .max()
                        .orElse(0);
        long until = lane.copyTaken.untilLsn(furthest);
        long stand = 0;
        for (Lane other : all()) {
            long at = other.progress.commitLsn().value();
            if (other != lane
                    && other.spec.target().equals(lane.spec.target())
                    && !other.spec.paused()
                    && other.phase != Lane.Phase.ERROR
                    && at < until) {
                boolean copied = other.phase == Lane.Phase.SYNCING && !other.copyStuck;
                stand += copied ? System.nanoTime() : at;
            }
        }
        return stand;
    }
}
