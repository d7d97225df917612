package io.heliosdb.replication.cli.serve;

import io.heliosdb.replication.job.Submission;
import java.util.List;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** What the job's jar does with its arguments, short of running it. */
@FunctionalInterface
interface JobProgram {

    JobProgram OF_THE_JAR = (env, arguments) -> Submission.of(arguments).build(env);

    void build(StreamExecutionEnvironment env, List<String> arguments);
}
