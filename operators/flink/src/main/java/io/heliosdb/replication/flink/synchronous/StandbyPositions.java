package io.heliosdb.replication.flink.synchronous;

import io.heliosdb.replication.core.synchronous.StandbyPosition;
import io.heliosdb.replication.model.config.SourceConfig;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where router and stream meet: two tasks that are always in one slot (see the topology), so in one
 * process. A slot of the source has one reader at a time, so it names the place.
 */
public final class StandbyPositions {

    private static final Map<String, StandbyPosition> BY_SLOT = new ConcurrentHashMap<>();

    private StandbyPositions() {}

    /** The one of this source's slot, the same for all who ask. */
    public static StandbyPosition of(SourceConfig source) {
        return BY_SLOT.computeIfAbsent(
                source.database().url() + " " + source.slot(), key -> new StandbyPosition());
    }
}
