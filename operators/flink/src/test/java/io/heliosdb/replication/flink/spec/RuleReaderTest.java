package io.heliosdb.replication.flink.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.flink.stream.RuleListing;
import io.heliosdb.replication.model.config.ReplicationRule;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceOutput;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuleReaderTest {

    private static final Duration LOOK_EVERY = Duration.ofMillis(20);

    @TempDir Path directory;

    private final List<RuleReader> readers = new ArrayList<>();
    private Pipeline pipeline;

    @BeforeEach
    void file() {
        pipeline = new Pipeline(directory);
    }

    @AfterEach
    void closeReaders() {
        readers.forEach(RuleReader::close);
    }

    @Test
    void emitsWhatWasSubmittedThenWhatTheFileSays() throws Exception {
        pipeline.write(Pipeline.text("a"));
        RuleReader reader = reader(Pipeline.rules("a"), RuleSplit.FIRST);
        assertThat(next(reader)).isEqualTo(new RuleListing(1, Pipeline.rules("a")));
        pipeline.write(Pipeline.text("a", "b"));
        assertThat(next(reader)).isEqualTo(new RuleListing(2, Pipeline.rules("a", "b")));
    }

    @Test
    void aRestartWithAFileThatIsMissingOrInvalidGoesOnWithWhatHeld() throws Exception {
        pipeline.write(Pipeline.text("a", "b"));
        RuleReader before = reader(Pipeline.rules("a"), RuleSplit.FIRST);
        next(before);
        next(before);
        RuleSplit state = throughBytes(before.snapshotState(1).get(0));

        pipeline.delete();
        RuleReader missing = reader(Pipeline.rules("a"), state);
        assertThat(next(missing)).isEqualTo(new RuleListing(3, Pipeline.rules("a", "b")));
        pipeline.write("replications: [");
        RuleReader invalid = reader(Pipeline.rules("a"), state);
        assertThat(next(invalid)).isEqualTo(new RuleListing(3, Pipeline.rules("a", "b")));
        pipeline.write(Pipeline.text("a", "b", "c"));
        assertThat(next(invalid)).isEqualTo(new RuleListing(4, Pipeline.rules("a", "b", "c")));
    }

    @Test
    void aJobSubmittedWithOtherRulesBeginsWithThose() throws Exception {
        RuleReader before = reader(Pipeline.rules("a"), RuleSplit.FIRST, null);
        next(before);
        RuleSplit state = throughBytes(before.snapshotState(1).get(0));
        assertThat(next(reader(Pipeline.rules("b"), state)).rules()).isEqualTo(Pipeline.rules("b"));
    }

    @Test
    void aCheckpointThatKeptNoRulesWaitsForTheFile() throws Exception {
        RuleSplit old = RuleSplit.SERIALIZER.deserialize(1, new byte[] {0, 0, 0, 0, 0, 0, 0, 7});
        RuleReader reader = reader(Pipeline.rules("a"), old);
        assertThat(reader.isAvailable()).isNotDone();
        pipeline.write(Pipeline.text("a", "b"));
        assertThat(next(reader)).isEqualTo(new RuleListing(8, Pipeline.rules("a", "b")));
        assertThat(next(reader(Pipeline.rules("a"), old, null)).rules())
                .isEqualTo(Pipeline.rules("a"));
    }

    private static RuleSplit throughBytes(RuleSplit split) throws IOException {
        return RuleSplit.SERIALIZER.deserialize(
                RuleSplit.SERIALIZER.getVersion(), RuleSplit.SERIALIZER.serialize(split));
    }

    private RuleReader reader(List<ReplicationRule> submitted, RuleSplit split) {
        return reader(submitted, split, new RuleFile(pipeline.file));
    }

    private RuleReader reader(
            List<ReplicationRule> submitted, RuleSplit split, @Nullable RuleFile file) {
        RuleReader reader = new RuleReader(submitted, file, LOOK_EVERY);
        readers.add(reader);
        reader.start();
        reader.addSplits(List.of(split));
        return reader;
    }

    private static RuleListing next(RuleReader reader)
            throws ExecutionException, InterruptedException, TimeoutException {
        Output output = new Output();
        reader.isAvailable().get(10, TimeUnit.SECONDS);
        reader.pollNext(output);
        assertThat(output.listings).hasSize(1);
        return output.listings.get(0);
    }

    private static final class Output implements ReaderOutput<RuleListing> {

        final List<RuleListing> listings = new ArrayList<>();

        @Override
        public void collect(RuleListing listing) {
            listings.add(listing);
        }

        @Override
        public void collect(RuleListing listing, long timestamp) {
            listings.add(listing);
        }

        @Override
        public void emitWatermark(Watermark watermark) {}

        @Override
        public void markIdle() {}

        @Override
        public void markActive() {}

        @Override
        public SourceOutput<RuleListing> createOutputForSplit(String splitId) {
            return this;
        }

        @Override
        public void releaseOutputForSplit(String splitId) {}
    }
}
