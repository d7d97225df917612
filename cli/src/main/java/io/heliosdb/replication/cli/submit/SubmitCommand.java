package io.heliosdb.replication.cli.submit;

import io.heliosdb.replication.cli.ConfigOption;
import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.core.polling.Polling;
import io.heliosdb.replication.job.local.CheckpointDirectory;
import io.heliosdb.replication.job.local.RestorePoint;
import io.heliosdb.replication.model.config.PipelineConfig;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The job on a Flink cluster. */
@Command(
        name = "submit",
        description = {
            "Submits the job to a Flink cluster and returns once it runs.",
            "Continues from the newest checkpoint or savepoint in job.checkpoint-directory, which must"
                    + " be the same directory here and on the cluster."
        },
        mixinStandardHelpOptions = true)
public final class SubmitCommand implements Callable<Integer> {

    private static final Duration START_PAUSE = Duration.ofMillis(100);

    /** So long the JobManager may take to read the restore point. */
    private static final Duration START_LIMIT = Duration.ofMinutes(5);

    @Mixin private ConfigOption config = new ConfigOption();
    @Mixin private RemoteOption remote = new RemoteOption();
    @Spec private CommandSpec spec = CommandSpec.create();
    @ArgGroup private Beginning beginning = new Beginning();

    /** Where the job begins; at most one of these. */
    static final class Beginning {

        @Option(
                names = "--from-savepoint",
                paramLabel = "PATH",
                description = "Begins from this savepoint or checkpoint.")
        private @Nullable String savepoint;

        @Option(names = "--from-latest", description = "Begins from the newest; the default.")
        private boolean latest;

        @Option(
                names = "--anew",
                description =
                        "Ignores checkpoints: what they keep for paused or broken replications is lost.")
        private boolean anew;

        Optional<RestorePoint> restore(CheckpointDirectory checkpoints) {
            if (savepoint != null) {
                return Optional.of(CheckpointDirectory.at(savepoint));
            }
            return anew ? Optional.empty() : checkpoints.newest();
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        PipelineConfig pipeline = config.read();
        CheckpointDirectory checkpoints =
                CheckpointDirectory.open(pipeline.job().checkpointDirectory());
        Optional<RestorePoint> restore = beginning.restore(checkpoints);
        PrintWriter out = spec.commandLine().getOut();
        try (RemoteJobs jobs = remote.open()) {
            JobID id = jobs.submit(pipeline, config.file().toAbsolutePath().normalize(), restore);
            out.printf(
                    "job %s, %s%n",
                    id,
                    restore.map(point -> "continuing from " + point.path())
                            .orElse("beginning anew"));
            out.flush();
            JobStatus status = jobs.status(id);
            Polling polling = Polling.every(START_PAUSE).within(START_LIMIT);
            while (isStarting(status) && polling.again()) {
                status = jobs.status(id);
            }
            out.println("job is " + status.name().toLowerCase());
            return status == JobStatus.RUNNING ? ExitCode.OK : ExitCode.FINDING;
        }
    }

    private static boolean isStarting(JobStatus status) {
        return status == JobStatus.INITIALIZING || status == JobStatus.CREATED;
    }
}
