package io.heliosdb.replication.cli.submit;

import io.heliosdb.replication.cli.ConfigOption;
import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.job.local.CheckpointDirectory;
import io.heliosdb.replication.model.config.PipelineConfig;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.apache.flink.api.common.JobID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The end of the running job. */
@Command(
        name = "cancel",
        description = {
            "Ends the running job. Its last checkpoint stays, and 'submit' continues from it.",
        },
        mixinStandardHelpOptions = true)
public final class CancelCommand implements Callable<Integer> {

    @Mixin private ConfigOption config = new ConfigOption();
    @Mixin private RemoteOption remote = new RemoteOption();
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--with-savepoint",
            description = "Stops cleanly: takes a last savepoint and confirms it to the source.")
    private boolean withSavepoint;

    @Override
    public Integer call() {
        PipelineConfig pipeline = config.read();
        PrintWriter out = spec.commandLine().getOut();
        try (RemoteJobs jobs = remote.open()) {
            JobID job = jobs.require(pipeline.job().name());
            if (withSavepoint) {
                out.println(
                        "stopped, state in "
                                + jobs.stop(
                                        job,
                                        CheckpointDirectory.open(
                                                pipeline.job().checkpointDirectory())));
            } else {
                jobs.cancel(job);
                out.println("cancelled " + job);
            }
        }
        return ExitCode.OK;
    }
}
