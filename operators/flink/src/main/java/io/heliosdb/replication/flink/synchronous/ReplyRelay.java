package io.heliosdb.replication.flink.synchronous;

import io.heliosdb.replication.core.synchronous.ApplyReply;
import io.heliosdb.replication.model.ReplicationId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.operators.coordination.CoordinatorStore;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.jspecify.annotations.Nullable;

/**
 * Where the coordinators of lanes and router meet. What comes before the router is ready waits, the
 * latest of each replication.
 */
final class ReplyRelay {

    private static final String KEY = ReplyRelay.class.getName();

    private final Map<ReplicationId, ApplyReply> waiting = new LinkedHashMap<>();
    private OperatorCoordinator.@Nullable SubtaskGateway router;

    /** The one of this job. */
    static ReplyRelay of(CoordinatorStore store) {
        ReplyRelay own = new ReplyRelay();
        Object before = store.putIfAbsent(KEY, own);
        return before == null ? own : (ReplyRelay) before;
    }

    synchronized void replied(RepliesEvent event) {
        if (router == null) {
            event.replies().forEach(reply -> waiting.put(reply.replication(), reply));
        } else {
            router.sendEvent(event);
        }
    }

    synchronized void ready(OperatorCoordinator.SubtaskGateway gateway) {
        router = gateway;
        if (!waiting.isEmpty()) {
            gateway.sendEvent(new RepliesEvent(List.copyOf(waiting.values())));
            waiting.clear();
        }
    }

    /** The router has failed. */
    synchronized void away() {
        router = null;
    }

    /** What lanes have told before they failed may not be so any more. */
    synchronized void reset() {
        waiting.clear();
    }
}
