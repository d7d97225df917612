package io.heliosdb.replication.flink.ingest;

import io.heliosdb.replication.model.config.SourceConfig;
import java.util.List;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.jspecify.annotations.Nullable;

/**
 * Prepares the slot when a job begins, off the coordinator's thread (making a slot waits for the
 * source's running transactions), and hands the split to the reader.
 */
final class WalEnumerator implements SplitEnumerator<WalSplit, WalEnumeratorState> {

    private final SplitEnumeratorContext<WalSplit> context;
    private final SourceConfig config;
    private final WalAccess access;
    private boolean assigned;
    private @Nullable WalSplit unassigned;

    WalEnumerator(
            SplitEnumeratorContext<WalSplit> context,
            SourceConfig config,
            WalAccess access,
            WalEnumeratorState state) {
        this.context = context;
        this.config = config;
        this.access = access;
        this.assigned = state.assigned();
        this.unassigned = state.unassigned();
    }

    @Override
    public void start() {
        if (!assigned && unassigned == null) {
            context.callAsync(() -> access.begin(config), this::begun);
        }
    }

    private void begun(WalSplit split, @Nullable Throwable failure) {
        if (failure != null) {
            throw Failures.toFlink(failure);
        }
        unassigned = split;
        assign();
    }

    @Override
    public void addReader(int subtask) {
        assign();
    }

    @Override
    public void addSplitsBack(List<WalSplit> splits, int subtask) {
        if (!splits.isEmpty()) {
            unassigned = splits.get(0);
            assigned = false;
            assign();
        }
    }

    private void assign() {
        WalSplit split = unassigned;
        if (split != null && !context.registeredReaders().isEmpty()) {
            context.assignSplit(split, context.registeredReaders().keySet().iterator().next());
            assigned = true;
            unassigned = null;
        }
    }

    @Override
    public WalEnumeratorState snapshotState(long checkpointId) {
        return new WalEnumeratorState(assigned, unassigned);
    }

    @Override
    public void handleSplitRequest(int subtask, @Nullable String host) {}

    @Override
    public void close() {}
}
