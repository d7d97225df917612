package io.heliosdb.replication.flink.ingest;

import java.util.List;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.jspecify.annotations.Nullable;

/**
 * Enumerator of a source with exactly one split, read by one reader. The split is made once; from
 * then on it lives in the reader's state, and comes back here only if the reader is lost before its
 * first checkpoint.
 */
public abstract class OneSplitEnumerator<S extends SourceSplit, C>
        implements SplitEnumerator<S, C> {

    private final SplitEnumeratorContext<S> context;
    private boolean assigned;
    private @Nullable S returned;

    protected OneSplitEnumerator(SplitEnumeratorContext<S> context, boolean assigned) {
        this.context = context;
        this.assigned = assigned;
    }

    /** Makes the split; called once in the life of a job. */
    protected abstract S firstSplit();

    protected final boolean isAssigned() {
        return assigned;
    }

    @Override
    public void start() {}

    @Override
    public void handleSplitRequest(int subtask, @Nullable String host) {}

    @Override
    public void addSplitsBack(List<S> splits, int subtask) {
        if (!splits.isEmpty()) {
            returned = splits.get(0);
            assigned = false;
            assign();
        }
    }

    @Override
    public void addReader(int subtask) {
        assign();
    }

    private void assign() {
        if (!assigned && !context.registeredReaders().isEmpty()) {
            S split = returned != null ? returned : firstSplit();
            returned = null;
            assigned = true;
            context.assignSplit(split, context.registeredReaders().keySet().iterator().next());
        }
    }

    @Override
    public void close() {}
}
