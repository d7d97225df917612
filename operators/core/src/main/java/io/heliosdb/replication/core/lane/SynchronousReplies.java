package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.synchronous.ApplyReply;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.Tier;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells the source's side, as soon as it is so, what targets of Synchronous replications have; each
 * thing once, what happened together in one go.
 */
final class SynchronousReplies {

    private final Lanes lanes;
    private final Executor owner;
    private final Consumer<List<ApplyReply>> output;
    private final Set<Lane> touched = new LinkedHashSet<>();
    private boolean told = true;

    SynchronousReplies(Lanes lanes, Executor owner, Consumer<List<ApplyReply>> output) {
        this.lanes = lanes;
        this.owner = owner;
        this.output = output;
    }

    /** Something about this lane may have changed. */
    void touched(Lane lane) {
        if (lane.spec.tier() != Tier.SYNCHRONOUS || !touched.add(lane) || !told) {
            return;
        }
        told = false;
        owner.execute(this::tell);
    }

    /** Looks at all of them. */
    void look() {
        lanes.all().forEach(this::touched);
    }

    private void tell() {
        told = true;
        List<ApplyReply> replies = new ArrayList<>();
        for (Lane lane : touched) {
            ApplyReply reply = lane.removed ? null : of(lane);
            if (reply != null && !reply.equals(lane.replied)) {
                lane.replied = reply;
                replies.add(reply);
            }
        }
        touched.clear();
        if (!replies.isEmpty()) {
            output.accept(replies);
        }
    }

    /**
     * Whether it really is. After a restart it may only look whether it has to be: commits wait for
     * that.
     */
    private static boolean isCopied(Lane lane) {
        boolean first = !lane.restored && lane.progress.equals(Position.START);
        return first || lane.growth != null;
    }

    /** What is known of the lane; null for nothing yet. */
    private static @Nullable ApplyReply of(Lane lane) {
        if (lane.spec.tier() != Tier.SYNCHRONOUS) {
            return null;
        }
        if (lane.phase == Lane.Phase.ERROR) {
            return ApplyReply.absent(lane.id(), "it is in error");
        }
        if (lane.spec.paused()) {
            return ApplyReply.absent(lane.id(), "it is paused");
        }
        return switch (lane.phase) {
            case SYNCING ->
                    isCopied(lane) ? ApplyReply.absent(lane.id(), "it is being copied") : null;
            case OPEN ->
                    lane.hasAppliedWhatWasRestored()
                            ? ApplyReply.applied(lane.id(), lane.progress.commitLsn().value())
                            : null;
            default -> null;
        };
    }
}
