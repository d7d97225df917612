package io.heliosdb.replication.cli.submit;

import io.heliosdb.replication.cli.ConfigOption;
import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.job.local.CheckpointDirectory;
import io.heliosdb.replication.model.config.PipelineConfig;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A savepoint of the running job. */
@Command(
        name = "savepoint",
        description = "Takes a savepoint of the running job, which goes on, and prints its path.",
        mixinStandardHelpOptions = true)
public final class SavepointCommand implements Callable<Integer> {

    @Mixin private ConfigOption config = new ConfigOption();
    @Mixin private RemoteOption remote = new RemoteOption();
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        PipelineConfig pipeline = config.read();
        CheckpointDirectory checkpoints =
                CheckpointDirectory.open(pipeline.job().checkpointDirectory());
        try (RemoteJobs jobs = remote.open()) {
            spec.commandLine()
                    .getOut()
                    .println(jobs.savepoint(jobs.require(pipeline.job().name()), checkpoints));
        }
        return ExitCode.OK;
    }
}
