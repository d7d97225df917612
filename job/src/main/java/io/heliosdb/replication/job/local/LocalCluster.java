package io.heliosdb.replication.job.local;

import static io.heliosdb.replication.job.local.LocalJob.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.minicluster.RpcServiceSharing;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A Flink cluster in this process: JobManager, one TaskManager, REST with web UI, RocksDB state in
 * a temporary directory, checkpoints in a {@link CheckpointDirectory}.
 *
 * <pre>{@code
 * try (LocalCluster cluster = LocalCluster.start(LocalClusterOptions.in(directory))) {
 *     LocalJob job = cluster.submit(env -> ReplicationJob.build(env, config, file), directory.newest());
 *     …
 *     job.stopWithSavepoint(Duration.ofMinutes(5));
 * }
 * }</pre>
 *
 * <p>Closing it without a clean stop is like a crash: the last completed checkpoint stays.
 */
public final class LocalCluster implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final MiniCluster cluster;
    private final Configuration configuration;
    private final CheckpointDirectory checkpoints;
    private final TemporaryDirectory temporary;

    private LocalCluster(
            MiniCluster cluster,
            Configuration configuration,
            CheckpointDirectory checkpoints,
            TemporaryDirectory temporary) {
        this.cluster = cluster;
        this.configuration = configuration;
        this.checkpoints = checkpoints;
        this.temporary = temporary;
    }

    /** Starts the cluster and waits until it takes jobs. */
    public static LocalCluster start(LocalClusterOptions options) {
        TemporaryDirectory temporary = TemporaryDirectory.create("heliosdb-flink-");
        Configuration configuration = options.toFlink(temporary.path());
        MiniCluster cluster =
                new MiniCluster(
                        new MiniClusterConfiguration.Builder()
                                .setConfiguration(configuration)
                                .setNumTaskManagers(1)
                                .setNumSlotsPerTaskManager(options.slots())
                                .setRpcServiceSharing(RpcServiceSharing.SHARED)
                                .build(),
                        SharedRpc::system);
        LocalCluster local =
                new LocalCluster(cluster, configuration, options.checkpoints(), temporary);
        try {
            cluster.start();
        } catch (Exception e) {
            local.close();
            throw new IllegalStateException("Flink did not start: " + e.getMessage(), e);
        }
        return local;
    }

    /**
     * Builds a job graph and submits it.
     *
     * @param topology builds the job on the environment
     * @param restore where to continue; empty to begin anew
     */
    public LocalJob submit(
            Consumer<StreamExecutionEnvironment> topology, Optional<RestorePoint> restore) {
        return submit(topology, restore, new JobID());
    }

    /** The same under an id that was chosen before. */
    public LocalJob submit(
            Consumer<StreamExecutionEnvironment> topology,
            Optional<RestorePoint> restore,
            JobID id) {
        StreamExecutionEnvironment env =
                new StreamExecutionEnvironment(new Configuration(configuration));
        topology.accept(env);
        JobGraph graph = env.getStreamGraph().getJobGraph(LocalCluster.class.getClassLoader(), id);
        graph.setSavepointRestoreSettings(
                restore.map(RestorePoint::settings).orElse(SavepointRestoreSettings.none()));
        await(cluster.submitJob(graph), PATIENCE);
        return new LocalJob(cluster, checkpoints, graph.getJobID());
    }

    /** Address of Flink's web UI and REST API. */
    public String webUrl() {
        return await(cluster.getRestAddress(), PATIENCE).toString();
    }

    Path temporary() {
        return temporary.path();
    }

    @Override
    public void close() {
        try {
            await(cluster.closeAsync(), PATIENCE);
        } finally {
            temporary.close();
        }
    }
}
