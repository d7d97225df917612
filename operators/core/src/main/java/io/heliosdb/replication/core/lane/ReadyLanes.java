package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.schedule.Schedule;
import java.util.ArrayDeque;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The lanes that have something for one target: those that may share a transaction in the order of
 * a {@link Schedule}, those that go alone first come, first served. A lane that is not runnable any
 * more is passed over.
 */
final class ReadyLanes {

    /** So long before its deadline a lane is treated as late: a batch takes its time. */
    private static final long SLACK_MICROS = 100_000;

    private final LongSupplier sourceNowMicros;
    private final Schedule<Lane> shared = new Schedule<>(SLACK_MICROS);
    private final ArrayDeque<Lane> alone = new ArrayDeque<>();

    ReadyLanes(LongSupplier sourceNowMicros) {
        this.sourceNowMicros = sourceNowMicros;
    }

    /** Adds a lane if it has something to apply and is not here yet. */
    void add(Lane lane) {
        if (!lane.queued && lane.runnable()) {
            lane.queued = true;
            lane.weigh();
            if (lane.goesAlone()) {
                alone.addLast(lane);
            } else {
                shared.add(lane, lane.urgency);
            }
        }
    }

    /** Finds a lane its place again after its tier or priority has changed. */
    void moved(Lane lane) {
        if (shared.contains(lane) && lane.runnable()) {
            lane.weigh();
            shared.add(lane, lane.urgency);
        }
    }

    /** What a lane from {@link #pollShared} takes of the target. */
    void charge(Lane lane, long bytes) {
        shared.charge(lane.urgency.serviceClass(), bytes);
    }

    /** The next lane that may share a transaction with others, or null. */
    @Nullable Lane pollShared() {
        long now = sourceNowMicros.getAsLong();
        while (true) {
            Lane lane = poll(() -> shared.poll(now));
            if (lane == null) {
                return null;
            }
            // It may have got very much to do while it waited.
            lane.weigh();
            if (!lane.goesAlone()) {
                return lane;
            }
            add(lane);
        }
    }

    /** The next lane that goes alone, or null. */
    @Nullable Lane pollAlone() {
        return poll(alone::pollFirst);
    }

    /** Whoever waits longest, however urgent: whoever comes again each time lets all others go. */
    @Nullable Lane pollLongestWaiting() {
        Lane lane = poll(shared::pollFirstAdded);
        return lane == null ? pollAlone() : lane;
    }

    /** As {@link #pollShared} would say, perhaps not runnable any more. */
    @Nullable Lane peekShared() {
        return shared.peek(sourceNowMicros.getAsLong());
    }

    /** Number of lanes that may share a transaction. */
    int shared() {
        return shared.size();
    }

    private static @Nullable Lane poll(Supplier<@Nullable Lane> queue) {
        while (true) {
            Lane lane = queue.get();
            if (lane == null) {
                return null;
            }
            lane.queued = false;
            if (lane.runnable()) {
                return lane;
            }
        }
    }
}
