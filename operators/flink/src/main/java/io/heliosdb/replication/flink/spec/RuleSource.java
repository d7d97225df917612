package io.heliosdb.replication.flink.spec;

import io.heliosdb.replication.flink.stream.RuleListing;
import java.nio.file.Path;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.jspecify.annotations.Nullable;

/**
 * The specification stream from a configuration file: the rules that the job was submitted with,
 * and a new listing whenever the file has changed and is valid. A file that is not valid is logged
 * and left alone; what holds, holds on.
 *
 * <p>Level-triggered: the listing of the moment is emitted at every start, so nothing needs to be
 * kept but the version.
 */
public final class RuleSource implements Source<RuleListing, RuleSplit, Boolean> {

    private static final long serialVersionUID = 1L;

    private final RuleListing submitted;
    private final @Nullable String file;

    /**
     * @param file is looked at every second where the reader runs; null if there is none to watch
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
        return new RuleReader(submitted, file == null ? null : Path.of(file));
    }

    @Override
    public SplitEnumerator<RuleSplit, Boolean> createEnumerator(
            SplitEnumeratorContext<RuleSplit> context) {
        return new RuleEnumerator(context, false);
    }

    @Override
    public SplitEnumerator<RuleSplit, Boolean> restoreEnumerator(
            SplitEnumeratorContext<RuleSplit> context, Boolean assigned) {
        return new RuleEnumerator(context, assigned);
    }

    @Override
    public SimpleVersionedSerializer<RuleSplit> getSplitSerializer() {
        return RuleSplit.SERIALIZER;
    }

    @Override
    public SimpleVersionedSerializer<Boolean> getEnumeratorCheckpointSerializer() {
        return RuleEnumerator.SERIALIZER;
    }
}
