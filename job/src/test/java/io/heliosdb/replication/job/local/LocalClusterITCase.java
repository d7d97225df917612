package io.heliosdb.replication.job.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.testkit.Await;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalClusterITCase {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** The first count that the counting function saw in this run, and the last. */
    private static final AtomicLong FIRST = new AtomicLong();

    private static final AtomicLong LAST = new AtomicLong();

    @TempDir Path directory;
    private CheckpointDirectory checkpoints;

    @BeforeEach
    void open() {
        checkpoints = CheckpointDirectory.open(directory.resolve("state").toString());
    }

    @Test
    void continuesFromACleanStop() throws Exception {
        long counted;
        try (LocalCluster cluster = LocalCluster.start(LocalClusterOptions.in(checkpoints))) {
            LocalJob job = submit(cluster, Optional.empty());
            awaitCount(job, 1000);
            String savepoint = job.stopWithSavepoint(LIMIT);
            counted = LAST.get();

            assertThat(job.status()).isEqualTo(JobStatus.FINISHED);
            assertThat(checkpoints.newest())
                    .get()
                    .extracting(RestorePoint::path)
                    .isEqualTo(savepoint);
        }

        try (LocalCluster cluster = LocalCluster.start(LocalClusterOptions.in(checkpoints))) {
            LocalJob job = submit(cluster, checkpoints.newest());
            awaitCount(job, counted + 1);

            assertThat(FIRST.get()).isEqualTo(counted + 1);
        }
    }

    @Test
    void continuesFromTheLastCheckpointAfterACrashAndRemovesWhatIsPassed() throws Exception {
        RestorePoint first;
        try (LocalCluster cluster = LocalCluster.start(LocalClusterOptions.in(checkpoints))) {
            LocalJob job = submit(cluster, Optional.empty());
            awaitCount(job, 1000);
            job.triggerCheckpoint(LIMIT);
            first = checkpoints.newest().orElseThrow();
        }
        RestorePoint left = checkpoints.newest().orElseThrow();
        assertThat(left.checkpointId()).isGreaterThanOrEqualTo(first.checkpointId());

        try (LocalCluster cluster = LocalCluster.start(LocalClusterOptions.in(checkpoints))) {
            LocalJob job = submit(cluster, Optional.of(left));
            awaitCount(job, 1);
            assertThat(FIRST.get()).isGreaterThan(1000);
            job.triggerCheckpoint(LIMIT);
            job.triggerCheckpoint(LIMIT);

            RestorePoint newest = checkpoints.newest().orElseThrow();
            assertThat(newest.checkpointId()).isGreaterThan(left.checkpointId());
            assertThat(Path.of(URI.create(left.path()))).doesNotExist();
            job.cancel(LIMIT);
            assertThat(checkpoints.newest().orElseThrow().checkpointId())
                    .isGreaterThanOrEqualTo(newest.checkpointId());
        }
    }

    @Test
    void neverDeletesASavepointOfTheUser() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(LocalClusterOptions.in(checkpoints))) {
            LocalJob job = submit(cluster, Optional.empty());
            awaitCount(job, 1);
            job.savepoint(LIMIT);
            RestorePoint savepoint = checkpoints.newest().orElseThrow();
            assertThat(savepoint.ours()).isFalse();
            job.cancel(LIMIT);

            LocalJob next = submit(cluster, Optional.of(savepoint));
            awaitCount(next, 1);
            next.triggerCheckpoint(LIMIT);
            next.triggerCheckpoint(LIMIT);

            assertThat(
                            RestorePoint.class
                                    .cast(CheckpointDirectory.at(savepoint.path()))
                                    .checkpointId())
                    .isEqualTo(savepoint.checkpointId());
        }
    }

    @Test
    void leavesNoTemporaryFiles() throws Exception {
        Path temporary;
        try (LocalCluster cluster = LocalCluster.start(LocalClusterOptions.in(checkpoints))) {
            awaitCount(submit(cluster, Optional.empty()), 1);
            temporary = cluster.temporary();
            assertThat(temporary).isNotEmptyDirectory();
            assertThat(cluster.webUrl()).startsWith("http://127.0.0.1:");
        }
        assertThat(temporary).doesNotExist();
    }

    @Test
    void refusesADamagedRestorePoint() throws Exception {
        Path checkpoint = directory.resolve("state/0123456789abcdef0123456789abcdef/chk-7");
        Files.createDirectories(checkpoint);
        assertThat(checkpoints.newest()).isEmpty();
        Files.writeString(checkpoint.resolve("_metadata"), "rubbish");

        assertThatThrownBy(checkpoints::newest)
                .hasMessageContaining("chk-7/_metadata is not readable as checkpoint metadata");
        assertThatThrownBy(() -> CheckpointDirectory.at(directory.toString()))
                .hasMessageContaining("is no complete checkpoint or savepoint");
    }

    @Test
    void refusesAFileInPlaceOfTheDirectory() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));

        assertThatThrownBy(() -> CheckpointDirectory.open(file.toString()))
                .hasMessageContaining("cannot be used: IOException: it is a file");
        assertThatThrownBy(() -> CheckpointDirectory.open(file.resolve("below").toString()))
                .hasMessageContaining("cannot be used");
        assertThatThrownBy(() -> CheckpointDirectory.open("nofs://bucket/dir"))
                .hasMessageContaining("cannot be used");
    }

    private static LocalJob submit(LocalCluster cluster, Optional<RestorePoint> restore) {
        FIRST.set(0);
        LAST.set(0);
        return cluster.submit(LocalClusterITCase::counting, restore);
    }

    private static void counting(StreamExecutionEnvironment env) {
        env.enableCheckpointing(200);
        env.fromSequence(0, Long.MAX_VALUE)
                .uid("numbers")
                .keyBy(number -> 0L, Types.LONG)
                .process(new Counting())
                .uid("count")
                .sinkTo(new DiscardingSink<>())
                .uid("nowhere");
    }

    private static void awaitCount(LocalJob job, long count) {
        Await.until(
                () -> "a running job and count " + count + "; " + job.lastFailure(),
                LIMIT,
                () -> job.status() == JobStatus.RUNNING ? LAST.get() : -1,
                counted -> counted >= count);
    }

    static final class Counting extends KeyedProcessFunction<Long, Long, Long> {
        private static final long serialVersionUID = 1L;
        private transient ValueState<Long> state;

        @Override
        public void open(OpenContext context) {
            state = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.LONG));
        }

        @Override
        public void processElement(Long number, Context context, Collector<Long> out)
                throws Exception {
            Long before = state.value();
            long count = before == null ? 1 : before + 1;
            state.update(count);
            FIRST.compareAndSet(0, count);
            LAST.set(count);
        }
    }
}
