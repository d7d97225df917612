package io.heliosdb.replication.flink.synchronous;

import io.heliosdb.replication.core.synchronous.ApplyReply;
import java.util.List;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;

/** What lanes tell, on its way. */
public record RepliesEvent(List<ApplyReply> replies) implements OperatorEvent {

    public RepliesEvent {
        replies = List.copyOf(replies);
    }
}
