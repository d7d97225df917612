package io.heliosdb.replication.cli.serve;

import io.heliosdb.replication.core.config.ConfigFile;
import io.heliosdb.replication.job.ReplicationJob;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** What the job's jar does with its arguments, short of running it. */
@FunctionalInterface
interface JobProgram {

    JobProgram OF_THE_JAR =
            (env, arguments) -> {
                Path file = Path.of(arguments.get(1)).toAbsolutePath();
                ReplicationJob.build(env, ConfigFile.read(file), file);
            };

    void build(StreamExecutionEnvironment env, List<String> arguments);
}
