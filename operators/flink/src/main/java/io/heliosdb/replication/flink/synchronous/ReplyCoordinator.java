package io.heliosdb.replication.flink.synchronous;

import java.util.concurrent.CompletableFuture;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;
import org.jspecify.annotations.Nullable;

/**
 * The JobManager's side of an operator that sends replies, or receives them. Has no state: lanes
 * tell again when they begin again.
 */
public final class ReplyCoordinator implements OperatorCoordinator {

    /** Which end of the way back the operator is. */
    public enum End {
        LANES,
        ROUTER
    }

    private final End end;
    private final ReplyRelay relay;

    private ReplyCoordinator(End end, ReplyRelay relay) {
        this.end = end;
        this.relay = relay;
    }

    /** Makes the coordinator of an operator. */
    public record Maker(OperatorID operator, End end) implements OperatorCoordinator.Provider {

        @Override
        public OperatorID getOperatorId() {
            return operator;
        }

        @Override
        public OperatorCoordinator create(Context context) {
            return new ReplyCoordinator(end, ReplyRelay.of(context.getCoordinatorStore()));
        }
    }

    @Override
    public void handleEventFromOperator(int subtask, int attempt, OperatorEvent event) {
        relay.replied((RepliesEvent) event);
    }

    @Override
    public void executionAttemptReady(int subtask, int attempt, SubtaskGateway gateway) {
        if (end == End.ROUTER) {
            relay.ready(gateway);
        }
    }

    @Override
    public void executionAttemptFailed(int subtask, int attempt, @Nullable Throwable reason) {
        if (end == End.ROUTER) {
            relay.away();
        }
    }

    @Override
    public void subtaskReset(int subtask, long checkpoint) {
        if (end == End.ROUTER) {
            relay.away();
        }
        relay.reset();
    }

    @Override
    public void checkpointCoordinator(long checkpoint, CompletableFuture<byte[]> result) {
        result.complete(new byte[0]);
    }

    @Override
    public void resetToCheckpoint(long checkpoint, byte @Nullable [] state) {
        relay.away();
        relay.reset();
    }

    @Override
    public void start() {}

    @Override
    public void notifyCheckpointComplete(long checkpoint) {}

    @Override
    public void close() {}
}
