package io.heliosdb.replication.flink.feed.postgres;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;
import org.apache.flink.metrics.groups.SplitEnumeratorMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.util.UserCodeClassLoader;

/**
 * A Flink source inside a thread: its enumerator and its one reader, without a job around them. So
 * a source that fails is begun anew, where Flink would restart the job.
 *
 * <p>All of it is used by one thread, the one that calls {@link #pump}.
 */
final class NestedSource<T, S extends SourceSplit> {

    private final SourceReaderContext outer;
    private final SplitEnumerator<S, ?> enumerator;
    private final SourceReader<T, S> reader;
    private final Output output;

    /** What enumerator and reader want of each other; may be added to by other threads. */
    private final Queue<Runnable> actions = new ArrayDeque<>();

    private final List<Periodic> periodics = new ArrayList<>();
    private final Map<Integer, ReaderInfo> registered = new HashMap<>();
    private long confirmations;

    private interface Periodic {
        void runIfDue(long nowNanos);
    }

    /**
     * Begins from nothing.
     *
     * @param outer of the source that this stands in
     */
    <E> NestedSource(Source<T, S, E> source, SourceReaderContext outer, Consumer<T> records)
            throws Exception {
        this.outer = outer;
        this.output = new Output(records);
        this.reader = source.createReader(new ReaderSide());
        this.enumerator = source.createEnumerator(new EnumeratorSide());
        try {
            enumerator.start();
            registered.put(0, new ReaderInfo(0, "nested"));
            enumerator.addReader(0);
            reader.start();
        } catch (Exception | Error e) {
            close();
            throw e;
        }
    }

    private void add(Runnable action) {
        synchronized (actions) {
            actions.add(action);
        }
    }

    /**
     * Moves it on, for this long at most or until a record came.
     *
     * @throws Exception it has failed, and must be closed
     */
    void pump(Duration time) throws Exception {
        long end = System.nanoTime() + time.toNanos();
        long before = output.count;
        do {
            runActions();
            InputStatus status = reader.pollNext(output);
            if (status == InputStatus.NOTHING_AVAILABLE && output.count == before) {
                await(Math.min(end - System.nanoTime(), TimeUnit.MILLISECONDS.toNanos(50)));
            } else if (status == InputStatus.END_OF_INPUT) {
                throw new IllegalStateException("the source has ended");
            }
        } while (output.count == before && System.nanoTime() < end);
    }

    private void runActions() {
        long now = System.nanoTime();
        periodics.forEach(it -> it.runIfDue(now));
        while (true) {
            Runnable next;
            synchronized (actions) {
                next = actions.poll();
            }
            if (next == null) {
                return;
            }
            next.run();
        }
    }

    private void await(long nanos) throws InterruptedException, ExecutionException {
        synchronized (actions) {
            if (!actions.isEmpty()) {
                return;
            }
        }
        try {
            reader.isAvailable().get(Math.max(1, nanos), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            // Looked again.
        }
    }

    /** What came so far need not come again. */
    void confirm() throws Exception {
        long id = ++confirmations;
        reader.snapshotState(id);
        reader.notifyCheckpointComplete(id);
        enumerator.notifyCheckpointComplete(id);
    }

    void close() throws Exception {
        try {
            if (enumerator != null) {
                enumerator.close();
            }
        } finally {
            reader.close();
        }
    }

    /** What the reader is told of its surroundings. */
    private final class ReaderSide implements SourceReaderContext {

        private final SourceReaderMetricGroup metrics =
                UnregisteredMetricsGroup.createSourceReaderMetricGroup();

        @Override
        public SourceReaderMetricGroup metricGroup() {
            return metrics;
        }

        @Override
        public Configuration getConfiguration() {
            return outer.getConfiguration();
        }

        @Override
        public String getLocalHostName() {
            return outer.getLocalHostName();
        }

        @Override
        public int getIndexOfSubtask() {
            return 0;
        }

        @Override
        public int currentParallelism() {
            return 1;
        }

        @Override
        public void sendSplitRequest() {
            add(() -> enumerator.handleSplitRequest(0, null));
        }

        @Override
        public void sendSourceEventToCoordinator(SourceEvent event) {
            add(() -> enumerator.handleSourceEvent(0, event));
        }

        @Override
        public UserCodeClassLoader getUserCodeClassLoader() {
            return outer.getUserCodeClassLoader();
        }
    }

    /** What the enumerator is told of its surroundings. */
    private final class EnumeratorSide implements SplitEnumeratorContext<S> {

        private final SplitEnumeratorMetricGroup metrics =
                UnregisteredMetricsGroup.createSplitEnumeratorMetricGroup();

        @Override
        public SplitEnumeratorMetricGroup metricGroup() {
            return metrics;
        }

        @Override
        public void sendEventToSourceReader(int subtask, SourceEvent event) {
            add(() -> reader.handleSourceEvents(event));
        }

        @Override
        public int currentParallelism() {
            return 1;
        }

        @Override
        public Map<Integer, ReaderInfo> registeredReaders() {
            return registered;
        }

        @Override
        public void assignSplits(SplitsAssignment<S> assignment) {
            List<S> splits = assignment.assignment().getOrDefault(0, List.of());
            add(() -> reader.addSplits(splits));
        }

        @Override
        public void signalNoMoreSplits(int subtask) {
            add(reader::notifyNoMoreSplits);
        }

        @Override
        public <R> void callAsync(Callable<R> call, BiConsumer<R, Throwable> handler) {
            add(() -> run(call, handler));
        }

        @Override
        public <R> void callAsync(
                Callable<R> call, BiConsumer<R, Throwable> handler, long delay, long period) {
            long[] due = {System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delay)};
            periodics.add(
                    now -> {
                        if (now - due[0] >= 0) {
                            due[0] = now + TimeUnit.MILLISECONDS.toNanos(period);
                            run(call, handler);
                        }
                    });
        }

        private <R> void run(Callable<R> call, BiConsumer<R, Throwable> handler) {
            R result = null;
            Throwable failure = null;
            try {
                result = call.call();
            } catch (Exception e) {
                failure = e;
            }
            handler.accept(result, failure);
        }

        @Override
        public void setIsProcessingBacklog(boolean processing) {
            // Nobody behind this one batches.
        }

        @Override
        public void runInCoordinatorThread(Runnable action) {
            add(action);
        }
    }

    /** Where the records go. */
    private final class Output implements ReaderOutput<T> {

        private final Consumer<T> records;
        private long count;

        Output(Consumer<T> records) {
            this.records = records;
        }

        @Override
        public void collect(T record) {
            count++;
            records.accept(record);
        }

        @Override
        public void collect(T record, long timestamp) {
            collect(record);
        }

        @Override
        public void emitWatermark(Watermark watermark) {}

        @Override
        public void markIdle() {}

        @Override
        public void markActive() {}

        @Override
        public SourceOutput<T> createOutputForSplit(String split) {
            return this;
        }

        @Override
        public void releaseOutputForSplit(String split) {}
    }
}
