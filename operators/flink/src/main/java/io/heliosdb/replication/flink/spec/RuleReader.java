package io.heliosdb.replication.flink.spec;

import io.heliosdb.replication.flink.stream.RuleListing;
import io.heliosdb.replication.model.config.ReplicationRule;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.core.io.InputStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Emits the rules that hold at the start, and after each change of the file that counts.
 *
 * <p>At the start hold: the rules that the job was submitted with, if it is a new job or was
 * submitted with others than before; else (a restart) those that held at the checkpoint, so that a
 * file that is missing or half written at that moment does no harm.
 */
final class RuleReader implements SourceReader<RuleListing, RuleSplit> {

    private static final Logger LOG = LoggerFactory.getLogger(RuleReader.class);

    private final List<ReplicationRule> submitted;
    private final @Nullable RuleFile file;
    private final Duration lookEvery;
    private @Nullable ScheduledExecutorService watcher;

    /** The last listing emitted; of the task's thread. */
    private @Nullable RuleSplit emitted;

    private final Object lock = new Object();
    private @Nullable List<ReplicationRule> wanted;
    private boolean fresh;
    private CompletableFuture<Void> available = new CompletableFuture<>();

    RuleReader(List<ReplicationRule> submitted, @Nullable RuleFile file, Duration lookEvery) {
        this.submitted = submitted;
        this.file = file;
        this.lookEvery = lookEvery;
    }

    @Override
    public void start() {}

    @Override
    public void addSplits(List<RuleSplit> splits) {
        emitted = begin(splits.get(0));
        if (emitted.rules() != null) {
            want(emitted.rules());
        }
        if (file != null) {
            watcher =
                    Executors.newSingleThreadScheduledExecutor(
                            task -> {
                                Thread thread = new Thread(task, "watch-rules");
                                thread.setDaemon(true);
                                return thread;
                            });
            watcher.scheduleWithFixedDelay(
                    this::look, 0, lookEvery.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private RuleSplit begin(RuleSplit split) {
        String fingerprint = RuleSplit.fingerprint(submitted);
        boolean restarted = split.submitted().equals(fingerprint);
        List<ReplicationRule> rules = restarted ? split.rules() : submitted;
        if (file != null && split.version() > 0 && split.submitted().isEmpty()) {
            // Nobody kept what held: the router's replications go on until the file has settled.
            rules = null;
        }
        return new RuleSplit(split.version(), fingerprint, rules);
    }

    private void look() {
        try {
            List<ReplicationRule> read = file.look();
            if (read != null && want(read)) {
                LOG.info("configuration reloaded replications={}", read.size());
            }
        } catch (RuntimeException e) {
            LOG.error("configuration not looked at", e);
        }
    }

    /** Returns whether they differ from what was wanted before. */
    private boolean want(List<ReplicationRule> rules) {
        synchronized (lock) {
            if (rules.equals(wanted)) {
                return false;
            }
            wanted = rules;
            fresh = true;
            available.complete(null);
            return true;
        }
    }

    @Override
    public InputStatus pollNext(ReaderOutput<RuleListing> output) {
        List<ReplicationRule> rules = null;
        synchronized (lock) {
            if (fresh) {
                rules = wanted;
                fresh = false;
                available = new CompletableFuture<>();
            }
        }
        if (rules != null) {
            emitted = emitted.next(rules);
            output.collect(new RuleListing(emitted.version(), rules));
        }
        return InputStatus.NOTHING_AVAILABLE;
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        synchronized (lock) {
            return available;
        }
    }

    @Override
    public List<RuleSplit> snapshotState(long checkpointId) {
        return emitted == null ? List.of() : List.of(emitted);
    }

    @Override
    public void notifyNoMoreSplits() {}

    @Override
    public void close() {
        if (watcher != null) {
            watcher.shutdownNow();
        }
    }
}
