package io.heliosdb.replication.job;

import io.heliosdb.replication.core.config.ConfigFile;
import io.heliosdb.replication.job.local.CheckpointDirectory;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.PipelineConfig;
import java.nio.file.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Entry point of the shaded jar: {@code flink run heliosdb-job.jar --config pipeline.yaml}. The
 * file is read where this runs (the client), and watched where the job runs, if it is there too.
 */
public final class JobMain {

    private JobMain() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 2 || !arguments[0].equals("--config")) {
            throw new IllegalArgumentException("usage: --config FILE");
        }
        Path file = Path.of(arguments[1]).toAbsolutePath();
        PipelineConfig config;
        try {
            config = ConfigFile.read(file);
        } catch (ReplicationException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(
                        CheckpointDirectory.configuration(config.job().checkpointDirectory()));
        ReplicationJob.build(env, config, file);
        env.execute(config.job().name());
    }
}
