package io.heliosdb.replication.core.sequence;

import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns what sequences are into where they shall stand at the targets: so far ahead that what is
 * handed out until the next look does not reach it. Used by one thread.
 *
 * <p>The headroom is {@link #LEAST_STEPS} steps, or {@link #GROWTH} times the most that was handed
 * out between two looks lately; a sequence near its end gets half of what is left.
 */
public final class SequenceHeadroom {

    static final long LEAST_STEPS = 1_000;
    static final long GROWTH = 8;

    /** After so many looks the growth of before counts half. */
    private static final int DECAY_LOOKS = 60;

    private final Map<TableId, Track> tracks = new HashMap<>();

    private static final class Track {
        long value;
        long mostSteps;
        int looks;
    }

    /** The goals of sequences that have moved since the last look, or that are new. */
    public List<SequenceGoal> moved(List<SequenceReading> readings) {
        return goals(readings, false);
    }

    /** The goals of all. */
    public List<SequenceGoal> all(List<SequenceReading> readings) {
        return goals(readings, true);
    }

    private List<SequenceGoal> goals(List<SequenceReading> readings, boolean all) {
        List<SequenceGoal> goals = new ArrayList<>();
        Set<TableId> moved = new HashSet<>();
        Set<TableId> there = new HashSet<>();
        for (SequenceReading reading : readings) {
            boolean first = there.add(reading.sequence());
            if (first && look(reading)) {
                moved.add(reading.sequence());
            }
            if (all || moved.contains(reading.sequence())) {
                goals.add(goal(reading, tracks.get(reading.sequence()).mostSteps));
            }
        }
        tracks.keySet().retainAll(there);
        return goals;
    }

    /** Whether it has moved. */
    private boolean look(SequenceReading reading) {
        Track track = tracks.get(reading.sequence());
        if (track == null) {
            track = new Track();
            track.value = reading.value();
            tracks.put(reading.sequence(), track);
            return true;
        }
        long steps = steps(track.value, reading);
        boolean moved = track.value != reading.value();
        track.value = reading.value();
        if (++track.looks >= DECAY_LOOKS) {
            track.looks = 0;
            track.mostSteps /= 2;
        }
        track.mostSteps = Math.max(track.mostSteps, steps);
        return moved;
    }

    private static long steps(long before, SequenceReading reading) {
        long distance = reading.value() - before;
        boolean forward = reading.increment() > 0 ? distance > 0 : distance < 0;
        return forward ? Math.abs(distance / reading.increment()) : 0;
    }

    private static SequenceGoal goal(SequenceReading reading, long mostSteps) {
        long steps =
                mostSteps > Long.MAX_VALUE / GROWTH
                        ? Long.MAX_VALUE
                        : Math.max(LEAST_STEPS, mostSteps * GROWTH);
        return new SequenceGoal(
                reading.sequence(),
                reading.table(),
                reading.column(),
                ahead(reading, steps / 2),
                ahead(reading, steps),
                reading.increment() > 0,
                reading.cycles());
    }

    /** So many steps on; of what is left at most half, or half of one that begins again. */
    private static long ahead(SequenceReading reading, long steps) {
        long increment = reading.increment();
        boolean upward = increment > 0;
        // Unsigned: the distance between the ends of bigint does not fit into one.
        long left = upward ? reading.max() - reading.value() : reading.value() - reading.min();
        long size = increment == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(increment);
        long leftSteps = Long.divideUnsigned(left, size);
        long taken = Long.compareUnsigned(steps, leftSteps >>> 1) > 0 ? leftSteps >>> 1 : steps;
        return reading.value() + taken * increment;
    }
}
