package io.heliosdb.replication.job;

import io.heliosdb.replication.core.config.ConfigFile;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.ControlStoreConfig;
import io.heliosdb.replication.model.config.JobConfig;
import io.heliosdb.replication.model.config.PipelineConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * What the arguments of the job's program ask for. One of:
 *
 * <pre>
 *   --config FILE               what is replicated stands in the file, which is watched
 *   --control-store-file FILE   it stands in the metadata store, which the file says how to reach
 *   --control-store TEXT        the same; the text is what the file would hold
 * </pre>
 *
 * The file is read where this runs (the client, or the JobManager); one of {@code --config} is
 * watched where the job runs, if it is there too.
 */
public final class Submission {

    private static final String USAGE =
            "usage: --config FILE | --control-store-file FILE | --control-store TEXT";

    private final JobConfig job;
    private final Consumer<StreamExecutionEnvironment> topology;

    private Submission(JobConfig job, Consumer<StreamExecutionEnvironment> topology) {
        this.job = job;
        this.topology = topology;
    }

    /**
     * @throws IllegalArgumentException with all that is wrong
     */
    public static Submission of(List<String> arguments) {
        if (arguments.size() != 2) {
            throw new IllegalArgumentException(USAGE);
        }
        String value = arguments.get(1);
        try {
            return switch (arguments.get(0)) {
                case "--config" -> ofFile(Path.of(value).toAbsolutePath());
                case "--control-store-file" ->
                        ofStore(ConfigFile.readControl(Path.of(value).toAbsolutePath()));
                case "--control-store" ->
                        ofStore(ConfigFile.parseControl(Path.of("").toAbsolutePath(), value));
                default -> throw new IllegalArgumentException(USAGE);
            };
        } catch (ReplicationException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static Submission ofFile(Path file) {
        PipelineConfig config = ConfigFile.read(file);
        return new Submission(config.job(), env -> ReplicationJob.build(env, config, file));
    }

    private static Submission ofStore(ControlStoreConfig control) {
        return new Submission(control.job(), env -> StoreJob.build(env, control));
    }

    /** How the job is to run. */
    public JobConfig job() {
        return job;
    }

    /** Builds the job on an environment; see {@link StoreJob#build} for what a store may lack. */
    public void build(StreamExecutionEnvironment env) {
        topology.accept(env);
    }
}
