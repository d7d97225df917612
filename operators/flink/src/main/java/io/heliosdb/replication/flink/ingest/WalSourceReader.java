package io.heliosdb.replication.flink.ingest;

import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.core.ingest.WalPosition;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.config.SourceConfig;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.metrics.MetricGroup;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands chunks from the fetching thread to the task, keeps the position, and confirms it when a
 * checkpoint has completed.
 *
 * <p>The position of a checkpoint is that of the chunks emitted before its barrier, never that of
 * chunks fetched.
 */
final class WalSourceReader implements SourceReader<WalChunk, WalSplit> {

    private static final Logger LOG = LoggerFactory.getLogger(WalSourceReader.class);

    private final SourceConfig config;
    private final WalAccess access;
    private final TreeMap<Long, Long> restartLsnByCheckpoint = new TreeMap<>();
    private @Nullable WalSplit split;
    private @Nullable WalFetcher fetcher;
    private WalPosition position = WalPosition.at(0);
    private volatile long emittedChanges;
    private volatile long confirmedLsn;
    private CompletableFuture<Void> waiting = new CompletableFuture<>();

    WalSourceReader(SourceConfig config, WalAccess access, MetricGroup metrics) {
        this.config = config;
        this.access = access;
        MetricGroup group = metrics.addGroup("heliosdb");
        group.gauge("ingested_changes_total", () -> emittedChanges);
        group.gauge("confirmed_lsn", () -> confirmedLsn);
    }

    @Override
    public void start() {}

    @Override
    public void addSplits(List<WalSplit> splits) {
        split = splits.get(0);
        position = split.position();
        fetcher = new WalFetcher(config, access, split, this::wake);
        wake();
    }

    private void wake() {
        CompletableFuture<Void> current;
        synchronized (this) {
            current = waiting;
        }
        current.complete(null);
    }

    @Override
    public synchronized CompletableFuture<Void> isAvailable() {
        WalFetcher current = fetcher;
        if (current != null && current.hasNext()) {
            return CompletableFuture.completedFuture(null);
        }
        if (waiting.isDone()) {
            waiting = new CompletableFuture<>();
            if (current != null && current.hasNext()) {
                waiting.complete(null);
            }
        }
        return waiting;
    }

    @Override
    public InputStatus pollNext(ReaderOutput<WalChunk> output) {
        WalFetcher current = fetcher;
        if (current == null) {
            return InputStatus.NOTHING_AVAILABLE;
        }
        WalChunk chunk;
        try {
            chunk = current.poll();
        } catch (RuntimeException e) {
            throw Failures.toFlink(e);
        }
        if (chunk == null) {
            return InputStatus.NOTHING_AVAILABLE;
        }
        output.collect(chunk);
        position = position.after(chunk);
        emittedChanges += chunk.changes();
        return current.hasNext() ? InputStatus.MORE_AVAILABLE : InputStatus.NOTHING_AVAILABLE;
    }

    @Override
    public List<WalSplit> snapshotState(long checkpointId) {
        if (split == null) {
            return List.of();
        }
        restartLsnByCheckpoint.put(checkpointId, position.restartLsn());
        return List.of(split.at(position, fetcher.timeline()));
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
        Map.Entry<Long, Long> covered = restartLsnByCheckpoint.floorEntry(checkpointId);
        if (covered != null && fetcher != null) {
            fetcher.confirm(covered.getValue());
            confirmedLsn = covered.getValue();
            LOG.debug(
                    "checkpoint confirmed checkpoint={} lsn={}",
                    checkpointId,
                    Lsn.format(covered.getValue()));
            restartLsnByCheckpoint.headMap(checkpointId, true).clear();
        }
    }

    @Override
    public void notifyNoMoreSplits() {}

    @Override
    public void close() {
        if (fetcher != null) {
            fetcher.close();
        }
    }
}
