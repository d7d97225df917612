package io.heliosdb.replication.flink.spec;

import io.heliosdb.replication.core.config.ConfigFile;
import io.heliosdb.replication.flink.stream.RuleListing;
import io.heliosdb.replication.model.config.ReplicationRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
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

/** Emits the rules at the start and after each valid change of the file. */
final class RuleReader implements SourceReader<RuleListing, RuleSplit> {

    private static final Logger LOG = LoggerFactory.getLogger(RuleReader.class);
    private static final long LOOK_EVERY_MILLIS = 1_000;

    private final Object lock = new Object();
    private final @Nullable Path file;
    private @Nullable ScheduledExecutorService watcher;
    private List<ReplicationRule> rules;
    private @Nullable FileTime seen;
    private boolean assigned;
    private boolean changed = true;
    private volatile boolean valid;
    private boolean announced;
    private long version;
    private CompletableFuture<Void> available = new CompletableFuture<>();

    RuleReader(RuleListing submitted, @Nullable Path file) {
        this.rules = submitted.rules();
        this.file = file;
    }

    @Override
    public void start() {
        if (file == null) {
            return;
        }
        look();
        watcher =
                Executors.newSingleThreadScheduledExecutor(
                        task -> {
                            Thread thread = new Thread(task, "watch-rules");
                            thread.setDaemon(true);
                            return thread;
                        });
        watcher.scheduleWithFixedDelay(
                this::look, LOOK_EVERY_MILLIS, LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            FileTime modified = Files.getLastModifiedTime(file);
            if (modified.equals(seen)) {
                return;
            }
            seen = modified;
            List<ReplicationRule> read = ConfigFile.read(file).replications();
            valid = true;
            synchronized (lock) {
                if (!read.equals(rules) || (assigned && !announced)) {
                    LOG.info("configuration reloaded file={} replications={}", file, read.size());
                    rules = read;
                    changed = true;
                    available.complete(null);
                }
            }
        } catch (IOException e) {
            LOG.debug("configuration cannot be looked at file={}", file, e);
        } catch (RuntimeException e) {
            LOG.error("configuration not reloaded file={} reason={}", file, e.getMessage());
        }
    }

    @Override
    public InputStatus pollNext(ReaderOutput<RuleListing> output) {
        RuleListing listing = null;
        synchronized (lock) {
            if (assigned && changed) {
                changed = false;
                announced = true;
                listing = new RuleListing(++version, rules);
            }
            available = new CompletableFuture<>();
        }
        if (listing != null) {
            output.collect(listing);
        }
        return InputStatus.NOTHING_AVAILABLE;
    }

    @Override
    public List<RuleSplit> snapshotState(long checkpointId) {
        return assigned ? List.of(new RuleSplit(version)) : List.of();
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        synchronized (lock) {
            return assigned && changed ? CompletableFuture.completedFuture(null) : available;
        }
    }

    @Override
    public void addSplits(List<RuleSplit> splits) {
        synchronized (lock) {
            assigned = true;
            version = splits.get(0).version();
            if (version > 0 && file != null && !valid) {
                // Restored, and the file cannot be read now: what the router knows holds on.
                changed = false;
            }
            available.complete(null);
        }
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
