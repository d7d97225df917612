package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.schedule.Schedule;
import java.util.ArrayDeque;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The lanes that have something for one target: those that may share a transaction and those that
 * go alone, each in the order of a {@link Schedule}, and those that have a session of their own. A
 * lane that is not runnable any more is passed over.
 */
final class ReadyLanes {

    /** So long before its deadline a lane is treated as late: a batch takes its time. */
    static final long SLACK_MICROS = 100_000;

    private final LongSupplier sourceNowMicros;
    private final Schedule<Lane> shared = new Schedule<>(SLACK_MICROS);
    private final Schedule<Lane> alone = new Schedule<>(SLACK_MICROS);
    private final ArrayDeque<Lane> kept = new ArrayDeque<>();
    private final Predicate<Lane> keeps;

    /**
     * @param keeps whether a lane has a session of its own
     */
    ReadyLanes(LongSupplier sourceNowMicros, Predicate<Lane> keeps) {
        this.sourceNowMicros = sourceNowMicros;
        this.keeps = keeps;
    }

    /** Adds a lane if it has something to apply and is not here yet. */
    void add(Lane lane) {
        if (!lane.queued && lane.runnable()) {
            lane.queued = true;
            lane.place.weigh(lane);
            place(lane);
        }
    }

    private void place(Lane lane) {
        lane.place.kept = keeps.test(lane);
        if (lane.place.kept) {
            kept.addLast(lane);
        } else if (lane.goesAlone()) {
            alone.add(lane, lane.place.urgency);
        } else {
            shared.add(lane, lane.place.urgency);
        }
    }

    /** Finds a lane its place again after how urgent it is has changed, or what it is owed. */
    void moved(Lane lane) {
        if (lane.queued) {
            shared.remove(lane);
            alone.remove(lane);
            kept.remove(lane);
            lane.queued = false;
        }
        if (lane.runnable()) {
            add(lane);
        } else {
            keeps.test(lane);
        }
    }

    /** What a lane takes of the target. */
    void charge(Lane lane, long bytes) {
        if (!lane.place.kept) {
            (lane.goesAlone() ? alone : shared).charge(lane.place.urgency.serviceClass(), bytes);
        }
    }

    /** The next lane that has a session of its own, or null. */
    @Nullable Lane pollKept() {
        return poll(kept::pollFirst);
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
            lane.place.weigh(lane);
            if (!lane.goesAlone()) {
                return lane;
            }
            add(lane);
        }
    }

    /** The next lane that goes alone, or null. */
    @Nullable Lane pollAlone() {
        long now = sourceNowMicros.getAsLong();
        return poll(() -> alone.poll(now));
    }

    /** Whether who goes alone comes before who does not, by commit time. */
    boolean aloneIsOlder() {
        long now = sourceNowMicros.getAsLong();
        Lane single = alone.peek(now);
        Lane first = shared.peek(now);
        return single != null
                && (first == null
                        || single.place.urgency.deadlineMicros()
                                <= first.place.urgency.deadlineMicros());
    }

    /** Whoever waits longest, however urgent: whoever comes again each time lets all others go. */
    @Nullable Lane pollLongestWaiting() {
        Lane lane = poll(shared::pollFirstAdded);
        if (lane == null) {
            lane = poll(alone::pollFirstAdded);
        }
        return lane == null ? pollKept() : lane;
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
