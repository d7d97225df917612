package io.heliosdb.replication.job;

import io.heliosdb.replication.job.local.CheckpointDirectory;
import java.util.List;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Entry point of the shaded jar; its arguments stand at {@link Submission}. */
public final class JobMain {

    private JobMain() {}

    public static void main(String[] arguments) throws Exception {
        Submission submission = Submission.of(List.of(arguments));
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(
                        CheckpointDirectory.configuration(submission.job().checkpointDirectory()));
        submission.build(env);
        env.execute(submission.job().name());
    }
}
