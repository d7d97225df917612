package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.model.Tier;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Sessions to one target that are kept for one lane each, beside those that all share: for lanes
 * whose replication asks for one, and for premium lanes that are late although they do not load in
 * bulk, as long as they are and all shared sessions are busy. On the engine's thread.
 */
final class KeptSessions {

    private static final int MOST = 64;

    private final IntFunction<TargetWorker> opener;
    private final BooleanSupplier busy;
    private final int mostForLate;
    private final Map<Lane, TargetWorker> byLane = new HashMap<>();

    /** Of each session in use; see the constructor. */
    private final Map<TargetWorker, Integer> numbers = new HashMap<>();

    private final BitSet taken = new BitSet();
    private int forLate;

    /** The target has no more connections for now. */
    private boolean refused;

    /**
     * @param opener of a session with this number, which no other has now. Numbers come again: the
     *     target keeps something for each name that a session ever had
     * @param busy whether all shared sessions are
     * @param mostForLate so many are opened for lanes that are late
     */
    KeptSessions(IntFunction<TargetWorker> opener, BooleanSupplier busy, int mostForLate) {
        this.opener = opener;
        this.busy = busy;
        this.mostForLate = mostForLate;
    }

    /** Whether a lane that waits for a shared session should have one of its own. */
    boolean helps(Lane lane) {
        return isHelped(lane) && (byLane.containsKey(lane) || !refused && forLate < mostForLate);
    }

    /** Whether this lane goes in a session of its own. */
    boolean keeps(Lane lane) {
        boolean asked = lane.spec.service().keepsConnection(lane.spec.tier());
        boolean late = !asked && isHelped(lane);
        TargetWorker worker = byLane.get(lane);
        if (lane.removed || !asked && !late) {
            letGo(lane);
            return false;
        }
        if (late && !busy.getAsBoolean()) {
            return false;
        }
        if (worker != null) {
            return true;
        }
        if (refused || byLane.size() >= MOST || late && forLate >= mostForLate) {
            return false;
        }
        int number = taken.nextClearBit(0);
        taken.set(number);
        TargetWorker opened = opener.apply(number);
        opened.kept = true;
        numbers.put(opened, number);
        byLane.put(lane, opened);
        lane.place.keptBecauseLate = late;
        forLate += late ? 1 : 0;
        return true;
    }

    private static boolean isHelped(Lane lane) {
        Tier tier = lane.spec.tier();
        return lane.service.isLate()
                && !lane.place.isBulk()
                && (tier == Tier.PREMIUM || tier == Tier.SYNCHRONOUS);
    }

    /** Null if it has none any more. */
    @Nullable TargetWorker of(Lane lane) {
        return byLane.get(lane);
    }

    /** If nothing is on its way in it, its session is closed; else once that has come back. */
    private void letGo(Lane lane) {
        if (!lane.running) {
            remove(lane);
        }
    }

    private void remove(Lane lane) {
        TargetWorker worker = byLane.remove(lane);
        if (worker != null) {
            forLate -= lane.place.keptBecauseLate ? 1 : 0;
            taken.clear(numbers.remove(worker));
            worker.stop();
        }
    }

    /** What was on its way in it has come back. */
    void finished(TargetWorker worker) {
        laneOf(worker).ifPresent(this::keeps);
    }

    /** The target has no connection for it: its lane shares those that there are. */
    void refused(TargetWorker worker) {
        refused = true;
        laneOf(worker).ifPresent(this::remove);
    }

    private Optional<Lane> laneOf(TargetWorker worker) {
        return byLane.entrySet().stream()
                .filter(it -> it.getValue() == worker)
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** It may have some again. */
    void mayOpen() {
        refused = false;
    }

    /** What broke one connection broke those that nobody used meanwhile. */
    void reconnect() {
        byLane.values().forEach(TargetWorker::reconnect);
    }

    boolean isConnected() {
        return byLane.values().stream().anyMatch(TargetWorker::isConnected);
    }

    void stop() {
        byLane.values().forEach(TargetWorker::stop);
    }

    void close() {
        byLane.values().forEach(TargetWorker::close);
    }

    int size() {
        return byLane.size();
    }
}
