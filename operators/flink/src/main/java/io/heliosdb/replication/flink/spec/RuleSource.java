package io.heliosdb.replication.flink.spec;

import io.heliosdb.replication.flink.ingest.OneSplitEnumerator;
import io.heliosdb.replication.flink.stream.RuleListing;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.jspecify.annotations.Nullable;

/**
 * The specification stream from a configuration file: the rules that the job was submitted with,
 * and a new listing whenever the file has changed and is valid. A file that is not valid is logged
 * and left alone; what holds, holds on, through restarts too.
 *
 * <p>Level-triggered: the listing of the moment is emitted at every start.
 */
public final class RuleSource
        implements Source<RuleListing, RuleSplit, OneSplitEnumerator.State<RuleSplit>> {

    private static final long serialVersionUID = 1L;

    private static final Duration LOOK_EVERY = Duration.ofMillis(250);

    private final RuleListing submitted;
    private final @Nullable String file;

    /**
     * @param file is looked at every second where the reader runs, and counts when two looks find
     *     the same; null if there is none to watch
     */
    public RuleSource(RuleListing submitted, @Nullable Path file) {
        this.submitted = submitted;
        this.file = file == null ? null : file.toAbsolutePath().toString();
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<RuleListing, RuleSplit> createReader(SourceReaderContext context) {
        RuleFile watched = file == null ? null : new RuleFile(Path.of(file));
        context.metricGroup()
                .addGroup("heliosdb")
                .gauge("configuration_valid", () -> watched == null || watched.isValid() ? 1 : 0);
        return new RuleReader(submitted.rules(), watched, LOOK_EVERY);
    }

    @Override
    public OneSplitEnumerator<RuleSplit> createEnumerator(
            SplitEnumeratorContext<RuleSplit> context) {
        return restoreEnumerator(context, OneSplitEnumerator.State.first());
    }

    @Override
    public OneSplitEnumerator<RuleSplit> restoreEnumerator(
            SplitEnumeratorContext<RuleSplit> context, OneSplitEnumerator.State<RuleSplit> state) {
        return new OneSplitEnumerator<>(context, () -> RuleSplit.FIRST, state);
    }

    @Override
    public SimpleVersionedSerializer<RuleSplit> getSplitSerializer() {
        return RuleSplit.SERIALIZER;
    }

    @Override
    public SimpleVersionedSerializer<OneSplitEnumerator.State<RuleSplit>>
            getEnumeratorCheckpointSerializer() {
        return new OneSplitEnumerator.StateSerializer<>(RuleSplit.SERIALIZER);
    }
}
