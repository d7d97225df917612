package io.heliosdb.replication.core.lane;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Chooses whose backlog leaves memory: lanes that cannot run first, then those that hold most. */
final class Eviction {

    private Eviction() {}

    /** Returns the bytes freed. */
    static long evict(Lanes lanes, long bytesToFree) {
        List<Lane> candidates = new ArrayList<>();
        for (Lane lane : lanes.all()) {
            if (lane.backlog.memoryBytes() > 0) {
                candidates.add(lane);
            }
        }
        candidates.sort(
                Comparator.comparing((Lane lane) -> lane.running || lane.runnable())
                        .thenComparing(lane -> -lane.backlog.memoryBytes()));
        long freed = 0;
        for (Lane lane : candidates) {
            if (freed >= bytesToFree) {
                break;
            }
            freed += lane.backlog.evict(bytesToFree - freed);
            lanes.changed(lane);
        }
        return freed;
    }
}
